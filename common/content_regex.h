/* SPDX-License-Identifier: BSD-2-Clause */
/* The expressions of content rules: regex.h's, with the flags of a rule and errors that say where in it. */
#ifndef EASYMAIL_CONTENT_REGEX_H
#define EASYMAIL_CONTENT_REGEX_H

#include "common/content_rule.h"
#include "common/regex.h"

/* The error is "column N: …", counted in the rule's condition. The caller frees: regex_free. */
bool content_regex_new(const struct content_pattern *pattern, struct regex **regex_r,
		       struct error *err) __attribute__((nonnull, warn_unused_result));

#endif
