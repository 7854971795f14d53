/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of egress_evidence and warmup_step, and the monitor's changes of egress_ip. */
#include "common/supervision_rows.h"
#include "common/db.h"
#include "common/text_rule.h"
#include <string.h>

static const char *const kind_names[] = {
    [EVIDENCE_INTERFACE] = "interface", [EVIDENCE_CONNECT] = "connect",
    [EVIDENCE_REVERSE] = "reverse",     [EVIDENCE_BLOCKLIST] = "blocklist",
    [EVIDENCE_REFUSAL] = "refusal",
};

const char *evidence_kind_name(enum evidence_kind kind)
{
	return kind_names[kind];
}

static bool parse_kind(const char *text, enum evidence_kind *kind_r)
{
	for (size_t i = 0; i < sizeof(kind_names) / sizeof(kind_names[0]); i++) {
		if (strcmp(text, kind_names[i]) == 0) {
			*kind_r = (enum evidence_kind)i;
			return true;
		}
	}
	return false;
}

/* False: nothing that can be used. */
static bool read_row(struct db_query *query, struct evidence_row *row_r)
{
	int64_t history = db_int(query, 3), looks = db_int(query, 4);

	text_rule_copy(row_r->address, sizeof(row_r->address), db_text(query, 0));
	text_rule_copy(row_r->subject, sizeof(row_r->subject), db_text(query, 2));
	row_r->history = (uint32_t)history;
	row_r->looks = (unsigned)looks;
	row_r->bad = db_int(query, 5) == 1;
	text_rule_copy(row_r->detail, sizeof(row_r->detail), db_text(query, 6));
	text_rule_copy(row_r->since, sizeof(row_r->since), db_text(query, 7));
	return parse_kind(db_text(query, 1), &row_r->kind) && looks >= 0 && looks <= 32 &&
	       history >= 0 && history <= UINT32_MAX;
}

bool evidence_rows_list(struct db *db, const char *address,
			void (*each)(const struct evidence_row *row, void *context), void *context,
			struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "SELECT address, kind, subject, history, looks, bad, detail, since FROM"
		     " egress_evidence WHERE ?1 IS NULL OR address = ?1 ORDER BY address, kind,"
		     " subject",
		     err);
	struct evidence_row row;
	enum found found;

	if (!query)
		return false;
	if (address != NULL)
		db_bind_text(query, 1, address);
	while ((found = db_step(query, err)) == FOUND_ONE) {
		if (read_row(query, &row))
			each(&row, context);
	}
	return found == FOUND_NONE;
}

static struct db_query *bind_key(struct db_query *query, const struct evidence_row *row)
{
	if (query) {
		db_bind_text(query, 1, row->address);
		db_bind_text(query, 2, kind_names[row->kind]);
		db_bind_text(query, 3, row->subject);
	}
	return query;
}

bool evidence_rows_put(struct db *db, const struct evidence_row *row, struct error *err)
{
	struct db_query *query = bind_key(
	    db_query(db,
		     "INSERT INTO egress_evidence (address, kind, subject, history, looks, bad,"
		     " detail) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7"
		     " WHERE EXISTS (SELECT 1 FROM egress_ip WHERE address = ?1)"
		     " ON CONFLICT (address, kind, subject) DO UPDATE SET history = ?4, looks = ?5,"
		     " detail = ?7, since = iif(bad = ?6, since, strftime('%Y-%m-%dT%H:%M:%SZ',"
		     " 'now')), bad = ?6",
		     err),
	    row);

	if (!query)
		return false;
	db_bind_int(query, 4, row->history);
	db_bind_int(query, 5, row->looks);
	db_bind_int(query, 6, row->bad);
	db_bind_text(query, 7, row->detail);
	return db_run(query, err);
}

bool evidence_rows_delete(struct db *db, const struct evidence_row *row, struct error *err)
{
	struct db_query *query = bind_key(
	    db_query(
		db, "DELETE FROM egress_evidence WHERE address = ?1 AND kind = ?2 AND subject = ?3",
		err),
	    row);

	return query && db_run(query, err);
}

enum found supervision_move(struct db *db, const struct egress_ip_row *seen,
			    enum egress_state state, const char *reason, struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "UPDATE egress_ip SET state = ?2, state_by = 'monitor', moves = moves + 1,"
		     " reason = ?3, state_since = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),"
		     " spent = iif(?2 = 'warming', spent, 0),"
		     " warmup_start = iif(?2 = 'active', NULL, warmup_start)"
		     " WHERE id = ?1 AND state = ?4 AND state_by = ?5 AND state_since = ?6"
		     " AND address = ?7",
		     err);

	if (!query)
		return FOUND_ERROR;
	db_bind_int(query, 1, seen->id);
	db_bind_text(query, 2, egress_state_name(state));
	db_bind_text(query, 3, reason);
	db_bind_text(query, 4, egress_state_name(seen->ip.state));
	db_bind_text(query, 5, seen->by_monitor ? "monitor" : "operator");
	db_bind_text(query, 6, seen->state_since);
	db_bind_text(query, 7, seen->address);
	if (!db_run(query, err))
		return FOUND_ERROR;
	return db_changes(db) > 0 ? FOUND_ONE : FOUND_NONE;
}

bool supervision_set_spent(struct db *db, const char *address, bool spent, struct error *err)
{
	struct db_query *query =
	    db_query(db, "UPDATE egress_ip SET spent = ?2 WHERE address = ?1 AND spent <> ?2", err);

	if (!query)
		return false;
	db_bind_text(query, 1, address);
	db_bind_int(query, 2, spent);
	return db_run(query, err);
}

bool supervision_generation(struct db *db, int64_t *provider_r, struct error *err)
{
	struct db_query *query = db_query(db, "SELECT provider FROM generation", err);

	if (!query || db_step(query, err) != FOUND_ONE)
		return false;
	*provider_r = db_int(query, 0);
	db_reset(query);
	return true;
}

bool warmup_steps_list(struct db *db, void (*each)(int64_t day, int64_t allowance, void *context),
		       void *context, struct error *err)
{
	struct db_query *query =
	    db_query(db, "SELECT day, allowance FROM warmup_step ORDER BY day", err);
	enum found found;

	if (!query)
		return false;
	while ((found = db_step(query, err)) == FOUND_ONE)
		each(db_int(query, 0), db_int(query, 1), context);
	return found == FOUND_NONE;
}
