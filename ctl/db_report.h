/* SPDX-License-Identifier: BSD-2-Clause */
/* What `db info`, `db check` and `status` say of the database. */
#ifndef EASYMAIL_CTL_DB_REPORT_H
#define EASYMAIL_CTL_DB_REPORT_H

#include "common/error.h"
#include "common/json.h"

struct db;

/* Puts schema, generation and the number of rows of each kind. Inside a transaction. */
bool db_report_counts(struct db *db, struct json *object, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* All findings of db_check as an array, which the caller drops; NULL when it could not be done. */
struct json *db_report_findings(struct db *db, struct error *err) __attribute__((nonnull));

#endif
