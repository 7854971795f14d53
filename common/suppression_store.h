/* SPDX-License-Identifier: BSD-2-Clause */
/* The suppression list as the milter asks it: a pool of read handles that all threads share. */
#ifndef EASYMAIL_SUPPRESSION_STORE_H
#define EASYMAIL_SUPPRESSION_STORE_H

#include "common/suppression.h"

struct suppression_store;

/* Opens lazily: a database or key file that is missing now is an error at each look-up until it is there.
 * `config` must outlive it. */
struct suppression_store *suppression_store_new(const struct config *config, unsigned handles)
    __attribute__((nonnull));
void suppression_store_free(struct suppression_store *store); /* takes NULL */

/* Is this tenant's mail not to go to the address? Any thread. */
enum found suppression_store_find(struct suppression_store *store, int64_t tenant_id,
				  const struct mailbox *address, enum suppression_reason *reason_r,
				  struct error *err) __attribute__((nonnull));

#endif
