/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines as Postfix transmits them: bodies against a plain model of its smtp_text_out(), headers by what must hold. */
#include "milters/sign/wire_lines.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

#define RECORD 2048

struct text {
	char *octets;
	size_t length, room;
};

static void append(struct text *text, const void *octets, size_t length)
{
	if (text->length + length >= text->room) {
		text->room = (text->length + length) * 2 + 1;
		text->octets = realloc(text->octets, text->room);
		ck_assert_ptr_nonnull(text->octets);
	}
	memcpy(text->octets + text->length, octets, length);
	text->length += length;
	text->octets[text->length] = '\0';
}

static void put(void *context, const void *octets, size_t length)
{
	append(context, octets, length);
}

/* One record of a line; `more`: another record of the same line follows. */
static void model_record(struct text *out, size_t *room, const char *data, size_t left, bool more)
{
	for (;;) {
		if (left < *room) {
			append(out, data, left);
			*room -= left;
			if (!more)
				append(out, "\r\n", 2);
			return;
		}
		append(out, data, *room);
		append(out, "\r\n", 2);
		data += *room;
		left -= *room;
		*room = WIRE_LINE_MAX;
		if (left == 0 && !more)
			return;
		append(out, " ", 1);
		--*room;
		if (left == 0)
			return;
	}
}

/* A line goes through Postfix's queue file in records. */
static void model_line(struct text *out, const char *line, size_t length)
{
	size_t room = WIRE_LINE_MAX;

	for (; length >= RECORD; line += RECORD, length -= RECORD)
		model_record(out, &room, line, RECORD, true);
	model_record(out, &room, line, length, false);
}

static void check_line(size_t length, size_t chunk)
{
	struct text expected = {0}, got = {0};
	struct wire_body body;
	char *line = malloc(length + 3);

	ck_assert_ptr_nonnull(line);
	for (size_t i = 0; i < length; i++)
		line[i] = (char)('a' + i % 26);
	memcpy(line + length, "\r\n", 3);
	model_line(&expected, line, length);
	append(&expected, "z\r\n", 3);
	wire_body_start(&body, put, &got);
	for (size_t at = 0; at < length + 2; at += chunk)
		wire_body_add(&body, line + at, chunk < length + 2 - at ? chunk : length + 2 - at);
	wire_body_add(&body, "z\r\n", 3);
	wire_body_finish(&body);
	ck_assert_msg(expected.length == got.length &&
			  memcmp(expected.octets, got.octets, got.length) == 0,
		      "%zu octets in chunks of %zu: %zu, not %zu", length, chunk, got.length,
		      expected.length);
	free(line);
	free(expected.octets);
	free(got.octets);
}

START_TEST(breaks_a_body_line_where_postfix_does)
{
	static const size_t chunks[] = {1, 997, 999, 65535};

	for (size_t i = 0; i < COUNT(chunks); i++) {
		for (size_t length = 990; length < 1010; length++)
			check_line(length, chunks[i]);
		for (size_t length = 1990; length < 2055; length++)
			check_line(length, chunks[i]);
		check_line(0, chunks[i]);
		check_line(100000, chunks[i]);
	}
}
END_TEST

START_TEST(begins_an_empty_piece_after_a_record_that_ends_with_a_piece)
{
	size_t length = WIRE_LINE_MAX;

	while (length % RECORD != 0)
		length += WIRE_LINE_MAX - 1;
	check_line(length, 65535);
	check_line(length - RECORD, 65535);
}
END_TEST

START_TEST(takes_a_cr_for_text_unless_a_line_feed_follows)
{
	struct text got = {0};
	struct wire_body body;

	wire_body_start(&body, put, &got);
	wire_body_add(&body, "a\r", 2);
	wire_body_add(&body, "b\r", 2);
	wire_body_add(&body, "\nc\r", 3);
	wire_body_finish(&body);
	ck_assert_str_eq(got.octets, "a\rb\r\nc\r");
	free(got.octets);
}
END_TEST

/* The same, blanks aside. An assertion for each character would take seconds. */
static bool is_alike(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, " \t\n");
		b += strspn(b, " \t\n");
		if (*a != *b || *a == '\0')
			return *a == *b;
	}
}

/* Every line fits; blanks aside nothing was lost; no line consists of blanks only. */
static void check_fold(const char *name, const char *value, bool changes)
{
	char *folded = wire_header_fold(name, value);
	const char *b = folded;
	size_t used = strlen(name) + 1;

	ck_assert_int_eq(folded != NULL, changes);
	if (folded == NULL)
		return;
	for (;; used = 0) {
		size_t length = strcspn(b, "\n");

		ck_assert_uint_le(used + length, WIRE_LINE_MAX);
		ck_assert_uint_lt(strspn(b, " \t"), length);
		if (b[length] == '\0')
			break;
		b += length + 1;
		ck_assert(*b == ' ' || *b == '\t');
	}
	ck_assert(is_alike(value, folded));
	free(folded);
}

START_TEST(folds_a_header_so_that_every_line_fits)
{
	static char value[200000];

	check_fold("Subject", " short", false);
	for (size_t length = 950; length < 3100; length += 7) {
		memset(value, 'x', length);
		value[0] = ' ';
		value[length] = '\0';
		check_fold("Subject", value, length + 8 > WIRE_LINE_MAX);
		for (size_t at = 5; at < length - 1; at += 211) {
			value[at] = ' ';
			check_fold("Subject", value, length + 8 > WIRE_LINE_MAX);
		}
		memcpy(value + length / 2, "\n\t", 2);
		check_fold("Subject", value, length / 2 + 8 > WIRE_LINE_MAX);
	}
}
END_TEST

START_TEST(folds_at_a_blank_when_there_is_one)
{
	char value[1200], *folded;

	memset(value, 'x', sizeof(value));
	value[0] = ' ';
	value[500] = ' ';
	value[sizeof(value) - 1] = '\0';
	folded = wire_header_fold("Subject", value);
	ck_assert_ptr_nonnull(folded);
	ck_assert_int_eq(folded[500], '\n');
	ck_assert_str_eq(folded + 501, value + 500);
	free(folded);
}
END_TEST

START_TEST(breaks_no_character_apart)
{
	char value[3001] = " ", *folded;

	for (size_t i = 1; i + 3 < sizeof(value); i += 3)
		memcpy(value + i, "\xe6\x97\xa5", 4);
	folded = wire_header_fold("Subject", value);
	ck_assert_ptr_nonnull(folded);
	for (const char *at = folded; (at = strchr(at, '\n')) != NULL; at++)
		ck_assert_int_eq((unsigned char)at[2], 0xe6);
	free(folded);
}
END_TEST

UNIT_MAIN("sign_lines", breaks_a_body_line_where_postfix_does,
	  begins_an_empty_piece_after_a_record_that_ends_with_a_piece,
	  takes_a_cr_for_text_unless_a_line_feed_follows, folds_a_header_so_that_every_line_fits,
	  folds_at_a_blank_when_there_is_one, breaks_no_character_apart)
