/* SPDX-License-Identifier: BSD-2-Clause */
/* Goes over the headers twice: what names there are, then what is to go. */
#include "milters/sign/hide_headers.h"
#include "common/utf8.h"
#include "milters/sign/hide_table.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TRACE_VALUE_SIZE 256 /* of one header */

/* What postfix-conf/smtp_header_checks makes of Postfix's own line. */
static bool is_our_trace(const struct header *header)
{
	const char *value = header->value + strspn(header->value, " \t\r\n");

	if (strcasecmp(header->name, "Received") != 0 || strncmp(value, "by ", 3) != 0)
		return false;
	value += 3;
	value += strcspn(value, " ");
	return strncmp(value, " (easymail) ", 12) == 0;
}

/* `Name: value` with its folds as blanks, appended to the trace. */
static void note(struct hide_trace *trace, const struct header *header)
{
	char text[TRACE_VALUE_SIZE];
	int length;

	snprintf(text, sizeof(text), "%s:%s", header->name, header->value);
	for (char *c = text; *c != '\0'; c++) {
		if (*c == '\n' || *c == '\t')
			*c = ' ';
		else if (*c == '"')
			*c = '\'';
	}
	utf8_make_printable(text);
	trace->count++;
	length = snprintf(trace->text + trace->used, sizeof(trace->text) - trace->used, "%s%s",
			  trace->used > 0 ? " | " : "", text);
	if ((size_t)length < sizeof(trace->text) - trace->used)
		trace->used += (size_t)length;
	else
		trace->text[trace->used] = '\0';
}

static void collect_words(const struct message *message, const struct session *session,
			  struct hide_words *words)
{
	hide_words_add(words, session->client_text, strlen(session->client_text));
	hide_words_add(words, session->client_name, strlen(session->client_name));
	hide_words_add(words, session->helo, strlen(session->helo));
	for (size_t i = 0; i < message_header_count(message); i++) {
		const struct header *header = message_header_at(message, i);

		if (is_our_trace(header))
			continue;
		if (strcasecmp(header->name, "Received") == 0 ||
		    strcasecmp(header->name, "X-Received") == 0)
			hide_words_add_received(words, header->value);
	}
}

static bool is_to_go(const struct header *header, const struct hide_words *words)
{
	if (is_our_trace(header))
		return false;
	if (hide_table_find(header->name) != NULL)
		return true;
	return !hide_table_is_standard(header->name) && hide_words_occur(words, header->value);
}

/* RFC 2045 section 4 allows comments, and mail programs write their names there. */
static void strip_mime_version(struct message *message, struct hide_trace *trace)
{
	for (size_t at = 0; message_header_find(message, "MIME-Version", at, &at); at++) {
		const struct header *header = message_header_at(message, at);

		if (strchr(header->value, '(') == NULL)
			continue;
		note(trace, header);
		message_header_replace(message, at, "1.0");
	}
}

void hide_headers(struct message *message, const struct session *session, struct hide_words *words,
		  struct hide_trace *trace)
{
	size_t at = 0;

	collect_words(message, session, words);
	while (at < message_header_count(message)) {
		const struct header *header = message_header_at(message, at);

		if (!is_to_go(header, words)) {
			at++;
			continue;
		}
		note(trace, header);
		message_header_delete(message, at);
	}
	strip_mime_version(message, trace);
}
