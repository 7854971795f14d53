/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages under way. */
#include "common/journal_position.h"
#include "common/journal_private.h"
#include "common/text_rule.h"

enum found journal_message_get(struct journal *journal, const char *queue_id,
			       struct journal_message *message_r, struct error *err)
{
	enum found found;
	struct db_query *query =
	    db_query(journal->db, "SELECT sender, tenant FROM message WHERE queue_id = ?1", err);

	if (query == NULL)
		return FOUND_ERROR;
	db_bind_text(query, 1, queue_id);
	found = db_step(query, err);
	if (found == FOUND_ONE) {
		text_rule_copy(message_r->sender, sizeof(message_r->sender), db_text(query, 0));
		text_rule_copy(message_r->tenant, sizeof(message_r->tenant), db_text(query, 1));
	}
	db_reset(query);
	return found;
}

bool journal_message_put(struct journal *journal, const char *queue_id, int64_t at,
			 const char *sender, const char *tenant, struct error *err)
{
	struct db_query *query =
	    db_query(journal->db,
		     "INSERT INTO message (queue_id, at, sender, tenant)"
		     " VALUES (?1, ?2, ifnull(?3, ''), ifnull(?4, ''))"
		     " ON CONFLICT DO UPDATE SET at = ?2, sender = ifnull(?3, sender),"
		     " tenant = ifnull(?4, tenant)",
		     err);

	if (query == NULL)
		return false;
	db_bind_text(query, 1, queue_id);
	db_bind_int(query, 2, at);
	db_bind_text(query, 3, sender);
	db_bind_text(query, 4, tenant);
	return db_run(query, err);
}

bool journal_message_drop(struct journal *journal, const char *queue_id, struct error *err)
{
	struct db_query *query =
	    db_query(journal->db, "DELETE FROM message WHERE queue_id = ?1", err);

	if (query == NULL)
		return false;
	db_bind_text(query, 1, queue_id);
	return db_run(query, err);
}
