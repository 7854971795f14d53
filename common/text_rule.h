/* SPDX-License-Identifier: BSD-2-Clause */
/* The rule for free texts that go into listings, logs and replies. */
#ifndef EASYMAIL_TEXT_RULE_H
#define EASYMAIL_TEXT_RULE_H

#include "common/error.h"
#include <stddef.h>

/* UTF-8 without control characters, at most `max` octets; the error begins with the field. */
bool text_rule_check(const char *field, const char *text, size_t max, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* A handle: 1 to `max` of a-z, 0-9 and hyphen, the first no hyphen. */
bool text_rule_check_name(const char *field, const char *text, size_t max, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Copies, cut at `size`. */
void text_rule_copy(char *to, size_t size, const char *from) __attribute__((nonnull));

#endif
