/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A database handle and its statements, with nothing of SQLite. Only files in common/ include this
 * header; programs use the typed functions of policy.h, tenants.h and their like.
 *
 * A handle serves one thread at a time. Databases are in WAL mode with PERSIST_WAL, so that a
 * reader without write access can open them.
 */
#ifndef EASYMAIL_DB_H
#define EASYMAIL_DB_H

#include "common/error.h"
#include <stddef.h>
#include <stdint.h>

/* PRAGMA application_id of our files: "eml1", "emlj". */
#define DB_APPLICATION_TENANTS 0x656d6c31
#define DB_APPLICATION_JOURNAL 0x656d6c6a

enum db_mode {
	DB_READ,  /* the file must exist with the schema version that this program knows */
	DB_WRITE, /* the same, and writable */
	DB_CREATE, /* made when missing, migrated when old; `easymailctl db init` and `db migrate` only */
};

struct db;
struct db_query;

/* A migration's text; the array of a schema ends with text NULL. Generated from sql/<schema>/NNN_*.sql. */
struct db_migration {
	int version; /* PRAGMA user_version after it ran */
	const char *name;
	const char *text;
	int application; /* DB_APPLICATION_…, the same in all of a schema */
};
extern const struct db_migration db_migrations_tenants[], db_migrations_journal[];

/*
 * Waits at most `busy_ms` for another's lock, at open and in every statement after. A file that is
 * missing, corrupt, of another schema version or not ours (application_id) is an error.
 */
bool db_open(const char *path, enum db_mode mode, const struct db_migration *schema, int busy_ms,
	     struct db **db_r, struct error *err) __attribute__((nonnull, warn_unused_result));
void db_close(struct db *db); /* takes NULL */

/* Which file the handle has open, 0 for none; another one after db_begin_read opened it anew. */
struct db_identity {
	uint64_t device, inode;
	uint64_t opened; /* how often this handle has opened its file */
};
struct db_identity db_identity(const struct db *db) __attribute__((nonnull));
const char *db_path(const struct db *db) __attribute__((nonnull));
bool db_is_writable(const struct db *db) __attribute__((nonnull));

/*
 * Read transactions also notice that the file at `path` is no longer the one that was opened
 * (removed, replaced by a restore) and open it anew; when that fails they fail.
 */
bool db_begin_read(struct db *db, struct error *err) __attribute__((nonnull, warn_unused_result));
bool db_begin_write(struct db *db, struct error *err) __attribute__((nonnull, warn_unused_result));
bool db_commit(struct db *db, struct error *err) __attribute__((nonnull, warn_unused_result));
void db_rollback(struct db *db) __attribute__((nonnull)); /* nothing when none is open */

/*
 * The statement of `sql`, a string literal: prepared once per handle and literal, reset and unbound
 * here, so a statement cannot run within itself. NULL on error. Owned by the handle. Bind from 1;
 * text and blobs must live until the step.
 */
struct db_query *db_query(struct db *db, const char *sql, struct error *err)
    __attribute__((nonnull));
void db_bind_int(struct db_query *query, int at, int64_t value) __attribute__((nonnull));
void db_bind_text(struct db_query *query, int at, const char *value) __attribute__((nonnull(1)));
void db_bind_blob(struct db_query *query, int at, const void *value, size_t length)
    __attribute__((nonnull(1)));
void db_bind_null(struct db_query *query, int at) __attribute__((nonnull));

/* FOUND_ONE: a row is there. Columns count from 0 and live until the next step or reset. */
enum found db_step(struct db_query *query, struct error *err) __attribute__((nonnull));
int64_t db_int(struct db_query *query, int column) __attribute__((nonnull));
const char *db_text(struct db_query *query, int column) __attribute__((nonnull)); /* "" for NULL */
const void *db_blob(struct db_query *query, int column, size_t *length_r) __attribute__((nonnull));
bool db_is_null(struct db_query *query, int column) __attribute__((nonnull));

/* Steps a statement that gives no rows, and resets it. */
bool db_run(struct db_query *query, struct error *err) __attribute__((nonnull, warn_unused_result));
void db_reset(struct db_query *query) __attribute__((nonnull));
/* Statements without parameters and rows, as many as the text has. */
bool db_exec(struct db *db, const char *sql, struct error *err)
    __attribute__((nonnull, warn_unused_result));
int64_t db_changes(struct db *db) __attribute__((nonnull));
int64_t db_last_id(struct db *db) __attribute__((nonnull));

#endif
