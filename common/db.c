/* SPDX-License-Identifier: BSD-2-Clause */
/* SQLite handles, statements and transactions. */
#include "common/db.h"
#include "common/db_schema.h"
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUERY_SLOTS 256u  /* a power of two, more than twice the statements there are */
#define CACHE_KIB   65536 /* most that a handle's page cache grows to */

struct db_query {
	struct db *db;
	const char *sql; /* the literal */
	sqlite3_stmt *statement;
	int bind_result; /* the first that failed */
};

struct db {
	sqlite3 *handle; /* NULL: the file went away and could not be opened anew yet */
	char *path;
	enum db_mode mode;
	const struct db_migration *schema;
	int busy_ms;
	struct db_identity identity;
	struct db_query queries[QUERY_SLOTS];
	size_t query_count;
};

/* Words SQLite's last error for the person who must mend it. */
static bool db_fail(struct db *db, int code, struct error *err)
{
	const char *said = db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code);

	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_set(err,
				 "%s: locked by another program for more than %d ms; try again",
				 db->path, db->busy_ms);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return error_set(err, "%s: damaged (%s); restore it from a backup", db->path, said);
	case SQLITE_FULL:
		return error_set(err, "%s: no space left on its file system; make room", db->path);
	case SQLITE_READONLY:
		return error_set(err,
				 "%s: may not be written (%s); check owner and mode of file "
				 "and directory",
				 db->path, said);
	case SQLITE_CONSTRAINT:
		return error_set(err, "%s", said);
	default:
		return error_set(err, "%s: %s", db->path, said);
	}
}

bool db_exec(struct db *db, const char *sql, struct error *err)
{
	int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return code == SQLITE_OK || db_fail(db, code, err);
}

/* The settings of a connection, before anything is read. */
static bool db_configure(struct db *db, struct error *err)
{
	char cache[48];
	int persist = 1;

	sqlite3_busy_timeout(db->handle, db->busy_ms);
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_snprintf(sizeof(cache), cache, "PRAGMA cache_size = -%d", CACHE_KIB);
	if (!db_exec(db, "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON", err) ||
	    !db_exec(db, cache, err))
		return false;
	/* A reader that may not write needs -wal and -shm to be there (sqlite.org/wal.html, 5). */
	sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
	if (db->mode == DB_READ)
		return true;
	return db_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", err);
}

static bool db_stat(const struct db *db, struct db_identity *identity_r, struct error *err)
{
	struct stat status;

	if (stat(db->path, &status) != 0)
		return error_set(err, "%s: %s%s", db->path, strerror(errno),
				 errno == ENOENT ? "; make it with `easymailctl db init`" : "");
	identity_r->device = status.st_dev;
	identity_r->inode = status.st_ino;
	return true;
}

static bool same_file(const struct db_identity *a, const struct db_identity *b)
{
	return a->device == b->device && a->inode == b->inode;
}

/* Drops the connection and its statements; the handle stays and can connect anew. */
static void db_disconnect(struct db *db)
{
	size_t i;

	for (i = 0; i < QUERY_SLOTS; i++)
		sqlite3_finalize(db->queries[i].statement);
	memset(db->queries, 0, sizeof(db->queries));
	db->query_count = 0;
	sqlite3_close(db->handle);
	db->handle = NULL;
	db->identity.device = 0;
	db->identity.inode = 0;
}

static bool db_open_handle(struct db *db, struct error *err)
{
	int flags = SQLITE_OPEN_NOMUTEX;
	int code;

	flags |= db->mode == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	flags |= db->mode == DB_CREATE ? SQLITE_OPEN_CREATE : 0;
	code = sqlite3_open_v2(db->path, &db->handle, flags, NULL);
	if (code != SQLITE_OK)
		return db_fail(db, code, err);
	/* Before anything is written to a file that may be somebody else's. */
	if (db->mode == DB_CREATE && !db_schema_may_create(db, err))
		return false;
	if (db->mode == DB_WRITE && !db_schema_check(db, db->schema, err))
		return false;
	if (!db_configure(db, err) ||
	    (db->mode == DB_CREATE && !db_schema_migrate(db, db->schema, err)))
		return false;
	return db_schema_check(db, db->schema, err);
}

static bool db_connect(struct db *db, struct error *err)
{
	struct db_identity before = {0}, after = {0};

	if (db->mode != DB_CREATE && !db_stat(db, &before, err))
		return false;
	if (!db_open_handle(db, err) || !db_stat(db, &after, err)) {
		db_disconnect(db);
		return false;
	}
	if (db->mode != DB_CREATE && !same_file(&before, &after)) {
		db_disconnect(db);
		return error_set(err, "%s: replaced while it was opened; try again", db->path);
	}
	after.opened = db->identity.opened + 1;
	db->identity = after;
	return true;
}

bool db_open(const char *path, enum db_mode mode, const struct db_migration *schema, int busy_ms,
	     struct db **db_r, struct error *err)
{
	struct db *db = calloc(1, sizeof(*db));

	if (!db || !(db->path = strdup(path))) {
		free(db);
		return error_set(err, "%s: out of memory", path);
	}
	db->mode = mode;
	db->schema = schema;
	db->busy_ms = busy_ms;
	if (!db_connect(db, err)) {
		db_close(db);
		return false;
	}
	*db_r = db;
	return true;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	db_disconnect(db);
	free(db->path);
	free(db);
}

struct db_identity db_identity(const struct db *db)
{
	return db->identity;
}

const char *db_path(const struct db *db)
{
	return db->path;
}

bool db_is_writable(const struct db *db)
{
	return db->mode != DB_READ;
}

/* Connects anew when the file at the path is no longer the one that is open. */
static bool db_refresh(struct db *db, struct error *err)
{
	struct db_identity now;

	db_rollback(db);
	if (!db_stat(db, &now, err)) {
		db_disconnect(db);
		return false;
	}
	if (db->handle && same_file(&now, &db->identity))
		return true;
	db_disconnect(db);
	return db_connect(db, err);
}

/* A deferred transaction begins with its first read: that of the version, which must still be ours. */
bool db_begin_read(struct db *db, struct error *err)
{
	struct db_query *begin;
	int version;

	if (!db_refresh(db, err) || !(begin = db_query(db, "BEGIN", err)) || !db_run(begin, err))
		return false;
	if (!db_schema_version(db, &version, err)) {
		db_rollback(db);
		return false;
	}
	if (version == db_schema_newest(db->schema))
		return true;
	db_rollback(db);
	return db_schema_check(db, db->schema, err) &&
	       error_set(err, "%s: migrated a moment ago; try again", db->path);
}

bool db_begin_write(struct db *db, struct error *err)
{
	if (db->mode == DB_READ)
		return error_set(err, "%s: opened for reading only", db->path);
	if (!db_refresh(db, err) || !db_exec(db, "BEGIN IMMEDIATE", err))
		return false;
	if (db_schema_check(db, db->schema, err))
		return true;
	db_rollback(db);
	return false;
}

/* A statement that is still running would keep the snapshot open beyond the transaction. */
static void db_reset_all(struct db *db)
{
	size_t i;

	for (i = 0; i < QUERY_SLOTS; i++) {
		if (db->queries[i].statement && sqlite3_stmt_busy(db->queries[i].statement))
			sqlite3_reset(db->queries[i].statement);
	}
}

bool db_commit(struct db *db, struct error *err)
{
	struct db_query *commit;

	if (!db->handle || sqlite3_get_autocommit(db->handle))
		return error_set(err, "%s: no transaction is open", db->path);
	db_reset_all(db);
	commit = db_query(db, "COMMIT", err);
	if (commit && db_run(commit, err))
		return true;
	db_rollback(db);
	return false;
}

void db_rollback(struct db *db)
{
	if (!db->handle || sqlite3_get_autocommit(db->handle))
		return;
	db_reset_all(db);
	sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

static size_t slot_of(const char *sql)
{
	return (size_t)(((uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (QUERY_SLOTS - 1);
}

/* Finds the literal's slot: its own, or a free one. */
static struct db_query *find_slot(struct db *db, const char *sql)
{
	size_t at = slot_of(sql);

	while (db->queries[at].statement && db->queries[at].sql != sql)
		at = (at + 1) & (QUERY_SLOTS - 1);
	return &db->queries[at];
}

struct db_query *db_query(struct db *db, const char *sql, struct error *err)
{
	struct db_query *query = find_slot(db, sql);
	int code;

	if (query->statement) {
		if (strcmp(sqlite3_sql(query->statement), sql) != 0) {
			error_set(err, "%s: statement text is no literal: %s", db->path, sql);
			return NULL;
		}
		sqlite3_reset(query->statement);
		sqlite3_clear_bindings(query->statement);
		query->bind_result = SQLITE_OK;
		return query;
	}
	if (!db->handle || db->query_count >= QUERY_SLOTS / 2) {
		error_set(err, "%s: %s", db->path, db->handle ? "too many statements" : "not open");
		return NULL;
	}
	code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &query->statement,
				  NULL);
	if (code != SQLITE_OK) {
		db_fail(db, code, err);
		return NULL;
	}
	*query = (struct db_query){.db = db, .sql = sql, .statement = query->statement};
	db->query_count++;
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
	db_fail(query->db, code, err);
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
				 query->db->path, query->sql);
	return found == FOUND_NONE;
}

void db_reset(struct db_query *query)
{
	sqlite3_reset(query->statement);
}

int64_t db_changes(struct db *db)
{
	return sqlite3_changes64(db->handle);
}

int64_t db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

bool db_integrity(struct db *db, struct error *err)
{
	struct db_query *query = db_query(db, "PRAGMA integrity_check(1)", err);
	bool sound;

	if (!query || db_step(query, err) != FOUND_ONE)
		return false;
	sound = strcmp(db_text(query, 0), "ok") == 0;
	if (!sound)
		error_set(err, "%s: damaged (%s); restore it from a backup", db->path,
			  db_text(query, 0));
	db_reset(query);
	return sound;
}

/* Copies page by page; waits for a writer as every statement does. */
static bool copy_pages(struct db *db, sqlite3 *to, const char *to_path, struct error *err)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", db->handle, "main");
	int code;

	if (!backup)
		return error_set(err, "%s: %s", to_path, sqlite3_errmsg(to));
	code = sqlite3_backup_step(backup, -1);
	sqlite3_backup_finish(backup);
	if (code == SQLITE_DONE)
		return true;
	return error_set(err, "%s: copying %s: %s", to_path, db->path, sqlite3_errstr(code));
}

bool db_backup(struct db *db, const char *to_path, struct error *err)
{
	int descriptor = open(to_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	sqlite3 *to = NULL;
	bool done;

	if (descriptor < 0)
		return error_set(err, "%s: %s; give the path of a new file", to_path,
				 strerror(errno));
	close(descriptor);
	if (sqlite3_open_v2(to_path, &to, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		done = error_set(err, "%s: %s", to_path, sqlite3_errmsg(to));
	else
		done = copy_pages(db, to, to_path, err);
	if (sqlite3_close(to) != SQLITE_OK && done)
		done = error_set(err, "%s: cannot be closed", to_path);
	if (!done)
		unlink(to_path);
	return done;
}
