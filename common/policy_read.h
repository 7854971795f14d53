/* SPDX-License-Identifier: BSD-2-Clause */
/* A read handle of the policy store, lent for one transaction. Internal to common/. */
#ifndef EASYMAIL_POLICY_READ_H
#define EASYMAIL_POLICY_READ_H

#include "common/db.h"
#include "common/policy.h"

/* Calls `body` inside one read transaction; true when it did and the transaction ended well. */
bool policy_read(struct policy_store *store,
		 bool (*body)(struct db *db, void *context, struct error *err), void *context,
		 struct error *err) __attribute__((nonnull(1, 2, 4), warn_unused_result));

#endif
