/* SPDX-License-Identifier: BSD-2-Clause */
/* base64 and quoted-printable (RFC 2045 sections 6.7 and 6.8), and uuencode (POSIX). */
#include "services/scanner/mime_decode.h"
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLANK   64
#define PADDING 65
#define RUBBISH 66

static uint8_t base64_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint8_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint8_t)(c - 'a' + 26);
	if (c >= '0' && c <= '9')
		return (uint8_t)(c - '0' + 52);
	if (c == '+' || c == '/')
		return c == '+' ? 62 : 63;
	if (c == '=')
		return PADDING;
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' ? BLANK : RUBBISH;
}

/* Of each character: its value, and that at each place of a group, whose three octets are the upper ones. */
struct base64_table {
	uint8_t value[256];
	uint32_t place[4][256]; /* NOT_ONE where the character is no sextet */
};

#define NOT_ONE 1u

static void base64_table(struct base64_table *table_r)
{
	for (unsigned c = 0; c < 256; c++) {
		uint8_t value = base64_value((unsigned char)c);

		table_r->value[c] = value;
		for (unsigned i = 0; i < 4; i++)
			table_r->place[i][c] =
			    value < BLANK ? (uint32_t)value << (26 - 6 * i) : NOT_ONE;
	}
}

/* The state between two characters: up to three sextets wait for the fourth. */
struct base64 {
	uint32_t bits;
	unsigned sextets;
	bool padded;
};

/* Gives out what the sextets so far hold, as at padding or the end. */
static void base64_flush(struct base64 *state, struct mime_decoded *decoded)
{
	if (state->sextets >= 2)
		decoded->data[decoded->length++] = (char)(state->bits >> (state->sextets * 6 - 8));
	if (state->sextets == 3)
		decoded->data[decoded->length++] = (char)(state->bits >> 2);
	state->sextets = 0;
	state->bits = 0;
}

static void base64_add(struct base64 *state, uint8_t value, struct mime_decoded *decoded)
{
	if (state->padded && decoded->first_end == SIZE_MAX)
		decoded->first_end = decoded->length;
	state->bits = state->bits << 6 | value;
	if (++state->sextets < 4)
		return;
	decoded->data[decoded->length++] = (char)(state->bits >> 16);
	decoded->data[decoded->length++] = (char)(state->bits >> 8);
	decoded->data[decoded->length++] = (char)state->bits;
	state->sextets = 0;
	state->bits = 0;
}

/* Whole groups of four at the beginning of `data`, which is nearly all of it; octets of them. */
static size_t base64_groups(const struct base64_table *table, const char *data, size_t size,
			    struct mime_decoded *decoded)
{
	const unsigned char *from = (const unsigned char *)data;
	char *to = decoded->data + decoded->length;
	size_t at = 0;

	for (; at + 4 <= size; at += 4, to += 3) {
		uint32_t group = table->place[0][from[at]] | table->place[1][from[at + 1]] |
				 table->place[2][from[at + 2]] | table->place[3][from[at + 3]];

		if (group & NOT_ONE)
			break;
		group = htonl(group);
		memcpy(to, &group, sizeof(group)); /* the fourth octet is the next group's */
	}
	decoded->length = (size_t)(to - decoded->data);
	return at;
}

bool mime_decode_base64(const char *data, size_t size, struct mime_decoded *decoded_r)
{
	struct base64 state = {0};
	struct base64_table table;

	*decoded_r = (struct mime_decoded){.data = malloc(size / 4 * 3 + 4), .first_end = SIZE_MAX};
	if (decoded_r->data == NULL)
		return false;
	base64_table(&table);
	for (size_t i = 0; i < size; i++) {
		uint8_t value;

		if (state.sextets == 0 && !state.padded)
			i += base64_groups(&table, data + i, size - i, decoded_r);
		if (i == size)
			break;
		value = table.value[(unsigned char)data[i]];
		if (value < BLANK) {
			base64_add(&state, value, decoded_r);
		} else if (value == PADDING) {
			base64_flush(&state, decoded_r);
			state.padded = true;
		} else if (value == RUBBISH) {
			decoded_r->rubbish = true;
		}
	}
	decoded_r->cut = state.sextets == 1;
	base64_flush(&state, decoded_r);
	if (decoded_r->first_end == SIZE_MAX)
		decoded_r->first_end = decoded_r->length;
	return true;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Octets of blanks and the end of line that follow at `data`: a soft break after `=`; 0 when there is none. */
static size_t soft_break(const char *data, size_t size)
{
	size_t at = 0;

	while (at < size && (data[at] == ' ' || data[at] == '\t' || data[at] == '\r'))
		at++;
	if (at == size)
		return at;
	return data[at] == '\n' ? at + 1 : 0;
}

/* One `=` of quoted-printable; returns how many octets it takes. */
static size_t quoted_escape(const char *data, size_t size, struct mime_decoded *decoded)
{
	size_t taken = 1 + soft_break(data + 1, size - 1);

	if (taken > 1)
		return taken;
	if (size >= 3 && hex_value(data[1]) >= 0 && hex_value(data[2]) >= 0) {
		decoded->data[decoded->length++] =
		    (char)(hex_value(data[1]) << 4 | hex_value(data[2]));
		return 3;
	}
	decoded->rubbish = true;
	decoded->data[decoded->length++] = '=';
	return 1;
}

bool mime_decode_quoted(const char *data, size_t size, struct mime_decoded *decoded_r)
{
	size_t at = 0;

	*decoded_r = (struct mime_decoded){.data = malloc(size + 1)};
	if (decoded_r->data == NULL)
		return false;
	while (at < size) {
		const char *escape = memchr(data + at, '=', size - at);
		size_t plain = escape == NULL ? size - at : (size_t)(escape - (data + at));

		memcpy(decoded_r->data + decoded_r->length, data + at, plain);
		decoded_r->length += plain;
		at += plain;
		if (at < size)
			at += quoted_escape(data + at, size - at, decoded_r);
	}
	decoded_r->first_end = decoded_r->length;
	return true;
}

static size_t line_length(const char *data, size_t size)
{
	const char *end = memchr(data, '\n', size);

	return end == NULL ? size : (size_t)(end - data) + 1;
}

/* `begin 644 name`: three or more octal digits and a name. */
static bool is_begin(const char *line, size_t length)
{
	size_t at = 6;

	if (length < 12 || memcmp(line, "begin ", 6) != 0)
		return false;
	while (at < length && line[at] >= '0' && line[at] <= '7')
		at++;
	return at >= 9 && at < length - 1 && line[at] == ' ';
}

static bool is_end(const char *line, size_t length)
{
	return length >= 3 && memcmp(line, "end", 3) == 0 &&
	       (length == 3 || line[3] == '\r' || line[3] == '\n');
}

static uint32_t uu_value(const char *line, size_t length, size_t at)
{
	return at < length && line[at] >= ' ' && line[at] <= '`' ? (uint32_t)(line[at] - ' ') & 63
								 : 0;
}

/* The first character tells how many octets a line holds; missing ones at its end count as zero. */
static void uu_line(const char *line, size_t length, struct mime_decoded *decoded)
{
	size_t left = uu_value(line, length, 0);

	for (size_t at = 1; left > 0 && at < length; at += 4) {
		uint32_t bits =
		    uu_value(line, length, at) << 18 | uu_value(line, length, at + 1) << 12 |
		    uu_value(line, length, at + 2) << 6 | uu_value(line, length, at + 3);

		for (int shift = 16; shift >= 0 && left > 0; shift -= 8, left--)
			decoded->data[decoded->length++] = (char)(bits >> shift);
	}
}

/* Decodes from the line after `begin` on, up to `end` or the next `begin`; returns where it ended. */
static size_t uu_body(const char *data, size_t size, size_t at, struct mime_decoded *decoded)
{
	while (at < size) {
		size_t length = line_length(data + at, size - at);

		if (is_begin(data + at, length))
			break;
		at += length;
		if (is_end(data + at - length, length))
			break;
		uu_line(data + at - length, length, decoded);
	}
	decoded->first_end = decoded->length;
	return at;
}

/* Where the name stands in a line that begins a file, without blanks around it. */
static void uu_name(const char *line, size_t length, struct mime_uuencoded *found)
{
	size_t at = 6 + strspn(line + 6, "01234567");

	while (length > at &&
	       (line[length - 1] == '\n' || line[length - 1] == '\r' || line[length - 1] == ' '))
		length--;
	while (at < length && line[at] == ' ')
		at++;
	found->name = line + at;
	found->name_length = length - at;
}

bool mime_next_uuencoded(const char *data, size_t size, size_t *at, struct mime_uuencoded *found_r)
{
	while (*at < size) {
		const char *found = memmem(data + *at, size - *at, "begin ", 6);
		size_t length;

		if (found == NULL)
			break;
		*at = (size_t)(found - data);
		length = line_length(found, size - *at);
		if ((*at > 0 && data[*at - 1] != '\n') || !is_begin(found, length)) {
			*at += 6;
			continue;
		}
		found_r->start = *at;
		uu_name(found, length, found_r);
		/* a line gives 3 octets for each 4 characters begun, 3 for 2 at the worst */
		found_r->decoded = (struct mime_decoded){.data = malloc((size - *at) / 2 * 3 + 4)};
		if (found_r->decoded.data != NULL)
			*at = uu_body(data, size, *at + length, &found_r->decoded);
		found_r->end = *at;
		return true;
	}
	*at = size;
	return false;
}
