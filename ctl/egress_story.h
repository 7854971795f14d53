/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of an egress IP beside its row: evidence, and how its state has changed. */
#ifndef EASYMAIL_CTL_EGRESS_STORY_H
#define EASYMAIL_CTL_EGRESS_STORY_H

#include "common/json.h"
#include "ctl/command.h"

/* Puts the array `evidence` into the object, of what the monitor has seen that is not well. */
bool egress_story_evidence(struct db *db, const char *address, struct json *object,
			   struct error *err) __attribute__((nonnull, warn_unused_result));

/* Puts the array `history` into the object: the journal's rows, the newest last. Without a journal it is empty, and
 * `history_error` says why. */
void egress_story_history(const struct ctl *ctl, const char *address, struct json *object)
    __attribute__((nonnull));

/* Prints both as text. */
void egress_story_print(const struct json *object) __attribute__((nonnull));

#endif
