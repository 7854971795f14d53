/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking: begins what is due, takes in what is answered, notes what was seen. Never waits. */
#ifndef EASYMAIL_MONITOR_LOOKS_H
#define EASYMAIL_MONITOR_LOOKS_H

#include "services/monitor/fleet.h"
#include "services/monitor/interfaces.h"

/* What looks need beside the fleet, and what they leave for each other. */
struct looks {
	const struct monitor_settings *settings;
	struct dns *dns; /* for reverse DNS; NULL: not looked at */
	struct interfaces *interfaces;
	size_t under_way; /* questions and connections */
	uint64_t done;    /* looks since the start */
	/* When and from which IP a connection to the target last stood; see looks_connect. */
	struct {
		int64_t at_ms;
		struct ip source;
	} reached[MONITOR_TARGETS_MAX][2];
};

/* One round over everything. IPs of which a verdict has changed are `unruled` then. */
void looks_turn(struct looks *looks, struct fleet *fleet) __attribute__((nonnull));

/* Notes what a look saw: evidence, the row to be written, when to look again. `ttl_ms` is how long the answer may be
 * kept, 0: nothing said. The detail may be NULL where all is well. */
void looks_note(const struct looks *looks, struct watched_ip *ip, struct item *item,
		enum sight sight, const char *detail, int64_t ttl_ms)
    __attribute__((nonnull(1, 2, 3)));

/* By kind; true when the look has come to its end. They set *detail_r and *ttl_ms_r. */
struct look {
	enum sight sight;
	char detail[BLOCKLIST_DETAIL_SIZE];
	int64_t ttl_ms;
	int64_t again_ms; /* look again so soon, whatever was seen; 0: as usual */
};
bool looks_blocklist(struct looks *looks, struct watched_list *list, struct watched_ip *ip,
		     struct item *item, struct look *look_r) __attribute__((nonnull));
bool looks_reverse(struct looks *looks, struct watched_ip *ip, struct item *item,
		   struct look *look_r) __attribute__((nonnull));
bool looks_connect(struct looks *looks, struct watched_ip *ip, struct item *item,
		   struct look *look_r) __attribute__((nonnull));

/* The test points of a list. True when the list is written off, or counts again: see list_is_written_off. */
bool looks_points(struct looks *looks, struct watched_list *list) __attribute__((nonnull));

#endif
