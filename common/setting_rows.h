/* SPDX-License-Identifier: BSD-2-Clause */
/* Settings as stored: the rows of table setting. Inside the caller's transaction, like tenants.h. */
#ifndef EASYMAIL_SETTING_ROWS_H
#define EASYMAIL_SETTING_ROWS_H

#include "common/settings.h"
#include "common/tenants.h"

#define SETTING_TEXT_SIZE 1024

enum setting_origin {
	SETTING_FROM_DEFAULT,
	SETTING_FROM_PROVIDER,
	SETTING_FROM_TENANT,
};

struct setting_row {
	enum setting_id id;
	char value[SETTING_TEXT_SIZE]; /* as written */
	enum setting_origin origin;
};

const char *setting_origin_name(enum setting_origin origin); /* "default", "provider", "tenant" */

/* The value in effect for the tenant, or with `tenant` NULL the provider's. An unknown name is an
 * error that lists the names. */
bool setting_rows_get(struct db *db, const char *tenant, const char *name,
		      struct setting_row *row_r, struct error *err)
    __attribute__((nonnull(1, 3, 4, 5), warn_unused_result));

/* Every setting in the order of setting_definitions, each with the value in effect. */
bool setting_rows_list(struct db *db, const char *tenant,
		       void (*each)(const struct setting_row *row, void *context), void *context,
		       struct error *err) __attribute__((nonnull(1, 3, 5), warn_unused_result));

/* Checks the value; a setting that names an egress group must name one that exists. */
bool setting_rows_set(struct db *db, const char *tenant, const char *name, const char *value,
		      struct error *err) __attribute__((nonnull(1, 3, 4, 5), warn_unused_result));

/* Back to the provider's value, or with `tenant` NULL to the default. Unset already: fine. */
bool setting_rows_unset(struct db *db, const char *tenant, const char *name, struct error *err)
    __attribute__((nonnull(1, 3, 4), warn_unused_result));

#endif
