/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes down what the monitor knows and decides: evidence and states in tenants.db, the changes in the journal. */
#ifndef EASYMAIL_MONITOR_LEDGER_H
#define EASYMAIL_MONITOR_LEDGER_H

#include "services/monitor/fleet.h"

#define LEDGER_ACTOR "easymail-monitor"

/* A change of state that is committed. */
struct move {
	struct egress_ip_row row; /* as it was */
	enum egress_state state;
	char reason[TITLE_SIZE];
	int64_t at; /* UTC, seconds */
};

typedef void ledger_moved(const struct move *move, void *context);

/* Is there anything to write? */
bool ledger_is_due(const struct fleet *fleet) __attribute__((nonnull));

/*
 * Evidence that has changed and the rulings of `unruled` IPs in one transaction, then the journal's rows, then
 * `moved` for each change. False: nothing was written, all of it stays due. The rows of
 * moved IPs in the fleet are as before: their change raises the generation, by which the fleet is read anew.
 */
bool ledger_write(struct db *db, const struct monitor_settings *settings, struct fleet *fleet,
		  ledger_moved *moved, void *context, struct error *err)
    __attribute__((nonnull(1, 2, 3, 4, 6), warn_unused_result));

/* After a start: changes that are committed, but not in the journal because the one before was killed between, are
 * entered and given to `moved` too. */
void ledger_recover(const struct monitor_settings *settings, const struct fleet *fleet,
		    ledger_moved *moved, void *context) __attribute__((nonnull(1, 2, 3)));

/* The day of `when`, "2026-01-31", UTC. */
void ledger_day(int64_t when, char day_r[DATE_SIZE]) __attribute__((nonnull));

#endif
