/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of table content_rule. */
#include "common/content_rule_rows.h"
#include "common/db.h"

#define SELECT                                                                        \
	"SELECT r.id, ifnull(t.name, iif(r.tenant_id = 0, '', '#' || r.tenant_id)), " \
	"r.position, r.enabled, r.condition, r.action, r.comment, r.created"          \
	" FROM content_rule r LEFT JOIN tenant t ON t.id = r.tenant_id"
#define ORDER " ORDER BY r.tenant_id, r.position, r.id"

typedef void each_row(const struct content_rule_row *row, void *context);

static void give(struct db_query *query, each_row *each, void *context)
{
	struct content_rule_row row = {
	    .number = db_int(query, 0),
	    .tenant = db_text(query, 1),
	    .position = db_int(query, 2),
	    .enabled = db_int(query, 3) != 0,
	    .condition = db_text(query, 4),
	    .action = db_text(query, 5),
	    .comment = db_text(query, 6),
	    .created = db_text(query, 7),
	};

	each(&row, context);
}

/* 0 for the provider. */
static bool get_owner(struct db *db, const char *tenant, int64_t *id_r, struct error *err)
{
	struct tenant_row row = {0};

	if (tenant[0] != '\0' && !tenants_get(db, tenant, &row, err))
		return false;
	*id_r = row.id;
	return true;
}

static bool give_all(struct db_query *query, each_row *each, void *context, struct error *err)
{
	enum found found;

	while ((found = db_step(query, err)) == FOUND_ONE)
		give(query, each, context);
	return found == FOUND_NONE;
}

bool content_rule_rows_list(struct db *db, const char *tenant, each_row *each, void *context,
			    struct error *err)
{
	struct db_query *query;
	int64_t owner;

	if (tenant == NULL) {
		query = db_query(db, SELECT ORDER, err);
		return query != NULL && give_all(query, each, context, err);
	}
	if (!get_owner(db, tenant, &owner, err))
		return false;
	query = db_query(db, SELECT " WHERE r.tenant_id = ?1" ORDER, err);
	if (query == NULL)
		return false;
	db_bind_int(query, 1, owner);
	return give_all(query, each, context, err);
}

bool content_rule_rows_get(struct db *db, int64_t number, each_row *each, void *context,
			   struct error *err)
{
	struct db_query *query = db_query(db, SELECT " WHERE r.id = ?1", err);
	enum found found;

	if (query == NULL)
		return false;
	db_bind_int(query, 1, number);
	found = db_step(query, err);
	if (found == FOUND_ONE)
		give(query, each, context);
	db_reset(query);
	if (found == FOUND_NONE)
		return error_set(err, "rule: there is no rule %lld; see `easymailctl rule list`",
				 (long long)number);
	return found == FOUND_ONE;
}

/* Runs a statement on one rule; an error when there is none. */
static bool change(struct db *db, struct db_query *query, int64_t number, struct error *err)
{
	if (query == NULL)
		return false;
	db_bind_int(query, 1, number);
	if (!db_run(query, err))
		return false;
	return db_changes(db) > 0 ||
	       error_set(err, "rule: there is no rule %lld; see `easymailctl rule list`",
			 (long long)number);
}

static bool insert(struct db *db, int64_t owner, const struct content_rule_row *row,
		   struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "INSERT INTO content_rule (tenant_id, enabled, condition, action, comment)"
		     " VALUES (?1, ?2, ?3, ?4, ?5)",
		     err);

	if (query == NULL)
		return false;
	db_bind_int(query, 1, owner);
	db_bind_int(query, 2, row->enabled);
	db_bind_text(query, 3, row->condition);
	db_bind_text(query, 4, row->action);
	db_bind_text(query, 5, row->comment);
	return db_run(query, err);
}

static bool last_number(struct db *db, int64_t *number_r, struct error *err)
{
	struct db_query *query =
	    db_query(db, "SELECT seq FROM sqlite_sequence WHERE name = 'content_rule'", err);

	if (query == NULL || db_step(query, err) != FOUND_ONE)
		return false;
	*number_r = db_int(query, 0);
	db_reset(query);
	return true;
}

bool content_rule_rows_add(struct db *db, const struct content_rule_row *row, int64_t *number_r,
			   struct error *err)
{
	int64_t owner;

	return get_owner(db, row->tenant, &owner, err) && insert(db, owner, row, err) &&
	       last_number(db, number_r, err) &&
	       (row->position == 0 || content_rule_rows_move(db, *number_r, row->position, err));
}

/* The owner's others are counted from 1 again, with a gap at the place. */
bool content_rule_rows_move(struct db *db, int64_t number, int64_t position, struct error *err)
{
	struct db_query *query;

	if (position < 1)
		return error_set(err, "position: %lld is none; the first is 1",
				 (long long)position);
	query = db_query(
	    db,
	    "UPDATE content_rule SET position = o.place + (o.place >= ?2) FROM"
	    " (SELECT id, row_number() OVER (ORDER BY position, id) AS place FROM content_rule"
	    " WHERE id <> ?1 AND tenant_id = (SELECT tenant_id FROM content_rule WHERE id = ?1)) o"
	    " WHERE o.id = content_rule.id AND content_rule.position <>"
	    " o.place + (o.place >= ?2)",
	    err);
	if (query == NULL)
		return false;
	db_bind_int(query, 1, number);
	db_bind_int(query, 2, position);
	if (!db_run(query, err))
		return false;
	query = db_query(
	    db,
	    "UPDATE content_rule SET position = min(?2, (SELECT count(*) FROM content_rule o"
	    " WHERE o.tenant_id = content_rule.tenant_id)) WHERE id = ?1",
	    err);
	if (query != NULL)
		db_bind_int(query, 2, position);
	return change(db, query, number, err);
}

bool content_rule_rows_enable(struct db *db, int64_t number, bool enabled, struct error *err)
{
	struct db_query *query =
	    db_query(db, "UPDATE content_rule SET enabled = ?2 WHERE id = ?1", err);

	if (query != NULL)
		db_bind_int(query, 2, enabled);
	return change(db, query, number, err);
}

bool content_rule_rows_delete(struct db *db, int64_t number, struct error *err)
{
	return change(db, db_query(db, "DELETE FROM content_rule WHERE id = ?1", err), number, err);
}
