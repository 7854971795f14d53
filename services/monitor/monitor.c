/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of a turn, and what happens while the database does not answer. */
#include "services/monitor/monitor.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/store.h"
#include "services/monitor/announce.h"
#include "services/monitor/ledger.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#define READ_MS 1000 /* how soon a change of policy is seen */

/* Logs when the database begins to fail and when it answers again. */
static void note_database(struct monitor *monitor, bool done, const struct error *err)
{
	if (!done && monitor->error[0] == '\0')
		log_alarm("database: %s; no address is moved until it is mended", err->text);
	if (done && monitor->error[0] != '\0')
		log_info("database: answers again");
	snprintf(monitor->error, sizeof(monitor->error), "%s", done ? "" : err->text);
}

/* Reads the fleet if the generation says that it has changed. */
static bool read_changes(struct monitor *monitor, struct error *err)
{
	struct fleet_sources sources = {&monitor->settings, monitor->resolvers};
	int64_t provider;
	bool done;

	if (monitor->db == NULL && !store_open(monitor->settings.database, STORE_READ,
					       monitor->settings.busy_ms, &monitor->db, err))
		return false;
	done = store_begin(monitor->db, err) && supervision_generation(monitor->db, &provider, err);
	if (done && (monitor->fleet == NULL || provider != monitor->fleet->provider))
		done = fleet_read(monitor->db, &sources, monitor->fleet, &monitor->fleet, err);
	store_rollback(monitor->db);
	return done;
}

static void read_policy(struct monitor *monitor)
{
	struct error err;
	bool done;

	if (clock_ms() < monitor->read_due_ms)
		return;
	monitor->read_due_ms = clock_ms() + READ_MS;
	done = read_changes(monitor, &err);
	note_database(monitor, done, &err);
	if (!done) {
		store_close(monitor->db);
		monitor->db = NULL;
	}
}

static void moved(const struct move *move, void *context)
{
	struct monitor *monitor = context;

	announce_move(&monitor->settings, monitor->children, move);
	if (monitor->helper != NULL)
		helper_ask(monitor->helper);
	monitor->read_due_ms = 0;
	control_count_move(monitor->control);
}

static bool write_down(struct monitor *monitor, struct error *err)
{
	struct db *db;
	bool done;

	if (!ledger_is_due(monitor->fleet))
		return true;
	if (!store_open(monitor->settings.database, STORE_WRITE, monitor->settings.busy_ms, &db,
			err))
		return false;
	done = ledger_write(db, &monitor->settings, monitor->fleet, moved, monitor, err);
	store_close(db);
	return done;
}

/* A new day may be beyond a warm-up's last. */
static void note_day(struct monitor *monitor)
{
	char today[DATE_SIZE];

	ledger_day(time(NULL), today);
	if (strcmp(today, monitor->today) == 0)
		return;
	memcpy(monitor->today, today, sizeof(today));
	for (size_t i = 0; i < monitor->fleet->ip_count; i++)
		monitor->fleet->ips[i].unruled = true;
}

/* Evidence and states; while the database fails, once a second. */
static void rule(struct monitor *monitor)
{
	struct error err = {""};
	bool changed, done;

	if (monitor->error[0] != '\0')
		return;
	done = write_down(monitor, &err) && tallies_allowances(monitor->tallies, &monitor->settings,
							       monitor->fleet, &changed, &err);
	note_database(monitor, done, &err);
	if (done && changed) {
		monitor->read_due_ms = 0;
		if (monitor->helper != NULL)
			helper_ask(monitor->helper);
	}
}

void monitor_turn(struct monitor *monitor)
{
	read_policy(monitor);
	if (monitor->fleet != NULL) {
		if (!monitor->recovered)
			ledger_recover(&monitor->settings, monitor->fleet, moved, monitor);
		monitor->recovered = true;
		note_day(monitor);
		looks_turn(&monitor->looks, monitor->fleet);
		tallies_refusals(monitor->tallies, &monitor->looks, monitor->fleet);
		rule(monitor);
		control_publish(monitor->control, &monitor->looks, monitor->fleet, monitor->error);
	}
	child_queue_turn(monitor->children);
	if (monitor->helper != NULL)
		helper_turn(monitor->helper);
}
