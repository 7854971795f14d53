/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table that sorts receivers' replies into classes: an operator's rules, then those that come with easymail.
 * A line is `CLASS CODE PATTERN`; the first that fits decides. Format: easymail-tracker(8).
 */
#ifndef EASYMAIL_REPLY_RULES_H
#define EASYMAIL_REPLY_RULES_H

#include "common/error.h"
#include "common/reply_class.h"
#include <stddef.h>

#define REPLY_RULES_MAX 2000 /* that an operator may have */

struct reply_rules;

/* One line of a table. */
struct reply_rule {
	enum reply_class class;
	const char *code; /* as written: "550", "4xx", "*", "-" */
	const char *pattern;
	const char *source; /* the operator's file, or "easymail" */
	unsigned line;
};

/* Those at `path`, which need not be there, and easymail's. A line that is wrong is an error that names it. */
bool reply_rules_load(const char *path, struct reply_rules **rules_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void reply_rules_free(struct reply_rules *rules); /* takes NULL */

/* From memory, without easymail's; `source` must outlive them. The parser that is fuzzed. */
bool reply_rules_parse(const char *source, const char *text, struct reply_rules **rules_r,
		       struct error *err) __attribute__((nonnull, warn_unused_result));

/* In the order in which they are tried; NULL at the end. */
const struct reply_rule *reply_rules_at(const struct reply_rules *rules, size_t at)
    __attribute__((nonnull));

/*
 * What the text of a delivery in the log means, or the reply alone: `host mx.example[192.0.2.1] said:` before it and
 * `(in reply to …)` after it are passed over. NULL: no rule fits, which is REPLY_OTHER. Any thread may call.
 */
const struct reply_rule *reply_rules_find(const struct reply_rules *rules, const char *text)
    __attribute__((nonnull));

/* The class of a delivery's result: a status "sent" is accepted whatever was said. */
enum reply_class reply_rules_class(const struct reply_rules *rules, const char *status,
				   const char *text) __attribute__((nonnull));

#endif
