/* SPDX-License-Identifier: BSD-2-Clause */
/* What warming IPs have delivered today, against what they may. */
#include "common/clock.h"
#include "common/log.h"
#include "common/store.h"
#include "services/monitor/fleet_private.h"
#include "services/monitor/ledger.h"
#include "services/monitor/rulings.h"
#include "services/monitor/tallies_private.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REREAD_MINUTES 60 /* what the tracker may still be behind with */

static struct delivered *find(struct tallies *tallies, const char *address)
{
	for (size_t i = 0; i < tallies->count; i++) {
		if (strcmp(tallies->delivered[i].address, address) == 0)
			return &tallies->delivered[i];
	}
	return NULL;
}

static void take_tally(const struct journal_tally *tally, void *context)
{
	struct tallies *tallies = context;
	struct delivered *delivered = find(tallies, tally->egress);

	if (delivered == NULL || tally->class != REPLY_ACCEPTED)
		return;
	if (tally->minute < tallies->through)
		delivered->before += tally->count;
	else
		delivered->since += tally->count;
}

/* Begins anew for the warming IPs of now; false: there is none. */
static bool begin(struct tallies *tallies, const struct fleet *fleet, const char *today)
{
	int64_t allowance;

	tallies->count = 0;
	for (size_t i = 0; i < fleet->ip_count; i++) {
		const struct egress_ip_row *row = &fleet->ips[i].row;

		if (row->ip.state != EGRESS_WARMING ||
		    !rulings_is_warming(fleet, row, today, &allowance))
			continue;
		tallies->delivered =
		    fleet_grow(tallies->delivered, tallies->count, sizeof(*tallies->delivered));
		memcpy(tallies->delivered[tallies->count++].address, row->address, IP_TEXT_SIZE);
	}
	return tallies->count > 0;
}

/* Are the sums those of the IPs that warm up now, of this day, and not too old to be gone on from? */
static bool may_go_on(struct tallies *tallies, const struct fleet *fleet, int64_t first,
		      int64_t now)
{
	size_t warming = 0;

	for (size_t i = 0; i < fleet->ip_count; i++) {
		const struct egress_ip_row *row = &fleet->ips[i].row;

		if (row->ip.state == EGRESS_WARMING && find(tallies, row->address) != NULL)
			warming++;
		else if (row->ip.state == EGRESS_WARMING)
			return false;
	}
	return warming == tallies->count && tallies->first == first &&
	       now - tallies->through < 2 * REREAD_MINUTES;
}

/* Sums up what the IPs have delivered today; false: nothing to sum up, or the journal says nothing. */
static bool count(struct tallies *tallies, const struct monitor_settings *settings,
		  const struct fleet *fleet, const char *today)
{
	int64_t now = (int64_t)time(NULL) / 60, first = now - now % 1440, since;

	if (may_go_on(tallies, fleet, first, now)) {
		since = tallies->through;
		for (size_t i = 0; i < tallies->count; i++)
			tallies->delivered[i].since = 0;
	} else {
		if (!begin(tallies, fleet, today))
			return false;
		since = tallies->first = first;
		tallies->through = now - REREAD_MINUTES > first ? now - REREAD_MINUTES : first;
	}
	if (tallies->count > 0 && tallies_read(tallies, settings, since, "*", take_tally, tallies))
		return true;
	tallies->count = 0;
	return false;
}

static bool is_spent(struct tallies *tallies, const struct fleet *fleet,
		     const struct egress_ip_row *row, const char *today)
{
	const struct delivered *delivered = find(tallies, row->address);
	int64_t allowance;

	if (delivered == NULL || !rulings_is_warming(fleet, row, today, &allowance))
		return row->ip.spent;
	return delivered->before + delivered->since >= allowance;
}

static bool write_spent(struct db *db, struct tallies *tallies, const struct fleet *fleet,
			const char *today, struct error *err)
{
	for (size_t i = 0; i < fleet->ip_count; i++) {
		const struct egress_ip_row *row = &fleet->ips[i].row;
		bool spent = is_spent(tallies, fleet, row, today);

		if (spent == row->ip.spent)
			continue;
		if (!supervision_set_spent(db, row->address, spent, err))
			return false;
		log_info("egress %s: today's allowance of its warm-up is %s", row->address,
			 spent ? "used up" : "there again");
	}
	return true;
}

static bool is_due(struct tallies *tallies, const struct fleet *fleet, const char *today)
{
	for (size_t i = 0; i < fleet->ip_count; i++) {
		const struct egress_ip_row *row = &fleet->ips[i].row;

		if (is_spent(tallies, fleet, row, today) != row->ip.spent)
			return true;
	}
	return false;
}

bool tallies_allowances(struct tallies *tallies, const struct monitor_settings *settings,
			const struct fleet *fleet, bool *changed_r, struct error *err)
{
	struct db *db = NULL;
	char today[DATE_SIZE];
	bool done;

	*changed_r = false;
	if (clock_ms() < tallies->allowances_due_ms)
		return true;
	tallies->allowances_due_ms = fleet_jitter(settings->confirm_ms);
	ledger_day(time(NULL), today);
	if (!count(tallies, settings, fleet, today) || !is_due(tallies, fleet, today))
		return true;
	done = store_open(settings->database, STORE_WRITE, settings->busy_ms, &db, err) &&
	       store_begin(db, err) && write_spent(db, tallies, fleet, today, err) &&
	       store_commit(db, err);
	store_close(db);
	*changed_r = done;
	return done;
}
