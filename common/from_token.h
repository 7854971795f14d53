/* SPDX-License-Identifier: BSD-2-Clause */
/* The lexical tokens of a structured header field (RFC 5322 section 3.2). Internal to from_header.c. */
#ifndef EASYMAIL_FROM_TOKEN_H
#define EASYMAIL_FROM_TOKEN_H

#include "common/error.h"
#include <stddef.h>

enum from_token_kind {
	FROM_END,
	FROM_ATOM,    /* a run of atext (RFC 6532: UTF-8 too) */
	FROM_QUOTED,  /* a quoted string, with its quotes */
	FROM_SPECIAL, /* one of < > @ , ; : . [ ] */
};

struct from_token {
	enum from_token_kind kind;
	const char *text; /* points into the value */
	size_t length;
	bool is_apart;     /* comments or white space are before it */
	bool is_encoded;   /* it has in it what begins an encoded word */
	bool has_brackets; /* a quoted string with < or > in it */
};

struct from_lexer {
	const char *at;
};

/*
 * Skips comments and white space, takes one token. False: a control character, an ill-folded line,
 * what is not UTF-8, or a quoted string or comment that is not closed; the error names it.
 */
bool from_token_next(struct from_lexer *lexer, struct from_token *token_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
