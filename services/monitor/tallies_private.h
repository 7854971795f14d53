/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the two readers of the journal's tallies. */
#ifndef EASYMAIL_MONITOR_TALLIES_PRIVATE_H
#define EASYMAIL_MONITOR_TALLIES_PRIVATE_H

#include "common/journal_delivery.h"
#include "services/monitor/tallies.h"

struct tallies {
	int64_t refusals_due_ms, allowances_due_ms;
	bool failing; /* the journal could not be read, and the log says so */
	/* What each warming IP delivered from the day's first minute up to, not including, `through`. */
	int64_t first, through;
	size_t count;
	struct delivered {
		char address[IP_TEXT_SIZE];
		int64_t before, since; /* `through` */
	} * delivered;
};

/* Reads from minute `since` on, of one domain or with NULL of all. False: nothing was read. */
bool tallies_read(struct tallies *tallies, const struct monitor_settings *settings, int64_t since,
		  const char *domain,
		  void (*each)(const struct journal_tally *tally, void *context), void *context)
    __attribute__((nonnull(1, 2, 5)));

#endif
