/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words that a content rule's condition and action are written in: bare words, "texts", /expressions/,
 * commas and comparisons. Every word knows its column, so that an error can name the place.
 */
#ifndef EASYMAIL_RULE_WORDS_H
#define EASYMAIL_RULE_WORDS_H

#include "common/error.h"
#include <stddef.h>

enum rule_word_kind {
	RULE_END,  /* nothing follows */
	RULE_BARE, /* attachment.name, and, 25M, *.exe: up to a blank, comma, quote or comparison */
	RULE_TEXT, /* "…" or '…'; \" \' \\ \n \t inside */
	RULE_EXPRESSION, /* /…/ with the letters behind it in `flags`; \/ stays as it is */
	RULE_COMMA,
	RULE_ABOVE, /* > */
	RULE_BELOW, /* < */
};

struct rule_word {
	enum rule_word_kind kind;
	size_t column; /* of its first octet, from 1 */
	size_t length;
	char *text;    /* without quotes, slashes and escapes */
	char flags[8]; /* of an expression: "i", "im"; "" */
};

struct rule_words {
	const char *field; /* "condition": what errors begin with */
	const char *text;  /* the whole */
	size_t at;
	struct rule_word word; /* the one that is next */
};

/* Reads the first word. False: it is none, and so with the next. `text` must outlive `words`. */
bool rule_words_start(struct rule_words *words, const char *field, const char *text,
		      struct error *err) __attribute__((nonnull, warn_unused_result));
bool rule_words_next(struct rule_words *words, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void rule_words_end(struct rule_words *words) __attribute__((nonnull)); /* also after an error */

/* Is the next word this bare one? */
bool rule_words_is(const struct rule_words *words, const char *bare) __attribute__((nonnull));

/* The text of the next word, which becomes the caller's to free. */
char *rule_words_take(struct rule_words *words) __attribute__((nonnull));

/* "FIELD: column N: …". Always false. */
bool rule_words_fail(const struct rule_words *words, size_t column, struct error *err,
		     const char *format, ...) __attribute__((format(printf, 4, 5), nonnull));

#endif
