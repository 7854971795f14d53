/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Thousands of patterns at once: which of them may be in a text. What it leaves out is not there; what it
 * names is to be confirmed by content_regex_match. The one user of Hyperscan, or
 * of Vectorscan, which has the same interface: the package that Debian's rspamd wants decides.
 */
#ifndef EASYMAIL_PATTERN_SET_H
#define EASYMAIL_PATTERN_SET_H

#include "common/content_rule.h"

struct pattern_set;

/* Always makes one: what Hyperscan cannot take is named for every text. The patterns are not kept. */
struct pattern_set *pattern_set_new(const struct content_pattern *const *patterns, size_t count)
    __attribute__((nonnull));
void pattern_set_free(struct pattern_set *set); /* takes NULL */

/* How many patterns are named for every text. */
size_t pattern_set_unfiltered(const struct pattern_set *set) __attribute__((nonnull));

/* Calls `candidate` with the index of each pattern that may be in the text, which must be UTF-8; stops when
 * that says false, which is returned. From any thread. */
bool pattern_set_scan(struct pattern_set *set, const char *text, size_t length,
		      bool (*candidate)(void *context, size_t pattern), void *context)
    __attribute__((nonnull(1, 2, 4)));

#endif
