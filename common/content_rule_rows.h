/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules on content as stored: the rows of table content_rule. Inside the caller's transaction, like tenants.h. */
#ifndef EASYMAIL_CONTENT_RULE_ROWS_H
#define EASYMAIL_CONTENT_RULE_ROWS_H

#include "common/tenants.h"

struct db;

/* Texts live until the callback returns, in what is given until the call does. */
struct content_rule_row {
	int64_t number;
	const char *tenant; /* "" is the provider */
	int64_t position;
	bool enabled;
	const char *condition, *action, *comment;
	const char *created;
};

/* Those of one owner in their order: `tenant` "" is the provider, NULL everybody, the provider first. */
bool content_rule_rows_list(struct db *db, const char *tenant,
			    void (*each)(const struct content_rule_row *row, void *context),
			    void *context, struct error *err)
    __attribute__((nonnull(1, 3, 5), warn_unused_result));

/* Calls `each` once; an error when there is no such rule. */
bool content_rule_rows_get(struct db *db, int64_t number,
			   void (*each)(const struct content_rule_row *row, void *context),
			   void *context, struct error *err)
    __attribute__((nonnull(1, 3, 5), warn_unused_result));

/* A rule of row->tenant, behind its others when the position is 0, else before the one that stands there. The
 * texts are not looked at: content_rule_check is the caller's to ask. */
bool content_rule_rows_add(struct db *db, const struct content_rule_row *row, int64_t *number_r,
			   struct error *err) __attribute__((nonnull, warn_unused_result));

/* To a place among its owner's, from 1; beyond the last is the last. */
bool content_rule_rows_move(struct db *db, int64_t number, int64_t position, struct error *err)
    __attribute__((nonnull, warn_unused_result));
bool content_rule_rows_enable(struct db *db, int64_t number, bool enabled, struct error *err)
    __attribute__((nonnull, warn_unused_result));
bool content_rule_rows_delete(struct db *db, int64_t number, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
