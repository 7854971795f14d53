/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection to SQLite and its statements. */
#include "common/db_connection.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define QUERY_SLOTS 256u  /* a power of two, more than twice the statements there are */
#define CACHE_KIB   65536 /* most that a connection's page cache grows to */

struct db_query {
	struct db_connection *connection;
	const char *sql; /* the literal */
	sqlite3_stmt *statement;
	int bind_result; /* the first that failed */
};

struct db_connection {
	sqlite3 *handle;
	const char *path; /* the opener's */
	enum db_mode mode;
	int busy_ms;
	struct db_query queries[QUERY_SLOTS];
	size_t query_count;
};

/* Words SQLite's last error for the person who must mend it. */
static bool fail(struct db_connection *connection, int code, struct error *err)
{
	const char *said = sqlite3_errmsg(connection->handle);

	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_set(err,
				 "%s: locked by another program for more than %d ms; try again",
				 connection->path, connection->busy_ms);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return error_set(err, "%s: damaged (%s); restore it from a backup",
				 connection->path, said);
	case SQLITE_FULL:
		return error_set(err, "%s: no space left on its file system; make room",
				 connection->path);
	case SQLITE_READONLY:
		return error_set(err,
				 "%s: may not be written (%s); check owner and mode of file "
				 "and directory",
				 connection->path, said);
	case SQLITE_CONSTRAINT:
		return error_set(err, "%s", said);
	default:
		return error_set(err, "%s: %s", connection->path, said);
	}
}

bool db_connection_open(const char *path, enum db_mode mode, int busy_ms,
			struct db_connection **connection_r, struct error *err)
{
	struct db_connection *connection = calloc(1, sizeof(*connection));
	int flags = SQLITE_OPEN_NOMUTEX;
	int code;

	if (!connection)
		return error_set(err, "%s: out of memory", path);
	connection->path = path;
	connection->mode = mode;
	connection->busy_ms = busy_ms;
	flags |= mode == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	flags |= mode == DB_CREATE ? SQLITE_OPEN_CREATE : 0;
	code = sqlite3_open_v2(path, &connection->handle, flags, NULL);
	if (code != SQLITE_OK) {
		fail(connection, code, err);
		db_connection_close(connection);
		return false;
	}
	sqlite3_busy_timeout(connection->handle, busy_ms);
	sqlite3_extended_result_codes(connection->handle, 1);
	*connection_r = connection;
	return true;
}

void db_connection_close(struct db_connection *connection)
{
	size_t i;

	if (!connection)
		return;
	for (i = 0; i < QUERY_SLOTS; i++)
		sqlite3_finalize(connection->queries[i].statement);
	sqlite3_close(connection->handle);
	free(connection);
}

bool db_connection_exec(struct db_connection *connection, const char *sql, struct error *err)
{
	int code = sqlite3_exec(connection->handle, sql, NULL, NULL, NULL);

	return code == SQLITE_OK || fail(connection, code, err);
}

bool db_connection_configure(struct db_connection *connection, struct error *err)
{
	char cache[48];
	int persist = 1;

	sqlite3_snprintf(sizeof(cache), cache, "PRAGMA cache_size = -%d", CACHE_KIB);
	if (!db_connection_exec(connection, "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON",
				err) ||
	    !db_connection_exec(connection, cache, err))
		return false;
	/* A reader that may not write needs -wal and -shm to be there (sqlite.org/wal.html, 5). */
	sqlite3_file_control(connection->handle, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
	if (connection->mode == DB_READ)
		return true;
	return db_connection_exec(connection,
				  "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", err);
}

bool db_connection_in_transaction(const struct db_connection *connection)
{
	return !sqlite3_get_autocommit(connection->handle);
}

void db_connection_reset_all(struct db_connection *connection)
{
	size_t i;

	for (i = 0; i < QUERY_SLOTS; i++) {
		if (connection->queries[i].statement &&
		    sqlite3_stmt_busy(connection->queries[i].statement))
			sqlite3_reset(connection->queries[i].statement);
	}
}

void db_connection_rollback(struct db_connection *connection)
{
	db_connection_reset_all(connection);
	sqlite3_exec(connection->handle, "ROLLBACK", NULL, NULL, NULL);
}

static size_t slot_of(const char *sql)
{
	return (size_t)(((uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (QUERY_SLOTS - 1);
}

/* Finds the literal's slot: its own, or a free one. */
static struct db_query *find_slot(struct db_connection *connection, const char *sql)
{
	size_t at = slot_of(sql);

	while (connection->queries[at].statement && connection->queries[at].sql != sql)
		at = (at + 1) & (QUERY_SLOTS - 1);
	return &connection->queries[at];
}

struct db_query *db_connection_query(struct db_connection *connection, const char *sql,
				     struct error *err)
{
	struct db_query *query = find_slot(connection, sql);
	int code;

	if (query->statement) {
		if (strcmp(sqlite3_sql(query->statement), sql) != 0) {
			error_set(err, "%s: statement text is no literal: %s", connection->path,
				  sql);
			return NULL;
		}
		sqlite3_reset(query->statement);
		sqlite3_clear_bindings(query->statement);
		query->bind_result = SQLITE_OK;
		return query;
	}
	if (connection->query_count >= QUERY_SLOTS / 2) {
		error_set(err, "%s: too many statements", connection->path);
		return NULL;
	}
	code = sqlite3_prepare_v3(connection->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
				  &query->statement, NULL);
	if (code != SQLITE_OK) {
		fail(connection, code, err);
		return NULL;
	}
	*query =
	    (struct db_query){.connection = connection, .sql = sql, .statement = query->statement};
	connection->query_count++;
	return query;
}

static void note_bind(struct db_query *query, int code)
{
	if (query->bind_result == SQLITE_OK)
		query->bind_result = code;
}

void db_bind_int(struct db_query *query, int at, int64_t value)
{
	note_bind(query, sqlite3_bind_int64(query->statement, at, value));
}

void db_bind_text(struct db_query *query, int at, const char *value)
{
	note_bind(query, sqlite3_bind_text(query->statement, at, value, -1, SQLITE_STATIC));
}

void db_bind_blob(struct db_query *query, int at, const void *value, size_t length)
{
	note_bind(query, sqlite3_bind_blob64(query->statement, at, value, length, SQLITE_STATIC));
}

void db_bind_null(struct db_query *query, int at)
{
	note_bind(query, sqlite3_bind_null(query->statement, at));
}

enum found db_step(struct db_query *query, struct error *err)
{
	int code = query->bind_result;

	if (code == SQLITE_OK)
		code = sqlite3_step(query->statement);
	if (code == SQLITE_ROW)
		return FOUND_ONE;
	if (code == SQLITE_DONE)
		return FOUND_NONE;
	fail(query->connection, code, err);
	sqlite3_reset(query->statement);
	return FOUND_ERROR;
}

int64_t db_int(struct db_query *query, int column)
{
	return sqlite3_column_int64(query->statement, column);
}

const char *db_text(struct db_query *query, int column)
{
	const char *text = (const char *)sqlite3_column_text(query->statement, column);

	return text ? text : "";
}

const void *db_blob(struct db_query *query, int column, size_t *length_r)
{
	const void *blob = sqlite3_column_blob(query->statement, column);

	*length_r = (size_t)sqlite3_column_bytes(query->statement, column);
	return blob;
}

bool db_is_null(struct db_query *query, int column)
{
	return sqlite3_column_type(query->statement, column) == SQLITE_NULL;
}

bool db_run(struct db_query *query, struct error *err)
{
	enum found found = db_step(query, err);

	sqlite3_reset(query->statement);
	if (found == FOUND_ONE)
		return error_set(err, "%s: a statement gave rows where none belong: %s",
				 query->connection->path, query->sql);
	return found == FOUND_NONE;
}

void db_reset(struct db_query *query)
{
	sqlite3_reset(query->statement);
}

int64_t db_connection_changes(const struct db_connection *connection)
{
	return sqlite3_changes64(connection->handle);
}

int64_t db_connection_last_id(const struct db_connection *connection)
{
	return sqlite3_last_insert_rowid(connection->handle);
}

/* Copies page by page; waits for a writer as every statement does. */
static bool copy_pages(const struct db_connection *connection, sqlite3 *to, const char *to_path,
		       struct error *err)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", connection->handle, "main");
	int code;

	if (!backup)
		return error_set(err, "%s: %s", to_path, sqlite3_errmsg(to));
	code = sqlite3_backup_step(backup, -1);
	sqlite3_backup_finish(backup);
	if (code == SQLITE_DONE)
		return true;
	return error_set(err, "%s: copying %s: %s", to_path, connection->path,
			 sqlite3_errstr(code));
}

bool db_connection_copy(const struct db_connection *connection, const char *to_path,
			struct error *err)
{
	sqlite3 *to = NULL;
	bool done;

	if (sqlite3_open_v2(to_path, &to, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		done = error_set(err, "%s: %s", to_path, sqlite3_errmsg(to));
	else
		done = copy_pages(connection, to, to_path, err);
	if (sqlite3_close(to) != SQLITE_OK && done)
		done = error_set(err, "%s: cannot be closed", to_path);
	return done;
}
