/* SPDX-License-Identifier: BSD-2-Clause */
/* A rule and its action. */
#include "common/content_rule.h"
#include "common/mailbox.h"
#include "common/rule_words.h"
#include "common/text_rule.h"
#include <stdlib.h>
#include <string.h>

#define REPLY_MAX  300 /* octets of a reply, with room for what is put around it */
#define HEADER_MAX 900

enum argument {
	ARGUMENT_NONE,
	ARGUMENT_REPLY,  /* a line */
	ARGUMENT_NAME,   /* of a header */
	ARGUMENT_HEADER, /* the value of one */
	ARGUMENT_TEXT,   /* with line ends */
	ARGUMENT_ADDRESS,
};

static const struct {
	const char *word;
	enum argument arguments[2];
	int needed;
} actions[] = {
    [CONTENT_REJECT] = {"reject", {ARGUMENT_REPLY}, 0},
    [CONTENT_TEMPFAIL] = {"tempfail", {ARGUMENT_REPLY}, 0},
    [CONTENT_QUARANTINE] = {"quarantine", {ARGUMENT_REPLY}, 0},
    [CONTENT_DISCARD] = {"discard", {ARGUMENT_NONE}, 0},
    [CONTENT_ACCEPT] = {"accept", {ARGUMENT_NONE}, 0},
    [CONTENT_ADD_HEADER] = {"add-header", {ARGUMENT_NAME, ARGUMENT_HEADER}, 2},
    [CONTENT_TAG_SUBJECT] = {"tag-subject", {ARGUMENT_HEADER}, 1},
    [CONTENT_REMOVE_ATTACHMENT] = {"remove-attachment", {ARGUMENT_TEXT}, 0},
    [CONTENT_REDIRECT] = {"redirect", {ARGUMENT_ADDRESS}, 1},
    [CONTENT_COPY] = {"copy", {ARGUMENT_ADDRESS}, 1},
    [CONTENT_DISCLAIMER] = {"disclaimer", {ARGUMENT_TEXT, ARGUMENT_TEXT}, 1},
};

#define ACTION_COUNT (sizeof(actions) / sizeof(*actions))

const char *content_action_word(enum content_action action)
{
	return actions[action].word;
}

/* What there may be only one of (RFC 5322 section 3.6), and what decides about the message. */
static const char *const reserved[] = {
    "From", "Sender",     "Reply-To",    "To",           "Cc",
    "Bcc",  "Message-ID", "References",  "In-Reply-To",  "Subject",
    "Date", "Received",   "Return-Path", "MIME-Version", "DKIM-Signature",
};
static const char *const reserved_prefixes[] = {"Content-", "X-Easymail-", "ARC-"};

static bool is_reserved(const char *name)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++) {
		if (strcasecmp(name, reserved[i]) == 0)
			return true;
	}
	for (size_t i = 0; i < sizeof(reserved_prefixes) / sizeof(*reserved_prefixes); i++) {
		if (strncasecmp(name, reserved_prefixes[i], strlen(reserved_prefixes[i])) == 0)
			return true;
	}
	return false;
}

static bool check_name(const char *name, struct error *err)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789-_");

	if (length == 0 || length > 76 || name[length] != '\0')
		return error_set(err, "'%.60s' is no header name of letters, digits and hyphens",
				 name);
	return !is_reserved(name) ||
	       error_set(err, "header %s may not be set by rules; take another name", name);
}

static bool check_address(const char *address, struct error *err)
{
	struct mailbox mailbox;

	if (!mailbox_parse(address, &mailbox, err))
		return false;
	return !mailbox.is_null || error_set(err, "the null address is nobody's");
}

static bool check_argument(enum argument argument, const char *text, struct error *err)
{
	switch (argument) {
	case ARGUMENT_NONE:
	case ARGUMENT_TEXT:
		return text[0] != '\0' || error_set(err, "the text is empty");
	case ARGUMENT_REPLY:
		return text_rule_check("text", text, REPLY_MAX, err);
	case ARGUMENT_HEADER:
		return text_rule_check("value", text, HEADER_MAX, err);
	case ARGUMENT_NAME:
		return check_name(text, err);
	case ARGUMENT_ADDRESS:
		return check_address(text, err);
	}
	return false;
}

static bool read_argument(struct rule_words *words, enum argument argument, char **text_r,
			  struct error *err)
{
	struct error problem;

	if (words->word.kind != RULE_BARE && words->word.kind != RULE_TEXT)
		return rule_words_fail(words, words->word.column, err,
				       "here should be a text: \"…\"");
	if (!check_argument(argument, words->word.text, &problem))
		return rule_words_fail(words, words->word.column, err, "%s", problem.text);
	*text_r = rule_words_take(words);
	return rule_words_next(words, err);
}

static bool read_arguments(struct rule_words *words, struct content_rule *rule, struct error *err)
{
	for (int i = 0; i < 2 && actions[rule->action].arguments[i] != ARGUMENT_NONE; i++) {
		if (words->word.kind == RULE_END && i >= actions[rule->action].needed)
			break;
		if (!read_argument(words, actions[rule->action].arguments[i], &rule->arguments[i],
				   err))
			return false;
	}
	return words->word.kind == RULE_END ||
	       rule_words_fail(words, words->word.column, err, "'%.60s' is more than %s takes",
			       words->word.text, actions[rule->action].word);
}

static bool read_action(struct rule_words *words, struct content_rule *rule, struct error *err)
{
	for (size_t i = 0; i < ACTION_COUNT; i++) {
		if (!rule_words_is(words, actions[i].word))
			continue;
		rule->action = (enum content_action)i;
		return rule_words_next(words, err) && read_arguments(words, rule, err);
	}
	return rule_words_fail(words, words->word.column, err,
			       "'%.60s' is none of reject, tempfail, quarantine, discard, accept, "
			       "add-header, tag-subject, remove-attachment, redirect, copy, "
			       "disclaimer",
			       words->word.text != NULL ? words->word.text : "");
}

bool content_action_parse(const char *action, struct content_rule *rule, struct error *err)
{
	struct rule_words words;
	bool done =
	    rule_words_start(&words, "action", action, err) && read_action(&words, rule, err);

	rule_words_end(&words);
	return done;
}

static bool is_on_files(const struct content_rule *rule)
{
	for (size_t i = 0; i < rule->term_count; i++) {
		const struct content_what_row *what = &content_whats[rule->terms[i].what];

		if (what->of_attachments || what->of_members)
			return true;
	}
	return false;
}

bool content_rule_parse(const char *condition, const char *action, struct content_rule **rule_r,
			struct error *err)
{
	struct content_rule *rule = calloc(1, sizeof(*rule));
	bool done;

	if (rule == NULL)
		abort();
	done = content_terms_parse(condition, rule, err) && content_action_parse(action, rule, err);
	if (done && rule->action == CONTENT_REMOVE_ATTACHMENT && !is_on_files(rule))
		done = error_set(err, "action: column 1: remove-attachment needs a condition that "
				      "says which: attachment.…, member.… or file.…");
	if (!done) {
		content_rule_free(rule);
		return false;
	}
	*rule_r = rule;
	return true;
}

static void term_free(struct content_term *term)
{
	for (size_t i = 0; i < term->pattern_count; i++)
		free(term->patterns[i].expression);
	free(term->patterns);
	free(term->header);
}

void content_rule_free(struct content_rule *rule)
{
	if (rule == NULL)
		return;
	for (size_t i = 0; i < rule->term_count; i++)
		term_free(&rule->terms[i]);
	free(rule->terms);
	free(rule->arguments[0]);
	free(rule->arguments[1]);
	free(rule);
}
