/* SPDX-License-Identifier: BSD-2-Clause */
/* Breaks long lines as Postfix's smtp_text_out() does. */
#include "milters/sign/wire_lines.h"
#include "milters/chain/memory.h"
#include <string.h>

/* Postfix's line_length_limit: a longer line is several records in its queue file. */
#define RECORD_MAX 2048

void wire_body_start(struct wire_body *body,
		     void (*put)(void *context, const void *octets, size_t length), void *context)
{
	*body = (struct wire_body){.put = put, .context = context, .room = WIRE_LINE_MAX};
}

static void put_break(struct wire_body *body)
{
	body->put(body->context, "\r\n ", 3);
	body->room = WIRE_LINE_MAX - 1;
}

/* Octets of one line, without its end. */
static void put_text(struct wire_body *body, const char *text, size_t length)
{
	body->length += length;
	while (length > body->room) {
		body->put(body->context, text, body->room);
		text += body->room;
		length -= body->room;
		put_break(body);
	}
	if (length > 0)
		body->put(body->context, text, length);
	body->room -= length;
}

/* A line that fills both its last record and its last piece is followed by an empty record: Postfix
 * begins a piece for it. */
static void put_line_end(struct wire_body *body)
{
	if (body->room == 0 && body->length % RECORD_MAX == 0)
		put_break(body);
	body->put(body->context, "\r\n", 2);
	body->room = WIRE_LINE_MAX;
	body->length = 0;
	body->cr = false;
}

/* Holds a CR at the end back: what comes next says what it is. */
static void add_text(struct wire_body *body, const char *text, size_t length)
{
	if (length == 0)
		return;
	if (body->cr)
		put_text(body, "\r", 1);
	body->cr = text[length - 1] == '\r';
	put_text(body, text, body->cr ? length - 1 : length);
}

void wire_body_add(struct wire_body *body, const void *chunk, size_t length)
{
	const char *at = chunk, *end = at + length;

	while (at < end) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));

		add_text(body, at, (size_t)((line_end != NULL ? line_end : end) - at));
		if (line_end == NULL)
			return;
		put_line_end(body);
		at = line_end + 1;
	}
}

void wire_body_finish(struct wire_body *body)
{
	if (body->cr)
		put_text(body, "\r", 1);
	body->cr = false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Where a line of over `limit` octets is best broken: the last blank that has text on both sides; 0: none. */
static size_t blank_in(const char *line, size_t limit)
{
	for (size_t at = limit; at > 0; at--) {
		size_t before = at;

		if (!is_blank(line[at]))
			continue;
		while (before > 0 && is_blank(line[before - 1]))
			before--;
		if (before > 0)
			return at;
	}
	return 0;
}

/* The place of a break that stands in a word, but not in a UTF-8 sequence. */
static size_t hard_break(const char *line, size_t limit)
{
	size_t at = limit;

	while (at > limit - 4 && ((unsigned char)line[at] & 0xc0) == 0x80)
		at--;
	return at;
}

/* One line of the value, `used` octets of its first line being the name's; gives the end of what it wrote. */
static char *fold_line(const char *line, size_t length, size_t used, char *out)
{
	while (length > 0 && is_blank(line[length - 1]) && used + length > WIRE_LINE_MAX)
		length--;
	while (used + length > WIRE_LINE_MAX) {
		size_t limit = WIRE_LINE_MAX - used;
		size_t at = blank_in(line, limit);
		bool at_blank = at > 0;

		if (!at_blank)
			at = hard_break(line, limit);
		out = mempcpy(out, line, at);
		*out++ = '\n';
		line += at;
		length -= at;
		used = 0;
		if (!at_blank) {
			*out++ = ' ';
			used = 1;
		}
	}
	return mempcpy(out, line, length);
}

static bool has_long_line(const char *name, const char *value)
{
	size_t used = strlen(name) + 1;

	for (;; value++) {
		size_t length = strcspn(value, "\n");

		if (used + length > WIRE_LINE_MAX)
			return true;
		value += length;
		if (*value == '\0')
			return false;
		used = 0;
	}
}

char *wire_header_fold(const char *name, const char *value)
{
	size_t used = strlen(name) + 1, size = strlen(value);
	char *folded, *out;

	if (used > WIRE_LINE_MAX / 2 || !has_long_line(name, value))
		return NULL;
	folded = out = memory_new(size + 2 * (size / (WIRE_LINE_MAX / 4) + 2), 1);
	for (;; value++, used = 0) {
		size_t length = strcspn(value, "\n");

		out = fold_line(value, length, used, out);
		value += length;
		if (*value == '\0')
			break;
		*out++ = '\n';
	}
	*out = '\0';
	return folded;
}
