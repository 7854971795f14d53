/* SPDX-License-Identifier: BSD-2-Clause */
/* What the monitor has in mind: the egress IPs, the blocklists, and a series of looks for each thing watched. */
#ifndef EASYMAIL_MONITOR_FLEET_H
#define EASYMAIL_MONITOR_FLEET_H

#include "common/blocklists.h"
#include "common/supervision_rows.h"
#include "services/monitor/evidence.h"
#include "services/monitor/probe.h"
#include "services/monitor/resolvers.h"
#include "services/monitor/warmup.h"

/* One thing that is watched of one IP. */
struct item {
	enum evidence_kind kind;
	size_t list;   /* blocklist: index into the fleet's lists */
	char *subject; /* as in evidence_row; owned */
	struct evidence evidence;
	char *detail; /* what was seen when it last was bad, or is unknown for; NULL; owned */
	bool dirty;   /* evidence or detail are not in the database as they are here */
	bool stored;  /* the database has a row */
	int64_t due_ms;
	int64_t
	    since_ms; /* a look that was bad counts when something else is seen that began after this: the
	                     list's proof, another IP's connection; 0: no look waits */
	struct dns_question *questions[2]; /* under way; NULL: none */
	struct probe *probe;               /* the same */
};

struct watched_ip {
	struct egress_ip_row row;
	bool unruled; /* something has changed that its state hangs on */
	size_t item_count;
	struct item *items;
};

/* What a list's test points say of one address family. */
struct list_points {
	bool wanted;
	struct dns_question *listed, *clear; /* under way; NULL: none */
	int64_t due_ms, begun_ms;
	int64_t judged_ms; /* when the questions were begun that `health` is from; 0: never */
	enum blocklist_health health;
	unsigned bad_run; /* judged bad so often in a row */
	char detail[BLOCKLIST_DETAIL_SIZE];
};

struct watched_list {
	struct blocklist_row row;
	struct dns *dns;              /* NULL: cannot be asked */
	struct list_points points[2]; /* IPv4, IPv6 */
};

struct fleet {
	int64_t provider; /* the generation that it was read as of */
	size_t ip_count, list_count;
	struct watched_ip *ips;
	struct watched_list *lists;
	struct warmup_schedule schedule;
};

/* What reading needs beside the database. */
struct fleet_sources {
	const struct monitor_settings *settings;
	struct resolvers *resolvers;
};

/* Reads all of it within the caller's transaction. What `old` (NULL at first) knows of things that are still watched is
 * taken over, questions under way too, unless an operator has set the IP's state since; evidence of others comes from
 * the database. `old` is freed when this succeeds, and stays as it is when it fails. */
bool fleet_read(struct db *db, const struct fleet_sources *sources, struct fleet *old,
		struct fleet **fleet_r, struct error *err)
    __attribute__((nonnull(1, 2, 4, 5), warn_unused_result));
void fleet_free(struct fleet *fleet); /* takes NULL; gives up what is under way */

/* The item for a receiving domain's refusals, made when it is not there. */
struct item *fleet_refusal_item(struct watched_ip *ip, const char *domain) __attribute__((nonnull));

/* Its test points were wrong so often in a row that no listing of it counts, not even one from before. */
bool list_is_written_off(const struct watched_list *list, bool ipv6,
			 const struct evidence_rules *rules) __attribute__((nonnull));

/* Replaces the text; NULL takes it away. */
void item_set_detail(struct item *item, const char *detail) __attribute__((nonnull(1)));

/* A time about `ms` from now: a tenth earlier or later, so that looks spread. */
int64_t fleet_jitter(int64_t ms);

#endif
