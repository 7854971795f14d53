/* SPDX-License-Identifier: BSD-2-Clause */
/* What rules do to a message that passes, one after the other. */
#include "milters/content/content_act.h"
#include "milters/content/editor.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOTICE "[An attachment was removed here by a rule of the mail relay.]"

static long long number_of(const struct content_hit *hit)
{
	return (long long)hit->rule->number;
}

static void add_header(struct message *message, const char *name, const char *text)
{
	char *value = header_encode(text);

	message_header_add(message, name, value);
	free(value);
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t\r\n");
}

/* Readers drop the blank between two encoded words (RFC 2047 section 6.2): it goes into the first then. */
static char *make_tag(const char *tag, const char *subject)
{
	struct octets value = {0};
	char *text, *encoded;

	octets_add_text(&value, tag);
	if (strncmp(subject, "=?", 2) == 0)
		octets_add_text(&value, " ");
	text = value.data;
	encoded = header_encode(text);
	free(text);
	value = (struct octets){0};
	octets_add_text(&value, encoded);
	octets_add_text(&value, " ");
	free(encoded);
	return value.data;
}

static void tag_subject(struct message *message, const char *tag)
{
	struct octets value = {0};
	const char *subject = "";
	char *prefix;
	size_t at;
	bool there = message_header_find(message, "Subject", 0, &at);

	if (there)
		subject = skip_blanks(message_header_at(message, at)->value);
	prefix = make_tag(tag, subject);
	octets_add_text(&value, prefix);
	octets_add_text(&value, subject);
	if (!there)
		message_header_add(message, "Subject", value.data);
	else if (strncmp(subject, prefix, strlen(prefix)) != 0)
		message_header_replace(message, at, value.data);
	free(value.data);
	free(prefix);
}

/* What must leave and cannot be taken out keeps the message here. */
static void remove_attachments(struct editor *editor, const struct content_hit *hit)
{
	const char *notice = hit->rule->arguments[0];
	struct error why;

	for (size_t i = 0; i < hit->part_count; i++) {
		if (!editor_remove(editor, hit->parts[i], notice != NULL ? notice : NOTICE, &why))
			(void)message_quarantine(editor->message,
						 "Held by rule %lld: %s cannot be removed: %s",
						 number_of(hit), hit->where, why.text);
	}
}

static void redirect(struct message *message, const char *address)
{
	message_recipients_delete(message);
	message_recipient_add(message, address);
}

static void put_into_effect(struct editor *editor, const struct content_hit *hit)
{
	char *const *arguments = hit->rule->arguments;
	struct message *message = editor->message;

	switch (hit->rule->action) {
	case CONTENT_ADD_HEADER:
		add_header(message, arguments[0], arguments[1]);
		return;
	case CONTENT_TAG_SUBJECT:
		tag_subject(message, arguments[0]);
		return;
	case CONTENT_REMOVE_ATTACHMENT:
		remove_attachments(editor, hit);
		return;
	case CONTENT_REDIRECT:
		redirect(message, arguments[0]);
		return;
	case CONTENT_COPY:
		message_recipient_add(message, arguments[0]);
		return;
	case CONTENT_DISCLAIMER:
		editor_append(editor, arguments[0], arguments[1]);
		return;
	case CONTENT_REJECT:
	case CONTENT_TEMPFAIL:
	case CONTENT_QUARANTINE:
	case CONTENT_DISCARD:
	case CONTENT_ACCEPT:
		return;
	}
}

static void change(struct message *message, const struct content_ruling *ruling,
		   struct editor *editor)
{
	struct error why;

	if (ruling->tag[0] != '\0')
		message_header_insert(message, 0, CONTENT_HEADER, ruling->tag);
	for (size_t i = 0; i < ruling->effect_count; i++) {
		const struct content_hit *hit = ruling->effects[i];

		put_into_effect(editor, hit);
		message_remark(message, "rule %lld: %s", number_of(hit),
			       content_action_word(hit->rule->action));
	}
	if (!editor_finish(editor, &why))
		message_remark(message, "disclaimer left out: %s", why.text);
}

enum verdict content_act(struct message *message, const struct content_ruling *ruling,
			 const struct message_facts *facts, const char *data, size_t length)
{
	struct editor editor;

	switch (ruling->action) {
	case ACTION_REJECT:
		return message_reject(message, ruling->status, "%s", ruling->text);
	case ACTION_TEMPFAIL:
		return message_tempfail(message, ruling->status, "%s", ruling->text);
	case ACTION_DISCARD:
		return message_discard(message, "%s", ruling->text);
	case ACTION_QUARANTINE:
		(void)message_quarantine(message, "%s", ruling->text);
		break;
	case ACTION_ACCEPT:
	case ACTION_TAG:
		break;
	}
	editor_start(&editor, message, facts, data, length);
	change(message, ruling, &editor);
	return VERDICT_CONTINUE;
}
