/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of replies in use, which follows the operator's file. */
#ifndef EASYMAIL_TRACKER_RULES_H
#define EASYMAIL_TRACKER_RULES_H

#include "common/reply_rules.h"

struct rules;

bool rules_new(const char *path, struct rules **rules_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void rules_free(struct rules *rules); /* takes NULL */

/* Reads the file again if it has changed. One that is wrong is logged, and the former rules stay. */
void rules_refresh(struct rules *rules) __attribute__((nonnull));

/* Until the next rules_refresh. */
const struct reply_rules *rules_current(const struct rules *rules) __attribute__((nonnull));
/* What is wrong with the file; "": nothing. */
const char *rules_error(const struct rules *rules) __attribute__((nonnull));

#endif
