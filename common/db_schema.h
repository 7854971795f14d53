/* SPDX-License-Identifier: BSD-2-Clause */
/* The schema version of a database file: what it is, may be, and becomes. Internal to common/. */
#ifndef EASYMAIL_DB_SCHEMA_H
#define EASYMAIL_DB_SCHEMA_H

#include "common/db.h"

int db_schema_newest(const struct db_migration *schema) __attribute__((nonnull));

/* PRAGMA user_version of the open file. */
bool db_schema_version(struct db *db, int *version_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Is the file one of ours, and of the newest version that this program knows? */
bool db_schema_check(struct db *db, const struct db_migration *schema, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Is it empty or ours? Nothing is built in somebody else's file. */
bool db_schema_may_create(struct db *db, const struct db_migration *schema, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Runs the migrations that it lacks, each in a transaction of its own. */
bool db_schema_migrate(struct db *db, const struct db_migration *schema, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
