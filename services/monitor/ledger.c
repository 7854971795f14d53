/* SPDX-License-Identifier: BSD-2-Clause */
/* One transaction for all that is due, then the journal. */
#include "services/monitor/ledger.h"
#include "common/journal.h"
#include "common/log.h"
#include "common/store.h"
#include "common/text_rule.h"
#include "services/monitor/fleet_private.h"
#include "services/monitor/rulings.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct writing {
	struct db *db;
	const struct monitor_settings *settings;
	struct fleet *fleet;
	size_t count;
	struct move *moves;
	char today[DATE_SIZE];
};

void ledger_day(int64_t when, char day_r[DATE_SIZE])
{
	time_t seconds = (time_t)when;
	struct tm utc;

	day_r[0] = '\0';
	if (gmtime_r(&seconds, &utc) != NULL)
		strftime(day_r, DATE_SIZE, "%Y-%m-%d", &utc);
}

static bool write_item(const struct writing *writing, const struct watched_ip *ip,
		       const struct item *item, struct error *err)
{
	struct evidence_row row = {.kind = item->kind,
				   .history = item->evidence.history,
				   .looks = item->evidence.looks,
				   .bad = item->evidence.bad};

	text_rule_copy(row.address, sizeof(row.address), ip->row.address);
	text_rule_copy(row.subject, sizeof(row.subject), item->subject);
	text_rule_copy(row.detail, sizeof(row.detail), item->detail ? item->detail : "");
	return evidence_is_blank(&item->evidence) ? evidence_rows_delete(writing->db, &row, err)
						  : evidence_rows_put(writing->db, &row, err);
}

/* The state that the IP should be in, if it is in another. False: error. */
static bool write_ruling(struct writing *writing, const struct watched_ip *ip, struct error *err)
{
	struct egress_ruling ruling;
	struct move *move;

	rulings_make(writing->fleet, ip, &writing->settings->rules, writing->today, &ruling);
	if (ruling.state == ip->row.ip.state)
		return true;
	switch (supervision_move(writing->db, &ip->row, ruling.state, ruling.reason, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE: /* somebody was faster; the fleet is read anew for it */
		return true;
	case FOUND_ONE:
		break;
	}
	writing->moves = fleet_grow(writing->moves, writing->count, sizeof(*writing->moves));
	move = &writing->moves[writing->count++];
	*move = (struct move){.row = ip->row, .state = ruling.state, .at = time(NULL)};
	text_rule_copy(move->reason, sizeof(move->reason), ruling.reason);
	return true;
}

static bool write_ip(struct writing *writing, const struct watched_ip *ip, struct error *err)
{
	for (size_t i = 0; i < ip->item_count; i++) {
		if (ip->items[i].dirty && !write_item(writing, ip, &ip->items[i], err))
			return false;
	}
	return !ip->unruled || write_ruling(writing, ip, err);
}

/* What the two families' test points say together: the worse, with its reason. */
static const struct list_points *list_points(const struct watched_list *list)
{
	const struct list_points *v4 = &list->points[0], *v6 = &list->points[1];

	if (!v4->wanted || (v6->wanted && v6->health == BLOCKLIST_BAD))
		return v6;
	return v6->wanted && v4->health == BLOCKLIST_GOOD ? v6 : v4;
}

static bool list_is_due(const struct watched_list *list)
{
	const struct list_points *points = list_points(list);

	return points->judged_ms != 0 && (points->health != list->row.health ||
					  strcmp(points->detail, list->row.health_detail) != 0);
}

static bool write_lists(const struct writing *writing, struct error *err)
{
	for (size_t i = 0; i < writing->fleet->list_count; i++) {
		const struct watched_list *list = &writing->fleet->lists[i];
		const struct list_points *points = list_points(list);

		if (list_is_due(list) &&
		    !blocklists_set_health(writing->db, list->row.zone, points->health,
					   points->detail, err))
			return false;
	}
	return true;
}

static bool write_all(struct writing *writing, struct error *err)
{
	for (size_t i = 0; i < writing->fleet->ip_count; i++) {
		if (!write_ip(writing, &writing->fleet->ips[i], err))
			return false;
	}
	return write_lists(writing, err);
}

static bool ip_is_due(const struct watched_ip *ip)
{
	for (size_t i = 0; i < ip->item_count; i++) {
		if (ip->items[i].dirty)
			return true;
	}
	return ip->unruled;
}

bool ledger_is_due(const struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->ip_count; i++) {
		if (ip_is_due(&fleet->ips[i]))
			return true;
	}
	for (size_t i = 0; i < fleet->list_count; i++) {
		if (list_is_due(&fleet->lists[i]))
			return true;
	}
	return false;
}

/* It is written: nothing of it is due any more. */
static void settle(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->ip_count; i++) {
		struct watched_ip *ip = &fleet->ips[i];

		ip->unruled = false;
		for (size_t k = 0; k < ip->item_count; k++) {
			if (ip->items[k].dirty)
				ip->items[k].stored = !evidence_is_blank(&ip->items[k].evidence);
			ip->items[k].dirty = false;
		}
	}
	for (size_t i = 0; i < fleet->list_count; i++) {
		struct watched_list *list = &fleet->lists[i];
		const struct list_points *points = list_points(list);

		if (!list_is_due(list))
			continue;
		list->row.health = points->health;
		snprintf(list->row.health_detail, sizeof(list->row.health_detail), "%s",
			 points->detail);
		if (points->health == BLOCKLIST_GOOD)
			log_info("blocklist %s: its test points are right", list->row.zone);
		else
			log_warning("blocklist %s: %s; what it says does not count", list->row.zone,
				    points->detail);
	}
}

static void note_move(const struct monitor_settings *settings, const struct move *move)
{
	struct journal_audit audit = {
	    .at = move->at,
	    .actor = LEDGER_ACTOR,
	    .kind = "egress",
	    .subject = move->row.address,
	    .old_state = egress_state_name(move->row.ip.state),
	    .new_state = egress_state_name(move->state),
	    .reason = move->reason,
	};
	struct error err;

	log_warning("egress %s of group %s: %s, was %s: %s", audit.subject, move->row.group,
		    audit.new_state, audit.old_state, audit.reason);
	if (!journal_note(settings->journal, settings->busy_ms, &audit, 1, &err))
		log_error("the change is not in the journal: %s", err.text);
}

bool ledger_write(struct db *db, const struct monitor_settings *settings, struct fleet *fleet,
		  ledger_moved *moved, void *context, struct error *err)
{
	struct writing writing = {.db = db, .settings = settings, .fleet = fleet};
	bool done;

	ledger_day(time(NULL), writing.today);
	done = store_begin(db, err) && write_all(&writing, err) && store_commit(db, err);
	if (!done)
		store_rollback(db);
	else
		settle(fleet);
	for (size_t i = 0; done && i < writing.count; i++) {
		note_move(settings, &writing.moves[i]);
		moved(&writing.moves[i], context);
	}
	free(writing.moves);
	return done;
}

struct last {
	char state[16];
	bool any;
};

static void take_last(const struct journal_audit *audit, void *context)
{
	struct last *last = context;

	snprintf(last->state, sizeof(last->state), "%s", audit->new_state);
	last->any = true;
}

/* The state before is what the journal last knew; without any it began active. */
static void recover_ip(const struct monitor_settings *settings, struct journal *journal,
		       const struct egress_ip_row *row, ledger_moved *moved, void *context)
{
	struct move move = {.row = *row, .state = row->ip.state, .at = time(NULL)};
	struct journal_audit_filter filter = {
	    .kind = "egress", .subject = row->address, .limit = 1};
	struct last last = {.any = false};
	struct error err;
	bool known = journal_begin(journal, &err) &&
		     journal_audit_list(journal, &filter, take_last, &last, &err);

	journal_rollback(journal);
	if (!known || strcmp(last.state, egress_state_name(row->ip.state)) == 0)
		return;
	if (!last.any || !egress_state_parse(last.state, &move.row.ip.state))
		move.row.ip.state = EGRESS_ACTIVE;
	if (move.row.ip.state == move.state)
		return;
	text_rule_copy(move.reason, sizeof(move.reason), row->reason);
	note_move(settings, &move);
	moved(&move, context);
}

void ledger_recover(const struct monitor_settings *settings, const struct fleet *fleet,
		    ledger_moved *moved, void *context)
{
	struct journal *journal = NULL;
	struct error err;
	size_t taken;

	/* Rows that wait in the spool first, or they would be entered once more. */
	if (!journal_open(settings->journal, JOURNAL_WRITE, settings->busy_ms, &journal, &err) ||
	    !journal_take_spool(journal, &taken, &err)) {
		log_warning("changes before the start are not compared with the journal: %s",
			    err.text);
		journal_close(journal);
		return;
	}
	for (size_t i = 0; i < fleet->ip_count; i++) {
		if (fleet->ips[i].row.by_monitor)
			recover_ip(settings, journal, &fleet->ips[i].row, moved, context);
	}
	journal_close(journal);
}
