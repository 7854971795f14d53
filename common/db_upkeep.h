/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking after a database file as a whole. Internal to common/. */
#ifndef EASYMAIL_DB_UPKEEP_H
#define EASYMAIL_DB_UPKEEP_H

#include "common/db.h"

/* SQLite's own integrity_check; the error holds its first finding. */
bool db_integrity(struct db *db, struct error *err) __attribute__((nonnull, warn_unused_result));
/* A consistent copy made while others write (SQLite's backup interface); refuses to overwrite. */
bool db_backup(struct db *db, const char *to_path, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
