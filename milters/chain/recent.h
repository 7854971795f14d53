/* SPDX-License-Identifier: BSD-2-Clause */
/* The decisions of late, by queue id, for those who ask what became of a message. Thread-safe. */
#ifndef EASYMAIL_RECENT_H
#define EASYMAIL_RECENT_H

#include "common/decision.h"

#define RECENT_COUNT 1024

struct recent;
struct recent *recent_new(void);         /* aborts when out of memory */
void recent_free(struct recent *recent); /* takes NULL */

/* Takes the place of the oldest. A decision without a queue id is not kept: nobody could ask for it. */
void recent_put(struct recent *recent, const struct decision *decision) __attribute__((nonnull));

/* The newest of that queue id. */
bool recent_find(struct recent *recent, const char *queue_id, struct decision *decision_r)
    __attribute__((nonnull));

#endif
