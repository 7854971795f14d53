/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields unfolded (RFC 5322 section 2.2.3), their encoded words decoded. */
#include "services/scanner/facts_header.h"
#include "services/scanner/mime_header.h"
#include "services/scanner/mime_words.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define VALUE_BYTES 32768

/* Those that RFC 5322 section 3.6 allows once, and MIME-Version. */
static const char *const once[] = {"date",       "from",        "sender",  "reply-to",
				   "to",         "cc",          "bcc",     "message-id",
				   "references", "in-reply-to", "subject", "mime-version"};

#define ONCE_COUNT (sizeof(once) / sizeof(once[0]))

struct fields {
	struct facts_builder *builder;
	uint64_t malformed;
	bool seen[ONCE_COUNT];
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void note_once(struct fields *fields, const char *name)
{
	for (size_t i = 0; i < ONCE_COUNT; i++) {
		if (strcasecmp(name, once[i]) != 0)
			continue;
		if (fields->seen[i])
			fields->malformed |= MALFORMED_DOUBLED_FIELD;
		fields->seen[i] = true;
	}
}

/* The value without its line ends and the blanks around it; the caller frees its data. */
static struct text_buffer unfold(const char *data, size_t length)
{
	struct text_buffer value = {.limit = VALUE_BYTES};
	size_t from = 0;

	while (from < length && is_blank(data[from]))
		from++;
	for (size_t at = from; at < length; at++) {
		if (data[at] != '\r' && data[at] != '\n')
			continue;
		text_add(&value, data + from, at - from);
		from = at + 1;
	}
	text_add(&value, data + from, length - from);
	while (value.length > 0 && is_blank(value.data[value.length - 1]))
		value.length--;
	return value;
}

static void add(struct fields *fields, const char *name, const struct text_buffer *raw)
{
	struct text_buffer value = {.limit = VALUE_BYTES};

	if (raw->length > 0 && !mime_words_add(&value, raw->data, raw->length))
		fields->malformed |= MALFORMED_ENCODED_WORD;
	if (raw->cut || value.cut)
		fields->malformed |= MALFORMED_HEADER_LONG;
	if (text_end(&value))
		facts_builder_header(fields->builder, name, value.data);
	else
		fields->malformed |= MALFORMED_TOO_LARGE;
	free(value.data);
}

static void add_field(struct fields *fields, const char *data, size_t length)
{
	const char *colon = memchr(data, ':', length);
	struct text_buffer raw;
	char name[128];
	size_t used;

	if (colon == NULL)
		return; /* which the header's reader calls malformed */
	for (used = (size_t)(colon - data); used > 0 && is_blank(data[used - 1]);)
		used--;
	snprintf(name, sizeof(name), "%.*s", (int)(used < 127 ? used : 127), data);
	note_once(fields, name);
	raw = unfold(colon + 1, length - (size_t)(colon + 1 - data));
	add(fields, name, &raw);
	free(raw.data);
}

uint64_t facts_header_add(struct facts_builder *builder, const char *data, size_t length)
{
	struct fields fields = {.builder = builder};
	size_t at = 0, used;

	while (at < length && (used = mime_field_length(data + at, length - at)) > 0) {
		add_field(&fields, data + at, used);
		at += used;
	}
	return fields.malformed;
}
