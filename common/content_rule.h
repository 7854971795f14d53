/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One rule on what mail may carry, read from its text: a condition, `WHAT PATTERN [and …]`, and an action.
 * The language is described in easymail.conf(5). Nothing here looks at a message.
 */
#ifndef EASYMAIL_CONTENT_RULE_H
#define EASYMAIL_CONTENT_RULE_H

#include "common/content_what.h"
#include "common/error.h"
#include <stddef.h>
#include <stdint.h>

enum content_relation {
	RELATION_IS,      /* the whole value */
	RELATION_HAS,     /* a piece of it; a blank stands for any run of blanks and line ends */
	RELATION_LIKE,    /* the whole value, with * ? [a-z] */
	RELATION_MATCHES, /* a regular expression (pcre2pattern(3)), anywhere in it */
	RELATION_ABOVE,
	RELATION_BELOW,
	RELATION_THERE, /* a count above 0, any flaw */
};

/* All four kinds of patterns as one: a regular expression, with what may stand before it. */
struct content_pattern {
	char *expression;
	size_t column; /* of its source in the condition, for errors */
	bool ignore_case, multi_line, dot_all, extended;
	bool plain; /* made of an ASCII text: no character class, no repetition but of blanks */
};

struct content_term {
	enum content_what what;
	bool negated;
	char *header; /* of WHAT_HEADER: the name; otherwise NULL */
	enum content_relation relation;
	uint64_t number; /* of ABOVE and BELOW */
	struct content_pattern *patterns;
	size_t pattern_count;
};

enum content_action {
	CONTENT_REJECT,     /* [text] */
	CONTENT_TEMPFAIL,   /* [text] */
	CONTENT_QUARANTINE, /* [text] */
	CONTENT_DISCARD,
	CONTENT_ACCEPT,            /* no further rule of the same owner is looked at */
	CONTENT_ADD_HEADER,        /* name, value */
	CONTENT_TAG_SUBJECT,       /* text */
	CONTENT_REMOVE_ATTACHMENT, /* [notice] */
	CONTENT_REDIRECT,          /* address */
	CONTENT_COPY,              /* address */
	CONTENT_DISCLAIMER,        /* text [html] */
};

#define CONTENT_TERMS_MAX    32
#define CONTENT_PATTERNS_MAX 20000 /* of one rule */

struct content_rule {
	int64_t number; /* the row's id; 0: built in */
	struct content_term *terms;
	size_t term_count;
	enum content_action action;
	char *arguments[2]; /* NULL: not given */
};

/* The error begins with "condition: column N: " or "action: column N: ". The caller frees. */
bool content_rule_parse(const char *condition, const char *action, struct content_rule **rule_r,
			struct error *err) __attribute__((nonnull, warn_unused_result));
void content_rule_free(struct content_rule *rule); /* takes NULL */

/* The word that the language has for it. */
const char *content_action_word(enum content_action action);

/* Parts of content_rule_parse, for its files only. */
bool content_terms_parse(const char *condition, struct content_rule *rule, struct error *err)
    __attribute__((nonnull, warn_unused_result));
bool content_action_parse(const char *action, struct content_rule *rule, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
