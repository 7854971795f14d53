/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What bulk mail may have of the relay, so that a campaign leaves room for corporate mail: so many sessions, whose
 * smtpd(8) processes nobody else can use, and so many messages a second. Thread-safe.
 */
#ifndef EASYMAIL_BULK_SHARE_H
#define EASYMAIL_BULK_SHARE_H

#include <stdbool.h>
#include <stdint.h>

struct bulk_share;
struct bulk_share *bulk_share_new(void);
void bulk_share_free(struct bulk_share *share); /* takes NULL */

/* A session hands in its first bulk message; false when `max` others are there. */
bool bulk_share_enter(struct bulk_share *share, int64_t max)
    __attribute__((nonnull, warn_unused_result));
void bulk_share_leave(struct bulk_share *share) __attribute__((nonnull));

/* Waits for the message's turn at `per_second` messages (0: no limit). False, at once: it would come after more
 * than max_wait_ms. */
bool bulk_share_wait(struct bulk_share *share, int64_t per_second, int max_wait_ms)
    __attribute__((nonnull, warn_unused_result));

#endif
