/* SPDX-License-Identifier: BSD-2-Clause */
/* The journal as a file: its handle, transactions, copy and purge. */
#include "common/journal.h"
#include "common/db_schema.h"
#include "common/db_upkeep.h"
#include "common/journal_private.h"
#include <stdlib.h>

static enum db_mode mode_of(enum journal_mode mode)
{
	switch (mode) {
	case JOURNAL_READ:
		return DB_READ;
	case JOURNAL_WRITE:
		return DB_WRITE;
	case JOURNAL_CREATE:
		return DB_CREATE;
	}
	return DB_READ;
}

bool journal_open(const char *path, enum journal_mode mode, int busy_ms, struct journal **journal_r,
		  struct error *err)
{
	struct journal *journal = calloc(1, sizeof(*journal));

	if (journal == NULL)
		return error_set(err, "%s: out of memory", path);
	if (!db_open(path, mode_of(mode), db_migrations_journal, busy_ms, &journal->db, err)) {
		free(journal);
		return false;
	}
	*journal_r = journal;
	return true;
}

void journal_close(struct journal *journal)
{
	if (journal == NULL)
		return;
	db_close(journal->db);
	free(journal);
}

bool journal_begin(struct journal *journal, struct error *err)
{
	return db_is_writable(journal->db) ? db_begin_write(journal->db, err)
					   : db_begin_read(journal->db, err);
}

bool journal_commit(struct journal *journal, struct error *err)
{
	return db_commit(journal->db, err);
}

void journal_rollback(struct journal *journal)
{
	db_rollback(journal->db);
}

int journal_schema_newest(void)
{
	return db_schema_newest(db_migrations_journal);
}

bool journal_check(struct journal *journal, struct error *err)
{
	return db_integrity(journal->db, err);
}

bool journal_backup(struct journal *journal, const char *to_path, struct error *err)
{
	return db_backup(journal->db, to_path, err);
}

/* One table's oldest rows. */
static bool purge_table(struct db *db, const char *sql, int64_t before, size_t max, size_t *done,
			struct error *err)
{
	struct db_query *query = db_query(db, sql, err);

	if (query == NULL)
		return false;
	db_bind_int(query, 1, before);
	db_bind_int(query, 2, (int64_t)max);
	if (!db_run(query, err))
		return false;
	*done += (size_t)db_changes(db);
	return true;
}

static bool purge_tables(struct db *db, int64_t before, size_t max, size_t *done, struct error *err)
{
	return purge_table(db,
			   "DELETE FROM audit WHERE id IN"
			   " (SELECT id FROM audit WHERE at < ?1 LIMIT ?2)",
			   before, max, done, err) &&
	       purge_table(db,
			   "DELETE FROM delivery WHERE id IN"
			   " (SELECT id FROM delivery WHERE at < ?1 LIMIT ?2)",
			   before, max, done, err) &&
	       purge_table(db,
			   "DELETE FROM decision WHERE id IN"
			   " (SELECT id FROM decision WHERE at < ?1 LIMIT ?2)",
			   before, max, done, err) &&
	       purge_table(db,
			   "DELETE FROM reply_tally WHERE (minute, egress, domain, class) IN"
			   " (SELECT minute, egress, domain, class FROM reply_tally"
			   " WHERE minute < ?1 / 60 LIMIT ?2)",
			   before, max, done, err) &&
	       purge_table(db,
			   "DELETE FROM message WHERE queue_id IN"
			   " (SELECT queue_id FROM message WHERE at < ?1 LIMIT ?2)",
			   before, max, done, err) &&
	       purge_table(db,
			   "DELETE FROM spool_taken WHERE name IN"
			   " (SELECT name FROM spool_taken WHERE at < ?1 LIMIT ?2)",
			   before, max, done, err);
}

bool journal_purge(struct journal *journal, int64_t before, size_t max, size_t *done_r,
		   struct error *err)
{
	*done_r = 0;
	if (!db_begin_write(journal->db, err))
		return false;
	if (purge_tables(journal->db, before, max, done_r, err) && db_commit(journal->db, err))
		return true;
	db_rollback(journal->db);
	return false;
}
