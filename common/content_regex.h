/* SPDX-License-Identifier: BSD-2-Clause */
/* Regular expressions that cannot run away. The one user of PCRE2. */
#ifndef EASYMAIL_CONTENT_REGEX_H
#define EASYMAIL_CONTENT_REGEX_H

#include "common/content_rule.h"

struct content_regex;

enum regex_result {
	REGEX_NO,
	REGEX_YES,
	REGEX_TOO_COSTLY, /* it came to a limit first; what it would say is unknown */
};

/* The error is "column N: …", counted in the rule's condition. The caller frees. */
bool content_regex_new(const struct content_pattern *pattern, struct content_regex **regex_r,
		       struct error *err) __attribute__((nonnull, warn_unused_result));
void content_regex_free(struct content_regex *regex); /* takes NULL */

/* Is it anywhere in the text, which must be UTF-8? From any thread. */
enum regex_result content_regex_match(const struct content_regex *regex, const char *text,
				      size_t length) __attribute__((nonnull));

#endif
