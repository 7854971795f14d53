/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a bounce means for the address that it is about, by tables of `CLASS CODE PATTERN` as reply_rules.h reads them:
 * the operator's table of replies, then easymail's of bounces (postfix-conf/bounces), then easymail's of replies.
 */
#ifndef EASYMAIL_BOUNCE_CLASS_H
#define EASYMAIL_BOUNCE_CLASS_H

#include "common/bounce_report.h"
#include "common/reply_rules.h"

/* The later, the more it says of the address. */
enum bounce_class {
	BOUNCE_OTHER,     /* nothing: a delay, a delivery, mail that is no bounce */
	BOUNCE_AUTOMATIC, /* an automatic reply: the mail arrived */
	BOUNCE_POLICY,    /* refused for what the mail or its source is */
	BOUNCE_SOFT,      /* not taken now: full, out of order, never reached */
	BOUNCE_HARD,      /* the address will never take mail */
	BOUNCE_UNWANTED,  /* its owner complained */
};

const char *bounce_class_name(enum bounce_class class); /* "hard", "auto_reply", … */
bool bounce_class_parse(const char *text, enum bounce_class *class_r) __attribute__((nonnull));

struct bounce_rules;

/* `replies_path` is the operator's table, which need not be there. A line that is wrong is an error that names it. */
bool bounce_rules_load(const char *replies_path, struct bounce_rules **rules_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void bounce_rules_free(struct bounce_rules *rules); /* takes NULL */

/* Why a bounce is of its class, for people. */
struct bounce_ruling {
	enum bounce_class class;
	const struct reply_rule
	    *rule; /* that fitted; NULL: none, the status code or the form decided */
};

/* Of a report without a structure the subject may still say that it is an automatic reply. */
struct bounce_ruling bounce_classify_message(const struct bounce_rules *rules,
					     const struct bounce_report *report)
    __attribute__((nonnull));

/* Of one recipient of a BOUNCE_REPORT or BOUNCE_COMPLAINT. */
struct bounce_ruling bounce_classify(const struct bounce_rules *rules,
				     const struct bounce_report *report, size_t recipient)
    __attribute__((nonnull));

#endif
