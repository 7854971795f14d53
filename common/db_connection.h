/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One connection to a SQLite file with its prepared statements, and the only file that knows SQLite. A
 * handle (db.h) lives longer: it drops its connection and makes another. Internal to db.c and db_upkeep.c.
 */
#ifndef EASYMAIL_DB_CONNECTION_H
#define EASYMAIL_DB_CONNECTION_H

#include "common/db.h"

struct db_connection;

/*
 * Opens the file as the mode says and writes nothing yet. Whatever is done with it from then on waits
 * up to `busy_ms` for another program's lock. `path` must outlive the connection.
 */
bool db_connection_open(const char *path, enum db_mode mode, int busy_ms,
			struct db_connection **connection_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void db_connection_close(struct db_connection *connection); /* takes NULL */

/* The settings of a connection; a writable file is put into WAL mode. */
bool db_connection_configure(struct db_connection *connection, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* As db_exec and db_query. */
bool db_connection_exec(struct db_connection *connection, const char *sql, struct error *err)
    __attribute__((nonnull, warn_unused_result));
struct db_query *db_connection_query(struct db_connection *connection, const char *sql,
				     struct error *err) __attribute__((nonnull));

bool db_connection_in_transaction(const struct db_connection *connection) __attribute__((nonnull));
/* A statement that is still running would keep the snapshot open beyond the transaction. */
void db_connection_reset_all(struct db_connection *connection) __attribute__((nonnull));
void db_connection_rollback(struct db_connection *connection) __attribute__((nonnull));
int64_t db_connection_changes(const struct db_connection *connection) __attribute__((nonnull));
int64_t db_connection_last_id(const struct db_connection *connection) __attribute__((nonnull));

/* Copies the database over the empty file at `to_path`. */
bool db_connection_copy(const struct db_connection *connection, const char *to_path,
			struct error *err) __attribute__((nonnull, warn_unused_result));

/* The connection that a handle has open now; NULL: none. */
struct db_connection *db_connection_of(struct db *db) __attribute__((nonnull));

#endif
