/* SPDX-License-Identifier: BSD-2-Clause */
/* Sorting bounces. */
#include "common/bounce_class.h"
#include "common/bounce_defaults.h"
#include "common/bounce_status.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EASYMAIL "easymail" /* the source of rules that are not the operator's */

struct bounce_rules {
	struct reply_rules *replies, *bounces;
};

static const char *const class_names[] = {"other", "auto_reply", "policy",
					  "soft",  "hard",       "complaint"};

const char *bounce_class_name(enum bounce_class class)
{
	return class_names[class];
}

bool bounce_class_parse(const char *text, enum bounce_class *class_r)
{
	for (size_t i = 0; i < sizeof(class_names) / sizeof(*class_names); i++) {
		if (strcmp(text, class_names[i]) == 0) {
			*class_r = (enum bounce_class)i;
			return true;
		}
	}
	return false;
}

bool bounce_rules_load(const char *replies_path, struct bounce_rules **rules_r, struct error *err)
{
	struct bounce_rules *rules = calloc(1, sizeof(*rules));

	if (rules == NULL)
		abort();
	if (reply_rules_load(replies_path, &rules->replies, err) &&
	    reply_rules_parse("bounces", bounce_defaults, &rules->bounces, err)) {
		*rules_r = rules;
		return true;
	}
	bounce_rules_free(rules);
	return false;
}

void bounce_rules_free(struct bounce_rules *rules)
{
	if (rules == NULL)
		return;
	reply_rules_free(rules->replies);
	reply_rules_free(rules->bounces);
	free(rules);
}

/* The operator's rules, those of bounces, those of replies. */
static const struct reply_rule *find_rule(const struct bounce_rules *rules, const char *text)
{
	const struct reply_rule *reply = reply_rules_find(rules->replies, text);
	const struct reply_rule *bounce;

	if (reply != NULL && strcmp(reply->source, EASYMAIL) != 0)
		return reply;
	bounce = reply_rules_find(rules->bounces, text);
	return bounce != NULL ? bounce : reply;
}

/* A three-digit reply code, as a word of its own with more after it. */
static bool is_reply(const char *text, const char *at)
{
	return (at == text || !isalnum((unsigned char)at[-1])) && (at[0] == '4' || at[0] == '5') &&
	       isdigit((unsigned char)at[1]) && isdigit((unsigned char)at[2]) &&
	       (at[3] == ' ' || at[3] == '-') && at[4] != '\0';
}

/* The reply that is quoted in the text, with the codes that begin its further lines left out; false: there is none. */
static bool copy_reply(const char *text, char reply_r[BOUNCE_TEXT_SIZE])
{
	const char *at = text;
	size_t used;

	while (*at != '\0' && !is_reply(text, at))
		at++;
	if (*at == '\0')
		return false;
	memcpy(reply_r, at, 3);
	reply_r[3] = ' ';
	used = 4;
	for (at += 4; *at != '\0' && used + 1 < BOUNCE_TEXT_SIZE; at++) {
		if (memcmp(reply_r, at, 3) == 0 && is_reply(text, at)) {
			at += 3;
			continue;
		}
		reply_r[used++] = *at;
	}
	reply_r[used] = '\0';
	return true;
}

static enum bounce_class class_of_reply(enum reply_class class, bool permanent)
{
	switch (class) {
	case REPLY_MAILBOX_UNKNOWN:
	case REPLY_MAILBOX_DISABLED:
	case REPLY_DNS:
		return permanent ? BOUNCE_HARD : BOUNCE_SOFT;
	case REPLY_REPUTATION:
	case REPLY_LISTED:
	case REPLY_RATE:
	case REPLY_POLICY:
	case REPLY_AUTHENTICATION:
	case REPLY_CONTENT:
	case REPLY_VIRUS:
	case REPLY_SIZE:
	case REPLY_TLS:
		return BOUNCE_POLICY;
	case REPLY_MAILBOX_FULL:
	case REPLY_GREYLISTED:
	case REPLY_RELAY_DENIED:
	case REPLY_CONNECTION:
	case REPLY_TROUBLE:
	case REPLY_LOOP:
	case REPLY_LOCAL:
		return BOUNCE_SOFT;
	case REPLY_AUTOMATIC:
		return BOUNCE_AUTOMATIC;
	case REPLY_ACCEPTED:
	case REPLY_OTHER:
	case REPLY_CLASS_COUNT:
		break;
	}
	return BOUNCE_OTHER;
}

/* RFC 3463, where no words tell. Codes of X.0.0 tell nothing. */
static enum bounce_class class_of_status(const char *status)
{
	int class, subject, detail;

	if (sscanf(status, "%d.%d.%d", &class, &subject, &detail) != 3)
		return BOUNCE_OTHER;
	if (class != 5)
		return subject == 7 ? BOUNCE_POLICY : class == 4 ? BOUNCE_SOFT : BOUNCE_OTHER;
	switch (subject) {
	case 1: /* X.1.7 and X.1.8 are about the sender's address */
		return detail == 7 || detail == 8 ? BOUNCE_POLICY : BOUNCE_HARD;
	case 2: /* X.2.1: disabled; the others pass */
		return detail == 1 ? BOUNCE_HARD : detail == 3 ? BOUNCE_POLICY : BOUNCE_SOFT;
	case 3:
		return detail == 4 ? BOUNCE_POLICY : BOUNCE_SOFT;
	case 4:
		return detail == 4 ? BOUNCE_HARD : BOUNCE_SOFT;
	case 6:
	case 7:
		return BOUNCE_POLICY;
	case 5:
		return BOUNCE_SOFT;
	default: /* not of RFC 3463, or X.0 */
		return BOUNCE_OTHER;
	}
}

/* What the words say; a rule that says nothing is none. */
static struct bounce_ruling rule_words(const struct bounce_rules *rules, const char *text,
				       bool permanent)
{
	struct bounce_ruling ruling = {BOUNCE_OTHER, NULL};
	char reply[BOUNCE_TEXT_SIZE];

	if (copy_reply(text, reply)) {
		ruling.rule = find_rule(rules, reply);
		permanent = permanent && reply[0] == '5';
	}
	if (ruling.rule == NULL)
		ruling.rule = find_rule(rules, text);
	if (ruling.rule != NULL)
		ruling.class = class_of_reply(ruling.rule->class, permanent);
	return ruling;
}

struct bounce_ruling bounce_classify_message(const struct bounce_rules *rules,
					     const struct bounce_report *report)
{
	struct bounce_ruling ruling = {BOUNCE_OTHER, NULL};
	char subject[sizeof("Subject: ") + BOUNCE_FIELD_SIZE];

	if (report->kind == BOUNCE_AUTO_REPLY)
		ruling.class = BOUNCE_AUTOMATIC;
	if (report->kind != BOUNCE_NONE)
		return ruling;
	snprintf(subject, sizeof(subject), "Subject: %s", report->subject);
	ruling.rule = find_rule(rules, subject);
	if (ruling.rule != NULL && ruling.rule->class == REPLY_AUTOMATIC)
		ruling.class = BOUNCE_AUTOMATIC;
	else
		ruling.rule = NULL;
	return ruling;
}

struct bounce_ruling bounce_classify(const struct bounce_rules *rules,
				     const struct bounce_report *report, size_t at)
{
	const struct bounce_recipient *recipient = &report->recipients[at];
	bool permanent = recipient->status[0] != '4';
	struct bounce_ruling ruling = {BOUNCE_UNWANTED, NULL};

	if (report->kind == BOUNCE_COMPLAINT)
		return ruling;
	if (report->kind != BOUNCE_REPORT || recipient->action != BOUNCE_FAILED)
		return (struct bounce_ruling){BOUNCE_OTHER, NULL};
	ruling = rule_words(rules, recipient->text, permanent);
	if (ruling.class == BOUNCE_OTHER)
		ruling = (struct bounce_ruling){class_of_status(recipient->status), NULL};
	if (ruling.class == BOUNCE_OTHER)
		ruling = rule_words(rules, report->body, permanent);
	/* It failed, and nobody said why: that it fails often is what counts. */
	if (ruling.class == BOUNCE_OTHER || ruling.class == BOUNCE_AUTOMATIC)
		ruling = (struct bounce_ruling){BOUNCE_SOFT, NULL};
	return ruling;
}
