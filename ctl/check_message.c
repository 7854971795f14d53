/* SPDX-License-Identifier: BSD-2-Clause */
/* Splits a message into headers and body, and changes its headers. */
#include "ctl/check_message.h"
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void *need(void *memory)
{
	if (!memory)
		errx(1, "memory");
	return memory;
}

/* All of the input, NUL-terminated; NULL when it cannot be read or is too long. */
static char *read_input(FILE *in, size_t *length_r)
{
	size_t room = 65536, used = 0, count;
	char *text = need(malloc(room + 1));

	while ((count = fread(text + used, 1, room - used, in)) > 0) {
		used += count;
		if (used == room)
			text = need(realloc(text, (room *= 2) + 1));
		if (used > CHECK_MESSAGE_MAX)
			break;
	}
	if (ferror(in) || used > CHECK_MESSAGE_MAX) {
		free(text);
		return NULL;
	}
	text[used] = '\0';
	*length_r = used;
	return text;
}

/* Drops the CR before each LF; the new length. */
static size_t drop_cr(char *text, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] != '\r' || i + 1 == length || text[i + 1] != '\n')
			text[used++] = text[i];
	}
	text[used] = '\0';
	return used;
}

/* Does a header begin here? RFC 5322 section 3.6.8: printable ASCII without blanks before the colon. */
static bool is_header(const char *line, const char *end)
{
	const char *at = line;

	while (at<end && * at> ' ' && *at < 0x7f && *at != ':')
		at++;
	return at > line && at < end && *at == ':';
}

static const char *line_end(const char *line, const char *end)
{
	const char *newline = memchr(line, '\n', (size_t)(end - line));

	return newline ? newline : end;
}

/* Takes the header at `line` with its folds; where the next line begins. */
static const char *take_header(const char *line, const char *end, struct pairs *headers)
{
	const char *stop = line_end(line, end), *colon = memchr(line, ':', (size_t)(stop - line));
	char *name, *value;

	while (stop + 1 < end && (stop[1] == ' ' || stop[1] == '\t'))
		stop = line_end(stop + 1, end);
	name = need(strndup(line, (size_t)(colon - line)));
	value = need(strndup(colon + 1, (size_t)(stop - colon - 1)));
	pairs_append(headers, name, value);
	free(name);
	free(value);
	return stop < end ? stop + 1 : end;
}

/* The body with CRLF at the end of each line. */
static void take_body(const char *text, const char *end, struct milter_message *message)
{
	char *to = need(malloc((size_t)(end - text) * 2 + 3));

	message->body = to;
	for (; text < end; text++) {
		if (*text == '\n')
			*to++ = '\r';
		*to++ = *text;
	}
	if (to > message->body && to[-1] != '\n') {
		*to++ = '\r';
		*to++ = '\n';
	}
	message->body_length = (size_t)(to - message->body);
}

bool check_message_read(FILE *in, struct milter_message *message_r, struct error *err)
{
	size_t length = 0;
	char *text = read_input(in, &length);
	const char *line = text, *end;

	*message_r = (struct milter_message){0};
	if (!text)
		return error_set(err,
				 "message: standard input cannot be read, or has more than %u MB",
				 CHECK_MESSAGE_MAX >> 20);
	end = text + drop_cr(text, length);
	while (line < end && is_header(line, line_end(line, end)))
		line = take_header(line, end, &message_r->headers);
	if (line < end && *line == '\n')
		line++;
	take_body(line, end, message_r);
	free(text);
	return true;
}

void check_message_free(struct milter_message *message)
{
	pairs_free(&message->headers);
	free(message->body);
	*message = (struct milter_message){0};
}

/* The place of the `index`th header of that name, from 1; the count of headers when there is none. */
static size_t find_header(const struct pairs *headers, const char *name, unsigned index)
{
	for (size_t i = 0; i < headers->count; i++) {
		if (strcasecmp(headers->items[i].name, name) == 0 && --index == 0)
			return i;
	}
	return headers->count;
}

static void delete_header(struct pairs *headers, size_t at)
{
	free(headers->items[at].name);
	free(headers->items[at].value);
	headers->count--;
	memmove(&headers->items[at], &headers->items[at + 1],
		(headers->count - at) * sizeof(*headers->items));
}

/* Index 1 is the topmost header that a milter sees; Postfix's own Received, above it, has 0. */
static void insert_header(struct pairs *headers, unsigned index, const char *name,
			  const char *value)
{
	size_t at = index > 0 ? index - 1 : 0;
	struct pair last;

	pairs_append(headers, name, value);
	if (at >= headers->count)
		return;
	last = headers->items[headers->count - 1];
	memmove(&headers->items[at + 1], &headers->items[at],
		(headers->count - 1 - at) * sizeof(*headers->items));
	headers->items[at] = last;
}

static void change_header(struct pairs *headers, const struct milter_change *change)
{
	size_t at = find_header(headers, change->name, change->index);

	if (change->action == MILTER_DELETE && at < headers->count) {
		delete_header(headers, at);
	} else if (change->action == MILTER_CHANGE && at < headers->count) {
		free(headers->items[at].value);
		headers->items[at].value = need(strdup(change->value));
	} else if (change->action == MILTER_CHANGE) {
		pairs_append(headers, change->name, change->value); /* as Postfix does */
	}
}

void check_message_change(struct milter_message *message, const struct milter_result *result)
{
	for (size_t i = 0; i < result->change_count; i++) {
		const struct milter_change *change = &result->changes[i];

		switch (change->action) {
		case MILTER_ADD:
			pairs_append(&message->headers, change->name, change->value);
			break;
		case MILTER_INSERT:
			insert_header(&message->headers, change->index, change->name,
				      change->value);
			break;
		case MILTER_CHANGE:
		case MILTER_DELETE:
			change_header(&message->headers, change);
			break;
		}
	}
}
