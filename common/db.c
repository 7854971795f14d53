/* SPDX-License-Identifier: BSD-2-Clause */
/* Handles: which file is open, and transactions. */
#include "common/db.h"
#include "common/db_connection.h"
#include "common/db_schema.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct db {
	struct db_connection
	    *connection; /* NULL: the file went away and could not be opened anew yet */
	char *path;
	enum db_mode mode;
	const struct db_migration *schema;
	int busy_ms;
	struct db_identity identity;
};

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

/* The handle stays and can connect anew. */
static void db_disconnect(struct db *db)
{
	db_connection_close(db->connection);
	db->connection = NULL;
	db->identity.device = 0;
	db->identity.inode = 0;
}

static bool db_open_connection(struct db *db, struct error *err)
{
	if (!db_connection_open(db->path, db->mode, db->busy_ms, &db->connection, err))
		return false;
	/* Before anything is written to a file that may be somebody else's. */
	if (db->mode == DB_CREATE && !db_schema_may_create(db, db->schema, err))
		return false;
	if (db->mode == DB_WRITE && !db_schema_check(db, db->schema, err))
		return false;
	if (!db_connection_configure(db->connection, err) ||
	    (db->mode == DB_CREATE && !db_schema_migrate(db, db->schema, err)))
		return false;
	return db_schema_check(db, db->schema, err);
}

static bool db_connect(struct db *db, struct error *err)
{
	struct db_identity before = {0}, after = {0};

	if (db->mode != DB_CREATE && !db_stat(db, &before, err))
		return false;
	if (!db_open_connection(db, err) || !db_stat(db, &after, err)) {
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
	if (db->connection && same_file(&now, &db->identity))
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

static bool in_transaction(const struct db *db)
{
	return db->connection && db_connection_in_transaction(db->connection);
}

bool db_commit(struct db *db, struct error *err)
{
	struct db_query *commit;

	if (!in_transaction(db))
		return error_set(err, "%s: no transaction is open", db->path);
	db_connection_reset_all(db->connection);
	commit = db_query(db, "COMMIT", err);
	if (commit && db_run(commit, err))
		return true;
	db_rollback(db);
	return false;
}

void db_rollback(struct db *db)
{
	if (in_transaction(db))
		db_connection_rollback(db->connection);
}

struct db_query *db_query(struct db *db, const char *sql, struct error *err)
{
	if (db->connection)
		return db_connection_query(db->connection, sql, err);
	error_set(err, "%s: not open", db->path);
	return NULL;
}

bool db_exec(struct db *db, const char *sql, struct error *err)
{
	if (db->connection)
		return db_connection_exec(db->connection, sql, err);
	return error_set(err, "%s: not open", db->path);
}

int64_t db_changes(struct db *db)
{
	return db->connection ? db_connection_changes(db->connection) : 0;
}

int64_t db_last_id(struct db *db)
{
	return db->connection ? db_connection_last_id(db->connection) : 0;
}

struct db_connection *db_connection_of(struct db *db)
{
	return db->connection;
}
