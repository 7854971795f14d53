/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 5322 header fields and RFC 2045 parameters, read as leniently as mail programs do. */
#include "services/scanner/mime_header.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIELD_SIZE 4096

/* One unfolded value that is read from left to right. */
struct cursor {
	const char *at;
	bool doubtful;
	bool broken; /* it does not parse */
};

/* A parameter's value. */
struct value {
	char text[2048];
	const char *raw; /* between the quotes, or up to the semicolon */
	size_t raw_length;
};

/* What is read, and where to. */
struct reading {
	struct mime_header *header;
	struct mime_pieces *pieces; /* NULL: not asked for */
	bool encoding_seen;
	bool disposition_seen;
	bool in_disposition;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* White space and comments (RFC 5322 section 3.2.2), nested ones too. */
static void skip_blanks(struct cursor *c)
{
	unsigned depth = 0;

	for (; *c->at != '\0'; c->at++) {
		if (*c->at == '(')
			depth++;
		else if (*c->at == ')' && depth > 0)
			depth--;
		else if (*c->at == '\\' && depth > 0 && c->at[1] != '\0')
			c->at++;
		else if (depth == 0 && !is_blank(*c->at))
			return;
		if (depth > 0)
			c->doubtful = true;
	}
}

/* Appends one character unless the text is full. */
static void put(char *text, size_t size, size_t *used, char c, struct cursor *from)
{
	if (*used + 1 < size)
		text[(*used)++] = c;
	else
		from->doubtful = true;
	text[*used] = '\0';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* A token up to white space or one of `stops`, in lower case if asked. */
static void read_token(struct cursor *c, const char *stops, bool fold, char *text_r, size_t size)
{
	size_t used = 0;

	text_r[0] = '\0';
	for (; *c->at != '\0' && !is_blank(*c->at) && strchr(stops, *c->at) == NULL; c->at++)
		put(text_r, size, &used, fold ? lower(*c->at) : *c->at, c);
}

/* Up to `;`, which is where readers end that know no blanks in names. */
static void read_bare(struct cursor *c, struct value *value_r)
{
	value_r->raw = c->at;
	value_r->raw_length = strcspn(c->at, ";");
	while (value_r->raw_length > 0 && is_blank(c->at[value_r->raw_length - 1]))
		value_r->raw_length--;
	read_token(c, ";(", false, value_r->text, sizeof(value_r->text));
}

/* A parameter's value: a quoted string, or a token up to `;`. */
static void read_value(struct cursor *c, struct value *value_r)
{
	size_t used = 0;

	if (*c->at != '"') {
		read_bare(c, value_r);
		return;
	}
	value_r->text[0] = '\0';
	value_r->raw = ++c->at;
	for (; *c->at != '\0' && *c->at != '"'; c->at++) {
		if (*c->at == '\\' && c->at[1] != '\0') {
			c->at++;
			c->doubtful = true;
		}
		put(value_r->text, sizeof(value_r->text), &used, *c->at, c);
	}
	value_r->raw_length = (size_t)(c->at - value_r->raw);
	if (*c->at == '"')
		c->at++;
	else
		c->doubtful = c->broken = true;
}

/* Is it the parameter `name`, or a piece of it by RFC 2231 (`name*`, `name*0*`)? */
static bool is_parameter(const char *text, const char *name, bool *extended_r)
{
	size_t length = strlen(name);

	if (strncmp(text, name, length) != 0)
		return false;
	*extended_r = text[length] == '*';
	return *extended_r || text[length] == '\0';
}

static void keep_boundary(struct mime_header *header, const struct value *value, bool extended)
{
	size_t used = strlen(header->boundary);

	if (used > 0 || extended || strlen(value->text) != value->raw_length) {
		header->doubtful = true;
		header->malformed |= MALFORMED_BOUNDARY;
	}
	if (used > 0 && !extended)
		return;
	if (strlen(value->text) + used >= sizeof(header->boundary)) {
		header->doubtful = true;
		header->malformed |= MALFORMED_BOUNDARY;
	}
	snprintf(header->boundary + used, sizeof(header->boundary) - used, "%.*s",
		 (int)sizeof(header->boundary), value->text);
}

#define MIME_AS_IT_STANDS "-"

/* `suffix` is what follows the parameter's name: nothing, `*`, `*1`, `*1*`. */
static void add_piece(struct reading *reading, const char *suffix, const char *text, size_t length)
{
	struct mime_pieces *pieces = reading->pieces;
	struct mime_piece piece = {.is_filename = reading->in_disposition, .section = -1};

	if (pieces->count == MIME_PIECES_MAX || length > sizeof(pieces->text) - pieces->used) {
		pieces->full = true;
		return;
	}
	if (suffix[0] == '*' && suffix[1] >= '0' && suffix[1] <= '9') {
		piece.section = (int)(strtoul(suffix + 1, NULL, 10) % 100000);
		suffix += strspn(suffix + 1, "0123456789") + 1;
	}
	if (strcmp(suffix, MIME_AS_IT_STANDS) == 0)
		piece.section = -2;
	piece.extended = suffix[0] == '*';
	piece.text = memcpy(pieces->text + pieces->used, text, length);
	piece.length = length;
	pieces->used += length;
	pieces->list[pieces->count++] = piece;
}

/* A file name: as the standard reads it, and as others do where that differs. */
static void keep_name(struct reading *reading, const char *suffix, const struct value *value)
{
	struct mime_header *header = reading->header;
	size_t length = strlen(value->text);

	if (header->name[0] == '\0')
		snprintf(header->name, sizeof(header->name), "%.*s", (int)sizeof(header->name) - 1,
			 value->text);
	if (reading->pieces == NULL)
		return;
	add_piece(reading, suffix, value->text, length);
	if (suffix[0] == '\0' &&
	    (length != value->raw_length || memcmp(value->text, value->raw, length) != 0))
		add_piece(reading, MIME_AS_IT_STANDS, value->raw, value->raw_length);
}

static void keep_charset(struct mime_header *header, const char *text)
{
	size_t used = 0;

	if (header->charset[0] != '\0')
		return;
	for (; *text != '\0' && used + 1 < sizeof(header->charset); text++)
		header->charset[used++] = lower(*text);
	header->charset[used] = '\0';
}

/* The parameters after the first value: boundary, charset, and the names of the file. */
static void read_parameters(struct cursor *c, struct reading *reading)
{
	struct value value;
	char name[64];
	bool extended;

	for (skip_blanks(c); *c->at != '\0'; skip_blanks(c)) {
		if (*c->at == ';') {
			c->at++;
			continue;
		}
		read_token(c, "=;(", true, name, sizeof(name));
		skip_blanks(c);
		if (*c->at != '=') {
			c->doubtful = c->broken = true;
			continue;
		}
		c->at++;
		skip_blanks(c);
		read_value(c, &value);
		if (is_parameter(name, "boundary", &extended) && !reading->in_disposition)
			keep_boundary(reading->header, &value, extended);
		else if (is_parameter(name, "filename", &extended))
			keep_name(reading, name + 8, &value);
		else if (is_parameter(name, "name", &extended))
			keep_name(reading, name + 4, &value);
		else if (is_parameter(name, "charset", &extended) && !reading->in_disposition)
			keep_charset(reading->header, value.text);
	}
}

static void read_content_type(struct cursor *c, struct reading *reading)
{
	struct mime_header *header = reading->header;
	char type[sizeof(header->type)];

	skip_blanks(c);
	read_token(c, ";(", true, type, sizeof(type));
	if (header->type[0] != '\0') {
		header->doubtful = true;
		header->malformed |= MALFORMED_DOUBLED_TYPE;
	} else {
		memcpy(header->type, type, sizeof(type));
	}
	if (strchr(type, '/') == NULL) {
		header->doubtful = true;
		header->malformed |= MALFORMED_TYPE;
	}
	reading->in_disposition = false;
	read_parameters(c, reading);
	if (c->broken)
		header->malformed |= MALFORMED_TYPE;
}

static void read_disposition(struct cursor *c, struct reading *reading)
{
	struct mime_header *header = reading->header;
	char disposition[sizeof(header->disposition)];

	skip_blanks(c);
	read_token(c, ";(", true, disposition, sizeof(disposition));
	if (reading->disposition_seen)
		header->malformed |= MALFORMED_DOUBLED_FIELD;
	if (!reading->disposition_seen || strcmp(disposition, "attachment") == 0)
		memcpy(header->disposition, disposition, sizeof(disposition));
	reading->disposition_seen = reading->in_disposition = true;
	read_parameters(c, reading);
	if (c->broken)
		header->malformed |= MALFORMED_PARAMETER;
	c->doubtful = false; /* it only names the file */
}

static enum mime_encoding encoding_of(const char *name)
{
	static const struct {
		const char *name;
		enum mime_encoding encoding;
	} known[] = {
	    {"7bit", MIME_IDENTITY},       {"8bit", MIME_IDENTITY},
	    {"binary", MIME_IDENTITY},     {"", MIME_IDENTITY},
	    {"base64", MIME_BASE64},       {"quoted-printable", MIME_QUOTED},
	    {"x-uuencode", MIME_UUENCODE}, {"x-uue", MIME_UUENCODE},
	    {"uuencode", MIME_UUENCODE},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(name, known[i].name) == 0)
			return known[i].encoding;
	}
	return MIME_OTHER;
}

static void read_encoding(struct cursor *c, struct reading *reading)
{
	struct mime_header *header = reading->header;
	char name[sizeof(header->encoding_name)];

	skip_blanks(c);
	read_token(c, ";(", true, name, sizeof(name));
	skip_blanks(c);
	if (*c->at != '\0') {
		header->doubtful = true;
		header->malformed |= MALFORMED_UNKNOWN_ENCODING;
	}
	if (reading->encoding_seen)
		header->malformed |= MALFORMED_DOUBLED_ENCODING;
	if (reading->encoding_seen && header->encoding != encoding_of(name))
		header->encoding = MIME_OTHER;
	else
		header->encoding = encoding_of(name);
	if (encoding_of(name) == MIME_OTHER)
		header->malformed |= MALFORMED_UNKNOWN_ENCODING;
	if (reading->encoding_seen || header->encoding == MIME_OTHER)
		header->doubtful = true;
	if (!reading->encoding_seen)
		memcpy(header->encoding_name, name, sizeof(name));
	reading->encoding_seen = true;
}

/* Does the field have this name? The value then begins at *value_r. */
static bool field_is(const char *field, const char *name, const char **value_r)
{
	size_t length = strlen(name);

	if (strncasecmp(field, name, length) != 0)
		return false;
	for (field += length; *field == ' ' || *field == '\t'; field++)
		;
	*value_r = field + 1;
	return *field == ':';
}

static void read_field(const char *field, struct reading *reading)
{
	struct cursor c = {.at = field};

	if (field_is(field, "content-type", &c.at))
		read_content_type(&c, reading);
	else if (field_is(field, "content-disposition", &c.at))
		read_disposition(&c, reading);
	else if (field_is(field, "content-transfer-encoding", &c.at))
		read_encoding(&c, reading);
	reading->header->doubtful |= c.doubtful;
}

/* An empty line ends the header: how long is it, 0 when there is none at `data`? */
static size_t empty_line(const char *data, size_t size)
{
	if (size >= 1 && data[0] == '\n')
		return 1;
	return size >= 2 && data[0] == '\r' && data[1] == '\n' ? 2 : 0;
}

size_t mime_field_length(const char *data, size_t size)
{
	size_t used = 0;

	if (empty_line(data, size) > 0)
		return 0;
	while (used < size) {
		const char *end = memchr(data + used, '\n', size - used);

		if (end == NULL)
			return size;
		used = (size_t)(end - data) + 1;
		if (used == size || (data[used] != ' ' && data[used] != '\t'))
			return used;
	}
	return used;
}

/* Copies a field that we read, unfolded, as a string; NUL octets become blanks. */
static void copy_field(const char *data, size_t length, char text_r[FIELD_SIZE],
		       struct mime_header *header)
{
	size_t used = 0, at = 0;

	for (; at < length && used < FIELD_SIZE - 1; at++) {
		if (data[at] == '\n' ||
		    (data[at] == '\r' && at + 1 < length && data[at + 1] == '\n'))
			continue;
		text_r[used++] = data[at] == '\0' ? ' ' : data[at];
	}
	text_r[used] = '\0';
	if (at < length)
		header->malformed |= MALFORMED_HEADER_LONG;
	if (memchr(data, '\0', length) != NULL)
		header->malformed |= MALFORMED_NUL;
	header->doubtful |= at < length || memchr(data, '\0', length) != NULL;
}

/* A line that is no field: some programs begin the body here. The first may be an mbox's `From `. */
static bool is_no_field(const char *data, size_t length, bool first)
{
	return memchr(data, ':', length) == NULL &&
	       !(first && strncmp(data, "From ", length < 5 ? length : 5) == 0);
}

/* One field, or what stands in its place. */
static void take_field(struct reading *reading, const char *data, size_t length, bool first)
{
	static const char ours[] = "content-";
	struct mime_header *header = reading->header;
	char field[FIELD_SIZE];

	if (length > sizeof(ours) && strncasecmp(data, ours, sizeof(ours) - 1) == 0) {
		copy_field(data, length, field, header);
		read_field(field, reading);
	} else if (is_no_field(data, length, first)) {
		header->doubtful = true;
		header->malformed |= MALFORMED_HEADER_LINE;
	}
}

void mime_header_read(const char *data, size_t size, struct mime_header *header_r,
		      struct mime_pieces *pieces_r)
{
	struct reading reading = {.header = header_r, .pieces = pieces_r};
	size_t at = 0, length;

	memset(header_r, 0, sizeof(*header_r));
	if (pieces_r != NULL)
		pieces_r->count = pieces_r->used = pieces_r->full = 0;
	while (at < size && (length = mime_field_length(data + at, size - at)) > 0) {
		take_field(&reading, data + at, length, at == 0);
		at += length;
	}
	if (memchr(data, '\0', at) != NULL)
		header_r->malformed |= MALFORMED_NUL;
	/* after a line's end the empty line may have been the delimiter's (RFC 2046 section 5.1.1) */
	if (at == size && size > 0 && data[size - 1] != '\n')
		header_r->malformed |= MALFORMED_HEADER_END;
	header_r->length = at + empty_line(data + at, size - at);
}
