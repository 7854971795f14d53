/* SPDX-License-Identifier: BSD-2-Clause */
/* Every row of tenants.db that does not count or is wrong, each with what to do about it. */
#ifndef EASYMAIL_DB_CHECK_H
#define EASYMAIL_DB_CHECK_H

#include "common/error.h"
#include <stddef.h>
#include <stdint.h>

struct db;

/* Texts live until the callback returns; none is NULL. */
struct db_finding {
	const char *table;   /* "" when it is the file as a whole */
	int64_t id;          /* of the row; 0 when there is none */
	const char *tenant;  /* whose it is; "" when nobody's */
	const char *field;   /* column, or the setting's name */
	const char *value;   /* as stored */
	const char *problem; /* "is no CIDR block: …" */
	const char *mend;    /* what to do */
};

/*
 * Inside the caller's transaction; changes nothing. Calls `report` for each finding and counts them.
 * False: the check itself could not be done.
 */
bool db_check(struct db *db, void (*report)(const struct db_finding *finding, void *context),
	      void *context, size_t *findings_r, struct error *err)
    __attribute__((nonnull(1, 2, 4, 5), warn_unused_result));

#endif
