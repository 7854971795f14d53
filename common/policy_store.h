/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pool of read handles of a policy store: each look-up is one read transaction on one of them, between
 * policy_begin and policy_end. Internal to common/.
 */
#ifndef EASYMAIL_POLICY_STORE_H
#define EASYMAIL_POLICY_STORE_H

#include "common/db.h"
#include "common/policy.h"

/* A handle, with the state of the database that its open transaction sees. */
struct policy_reader {
	struct db *db;                /* NULL: not opened yet */
	int64_t generation, provider; /* the row of table generation */
	uint64_t epoch;             /* which database file: another may have the same generations */
	struct policy_cache *cache; /* of the store, shared by all its readers */
	struct policy_answers *answers; /* the same */
	struct policy_store *store;
	struct db_identity identity; /* of the file, as of the last transaction */
	struct policy_reader *next;  /* in the list of idle ones */
};

/* Waits for an idle handle and begins a transaction; NULL on error. */
struct policy_reader *policy_begin(struct policy_store *store, struct error *err)
    __attribute__((nonnull));

/* Ends it and gives the handle back; true when `done` is true and the transaction ended well. */
bool policy_end(struct policy_reader *reader, bool done, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
