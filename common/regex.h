/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Perl-compatible regular expressions, compiled once and matched within limits: a pattern that an operator
 * wrote against a text that a stranger wrote. Over its limits a match is an error, never "no match".
 */
#ifndef EASYMAIL_REGEX_H
#define EASYMAIL_REGEX_H

#include "common/error.h"
#include <stddef.h>
#include <stdint.h>

#define REGEX_PATTERN_MAX 4096 /* octets of a pattern */

enum regex_flag {
	REGEX_CASELESS = 1,  /* letters in either case */
	REGEX_UTF = 2,       /* pattern and text are UTF-8; octets that are not match nothing */
	REGEX_MULTILINE = 4, /* ^ and $ also at the lines of the text */
	REGEX_DOTALL = 8,    /* . matches a newline too */
	REGEX_EXTENDED = 16, /* blanks and comments in the pattern do not count */
};

struct regex;

/* Where in the text, in octets; both SIZE_MAX for a group that took no part. */
struct regex_span {
	size_t start, end;
};

/* `flags` are of enum regex_flag. The error says what is wrong with the pattern, and at which octet; regex_new_at
 * says that octet in *at_r, from 0, and the error is only what is wrong. */
bool regex_new_at(const char *pattern, unsigned flags, struct regex **regex_r, size_t *at_r,
		  struct error *err) __attribute__((nonnull, warn_unused_result));
bool regex_new(const char *pattern, unsigned flags, struct regex **regex_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void regex_free(struct regex *regex); /* takes NULL */

/* Groups of the pattern, the whole match not counted. */
size_t regex_groups(const struct regex *regex) __attribute__((nonnull));

/*
 * Searches the text, which may have NULs in it, from octet `from` on. spans_r[0] is the whole match, those after are
 * its groups, `span_count` in all; NULL when it is 0. Any thread may call. FOUND_ERROR: the match took more steps than
 * allowed, or memory; what it would have said is unknown.
 */
enum found regex_match(const struct regex *regex, const char *text, size_t length, size_t from,
		       struct regex_span *spans_r, size_t span_count)
    __attribute__((nonnull(1, 2)));

#endif
