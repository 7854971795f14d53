/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The suppression database (sql/suppression/): addresses that a tenant's mail does not go to any more. A handle
 * serves one thread; the milter's threads share suppression_store.h. What counts as one address: suppression_key.h.
 */
#ifndef EASYMAIL_SUPPRESSION_H
#define EASYMAIL_SUPPRESSION_H

#include "common/config.h"
#include "common/store.h"
#include "common/suppression_key.h"
#include <stdint.h>

/* The later, the more it says; a stronger reason replaces a weaker one. */
enum suppression_reason {
	SUPPRESSION_SOFT,
	SUPPRESSION_HARD,
	SUPPRESSION_COMPLAINT,
	SUPPRESSION_MANUAL,
};

const char *suppression_reason_name(enum suppression_reason reason);
bool suppression_reason_parse(const char *text, enum suppression_reason *reason_r)
    __attribute__((nonnull));

struct suppression_row {
	int64_t tenant_id;
	const char *address; /* "" when it was erased and only its hash is kept */
	const char *note;    /* what was said of it; hostile text without control characters */
	enum suppression_reason reason;
	int64_t created; /* seconds since 1970 */
};

struct suppressions;

/*
 * Opens it with the options `suppression`, `suppression.key_file` and `database.busy_timeout`. With STORE_CREATE a
 * missing file and key file are made. A key file that is not the one of the database is an error.
 */
bool suppressions_open(const struct config *config, enum store_mode mode,
		       struct suppressions **suppressions_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void suppressions_close(struct suppressions *suppressions); /* takes NULL; rolls back */

/* Transactions by the handle's mode, as in store.h; all below runs within one. */
bool suppressions_begin(struct suppressions *suppressions, struct error *err)
    __attribute__((nonnull, warn_unused_result));
bool suppressions_commit(struct suppressions *suppressions, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* A consistent copy made while others write; refuses to overwrite. Outside a transaction. */
bool suppressions_backup(struct suppressions *suppressions, const char *to_path, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* For what else the database has (bounces.h). */
struct db *suppressions_db(struct suppressions *suppressions) __attribute__((nonnull));
const struct suppression_key *suppressions_key(const struct suppressions *suppressions)
    __attribute__((nonnull));

enum found suppressions_find(struct suppressions *suppressions, int64_t tenant_id,
			     const struct mailbox *address, enum suppression_reason *reason_r,
			     struct error *err) __attribute__((nonnull));

/* new_r: it was not there before; may be NULL. created 0: now. */
bool suppressions_add(struct suppressions *suppressions, const struct mailbox *address,
		      const struct suppression_row *row, bool *new_r, struct error *err)
    __attribute__((nonnull(1, 2, 3, 5), warn_unused_result));

/* FOUND_NONE: it was not there. The bounces that counted against it go too. */
enum found suppressions_remove(struct suppressions *suppressions, int64_t tenant_id,
			       const struct mailbox *address, struct error *err)
    __attribute__((nonnull));

/* tenant_id 0: of all tenants. The row lives until `each` returns. Rows that cannot be read are an error. */
bool suppressions_list(struct suppressions *suppressions, int64_t tenant_id,
		       void (*each)(const struct suppression_row *row, void *context),
		       void *context, struct error *err)
    __attribute__((nonnull(1, 3, 5), warn_unused_result));

/* All rows of a tenant that is gone, its bounces too. */
bool suppressions_forget(struct suppressions *suppressions, int64_t tenant_id, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/*
 * Erases a person: every row of the address, of all tenants, bounces too, and what the file still holds of them;
 * with `keep_hash` it stays suppressed where it was, by a hash that names nobody. Outside a transaction. Needs
 * that no reader holds an old state for longer than the busy timeout; rows_r: how many rows there were.
 */
bool suppressions_erase(struct suppressions *suppressions, const struct mailbox *address,
			bool keep_hash, size_t *rows_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
