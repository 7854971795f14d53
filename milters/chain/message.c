/* SPDX-License-Identifier: BSD-2-Clause */
/* What filters do to a message: its headers, and the reply that goes with a verdict. */
#include "milters/chain/message.h"
#include "milters/chain/filter.h"
#include "milters/chain/headers.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 5321 section 4.5.3.1.5: a reply line has 512 octets, with its codes and the line end. */
#define REPLY_TEXT_SIZE 490

size_t message_header_count(const struct message *message)
{
	return headers_count(message->headers);
}

const struct header *message_header_at(const struct message *message, size_t index)
{
	return headers_at(message->headers, index);
}

bool message_header_find(const struct message *message, const char *name, size_t from,
			 size_t *index_r)
{
	for (size_t i = from; i < headers_count(message->headers); i++) {
		if (strcasecmp(headers_at(message->headers, i)->name, name) == 0) {
			*index_r = i;
			return true;
		}
	}
	return false;
}

void message_header_insert(struct message *message, size_t index, const char *name,
			   const char *value)
{
	headers_insert(message->headers, index, name, value);
}

void message_header_add(struct message *message, const char *name, const char *value)
{
	headers_insert(message->headers, headers_count(message->headers), name, value);
}

void message_header_replace(struct message *message, size_t index, const char *value)
{
	headers_replace(message->headers, index, value);
}

void message_header_delete(struct message *message, size_t index)
{
	headers_delete(message->headers, index);
}

void message_set_way(struct message *message, enum egress_way way)
{
	if (way > message->decision.way)
		message->decision.way = way;
}

void message_set_return_path(struct message *message, const char *address)
{
	snprintf(message->decision.return_path, sizeof(message->decision.return_path), "%s",
		 address);
}

void message_replace_body(struct message *message, void *octets, size_t length)
{
	free(message->new_body);
	message->new_body = octets;
	message->new_body_length = length;
}

const void *message_new_body(const struct message *message, size_t *length_r)
{
	*length_r = message->new_body_length;
	return message->new_body;
}

/* Replies are printable ASCII (RFC 5321 section 4.2), whatever they quote. */
static void set_text(struct decision *decision, const char *format, va_list arguments)
{
	_Static_assert(REPLY_TEXT_SIZE <= sizeof(decision->text), "a reply fits into its record");
	vsnprintf(decision->text, REPLY_TEXT_SIZE, format, arguments);
	for (char *c = decision->text; *c != '\0'; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
}

static void set_code(struct decision *decision, int code, const char *status)
{
	decision->code = code;
	snprintf(decision->status, sizeof(decision->status), "%s", status);
}

enum verdict message_reject(struct message *message, const char *code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	set_text(&message->decision, format, arguments);
	va_end(arguments);
	set_code(&message->decision, 550, code);
	message->decision.verdict = DECISION_REJECT;
	return VERDICT_REJECT;
}

enum verdict message_tempfail(struct message *message, const char *code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	set_text(&message->decision, format, arguments);
	va_end(arguments);
	set_code(&message->decision, 451, code);
	message->decision.verdict = DECISION_TEMPFAIL;
	return VERDICT_TEMPFAIL;
}

enum verdict message_discard(struct message *message, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	set_text(&message->decision, format, arguments);
	va_end(arguments);
	set_code(&message->decision, 250, "2.0.0");
	message->decision.verdict = DECISION_DISCARD;
	return VERDICT_DISCARD;
}

void message_remark(struct message *message, const char *format, ...)
{
	struct decision *decision = &message->decision;
	size_t used = strlen(decision->text);
	va_list arguments;

	if (decision->verdict == DECISION_QUARANTINE)
		return;
	if (used > 0 && used + 2 < sizeof(decision->text)) {
		memcpy(decision->text + used, "; ", 3);
		used += 2;
	}
	va_start(arguments, format);
	vsnprintf(decision->text + used, sizeof(decision->text) - used, format, arguments);
	va_end(arguments);
}

enum verdict message_quarantine(struct message *message, const char *format, ...)
{
	va_list arguments;

	if (message->decision.verdict == DECISION_QUARANTINE)
		return VERDICT_CONTINUE;
	va_start(arguments, format);
	set_text(&message->decision, format, arguments);
	va_end(arguments);
	message->decision.verdict = DECISION_QUARANTINE;
	return VERDICT_CONTINUE;
}
