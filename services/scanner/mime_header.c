/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 5322 header fields and RFC 2045 parameters, read as leniently as mail programs do. */
#include "services/scanner/mime_header.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FIELD_SIZE 4096

/* One unfolded value that is read from left to right. */
struct cursor {
	const char *at;
	bool doubtful;
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

/* A parameter's value: a quoted string, or a token up to `;`. */
static void read_value(struct cursor *c, char *text_r, size_t size)
{
	size_t used = 0;

	if (*c->at != '"') {
		read_token(c, ";(", false, text_r, size);
		return;
	}
	text_r[0] = '\0';
	for (c->at++; *c->at != '\0' && *c->at != '"'; c->at++) {
		if (*c->at == '\\' && c->at[1] != '\0') {
			c->at++;
			c->doubtful = true;
		}
		put(text_r, size, &used, *c->at, c);
	}
	if (*c->at == '"')
		c->at++;
	else
		c->doubtful = true;
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

static void keep_boundary(struct mime_header *header, const char *value, bool extended)
{
	size_t used = strlen(header->boundary);

	if (used > 0 || extended)
		header->doubtful = true;
	if (used > 0 && !extended)
		return;
	if (strlen(value) + used >= sizeof(header->boundary))
		header->doubtful = true;
	snprintf(header->boundary + used, sizeof(header->boundary) - used, "%s", value);
}

/* The parameters after the first value: boundary, and the names of the file. */
static void read_parameters(struct cursor *c, struct mime_header *header)
{
	char name[64];
	char value[512];
	bool extended;

	for (skip_blanks(c); *c->at != '\0'; skip_blanks(c)) {
		if (*c->at == ';') {
			c->at++;
			continue;
		}
		read_token(c, "=;(", true, name, sizeof(name));
		skip_blanks(c);
		if (*c->at != '=') {
			c->doubtful = true;
			continue;
		}
		c->at++;
		skip_blanks(c);
		read_value(c, value, sizeof(value));
		if (is_parameter(name, "boundary", &extended))
			keep_boundary(header, value, extended);
		else if ((is_parameter(name, "filename", &extended) ||
			  is_parameter(name, "name", &extended)) &&
			 header->name[0] == '\0')
			snprintf(header->name, sizeof(header->name), "%.*s",
				 (int)sizeof(header->name) - 1, value);
	}
}

static void read_content_type(struct cursor *c, struct mime_header *header)
{
	char type[sizeof(header->type)];

	skip_blanks(c);
	read_token(c, ";(", true, type, sizeof(type));
	if (header->type[0] != '\0')
		header->doubtful = true;
	else
		memcpy(header->type, type, sizeof(type));
	if (strchr(type, '/') == NULL)
		header->doubtful = true;
	read_parameters(c, header);
}

static void read_disposition(struct cursor *c, struct mime_header *header)
{
	char disposition[32];

	skip_blanks(c);
	read_token(c, ";(", true, disposition, sizeof(disposition));
	read_parameters(c, header);
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

static void read_encoding(struct cursor *c, struct mime_header *header, bool *seen)
{
	char name[32];

	skip_blanks(c);
	read_token(c, ";(", true, name, sizeof(name));
	skip_blanks(c);
	if (*c->at != '\0')
		header->doubtful = true;
	if (*seen && header->encoding != encoding_of(name))
		header->encoding = MIME_OTHER;
	else
		header->encoding = encoding_of(name);
	if (*seen || header->encoding == MIME_OTHER)
		header->doubtful = true;
	*seen = true;
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

static void read_field(const char *field, struct mime_header *header, bool *encoding_seen)
{
	struct cursor c = {.at = field};

	if (field_is(field, "content-type", &c.at))
		read_content_type(&c, header);
	else if (field_is(field, "content-disposition", &c.at))
		read_disposition(&c, header);
	else if (field_is(field, "content-transfer-encoding", &c.at))
		read_encoding(&c, header, encoding_seen);
	header->doubtful |= c.doubtful;
}

/* The octets of the field at `data` with its continuation lines. */
static size_t field_length(const char *data, size_t size)
{
	size_t used = 0;

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

/* An empty line ends the header: how long is it, 0 when there is none at `data`? */
static size_t empty_line(const char *data, size_t size)
{
	if (size >= 1 && data[0] == '\n')
		return 1;
	return size >= 2 && data[0] == '\r' && data[1] == '\n' ? 2 : 0;
}

/* Copies a field that we read, as a string; NUL octets become blanks. */
static void copy_field(const char *data, size_t length, char text_r[FIELD_SIZE], bool *doubtful)
{
	size_t used = length < FIELD_SIZE ? length : FIELD_SIZE - 1;

	memcpy(text_r, data, used);
	text_r[used] = '\0';
	*doubtful |= used < length;
	for (size_t i = 0; i < used; i++) {
		if (text_r[i] == '\0') {
			text_r[i] = ' ';
			*doubtful = true;
		}
	}
}

void mime_header_read(const char *data, size_t size, struct mime_header *header_r)
{
	static const char ours[] = "content-";
	char field[FIELD_SIZE];
	bool encoding_seen = false;
	size_t at = 0;

	memset(header_r, 0, sizeof(*header_r));
	while (at < size && empty_line(data + at, size - at) == 0) {
		size_t length = field_length(data + at, size - at);

		if (length > sizeof(ours) && strncasecmp(data + at, ours, sizeof(ours) - 1) == 0) {
			copy_field(data + at, length, field, &header_r->doubtful);
			read_field(field, header_r, &encoding_seen);
		} else if (memchr(data + at, ':', length) == NULL &&
			   (at > 0 || strncmp(data, "From ", size < 5 ? size : 5) != 0)) {
			header_r->doubtful = true; /* some programs begin the body here */
		}
		at += length;
	}
	header_r->length = at + empty_line(data + at, size - at);
}
