/* SPDX-License-Identifier: BSD-2-Clause */
/* How far the mail log has been read. */
#include "common/journal_position.h"
#include "common/journal_private.h"
#include "common/text_rule.h"

/* SQLite's integers are signed; the cast there and back keeps all 64 bits. */
static uint64_t unsigned_column(struct db_query *query, int column)
{
	return (uint64_t)db_int(query, column);
}

enum found journal_position_get(struct journal *journal, const char *source,
				struct journal_position *position_r, struct error *err)
{
	enum found found;
	struct db_query *query =
	    db_query(journal->db,
		     "SELECT path, device, inode, offset, head_size, head, cursor, at"
		     " FROM tracker_position WHERE source = ?1",
		     err);

	if (query == NULL)
		return FOUND_ERROR;
	db_bind_text(query, 1, source);
	found = db_step(query, err);
	if (found == FOUND_ONE) {
		text_rule_copy(position_r->path, sizeof(position_r->path), db_text(query, 0));
		position_r->device = unsigned_column(query, 1);
		position_r->inode = unsigned_column(query, 2);
		position_r->offset = unsigned_column(query, 3);
		position_r->head_size = unsigned_column(query, 4);
		position_r->head = unsigned_column(query, 5);
		text_rule_copy(position_r->cursor, sizeof(position_r->cursor), db_text(query, 6));
		position_r->at = db_int(query, 7);
	}
	db_reset(query);
	return found;
}

bool journal_position_put(struct journal *journal, const char *source,
			  const struct journal_position *position, struct error *err)
{
	struct db_query *query =
	    db_query(journal->db,
		     "INSERT OR REPLACE INTO tracker_position"
		     " (source, path, device, inode, offset, head_size, head, cursor, at)"
		     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
		     err);

	if (query == NULL)
		return false;
	db_bind_text(query, 1, source);
	db_bind_text(query, 2, position->path);
	db_bind_int(query, 3, (int64_t)position->device);
	db_bind_int(query, 4, (int64_t)position->inode);
	db_bind_int(query, 5, (int64_t)position->offset);
	db_bind_int(query, 6, (int64_t)position->head_size);
	db_bind_int(query, 7, (int64_t)position->head);
	db_bind_text(query, 8, position->cursor);
	db_bind_int(query, 9, position->at);
	return db_run(query, err);
}
