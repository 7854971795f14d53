/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of UTF-8 checking, against the definition of RFC 3629. */
#include "common/utf8.h"
#include "tests/unit/unit.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The sequence's length by decoding and encoding again; 0 when it is not well-formed. */
static size_t brute_force(const unsigned char *octets)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = octets[0] < 0x80             ? 1
			: (octets[0] & 0xe0) == 0xc0 ? 2
			: (octets[0] & 0xf0) == 0xe0 ? 3
			: (octets[0] & 0xf8) == 0xf0 ? 4
						     : 0;
	uint32_t code = length == 1 ? octets[0] : octets[0] & (0xffu >> (length + 1));

	for (size_t i = 1; i < length; i++) {
		if ((octets[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (octets[i] & 0x3f);
	}
	if (length == 0 || code < least[length] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return length;
}

START_TEST(agrees_with_the_definition_on_every_pair_of_octets_and_edge_tails)
{
	static const unsigned char tails[] = {0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xff};

	for (unsigned first = 0; first < 256; first++)
		for (unsigned second = 0; second < 256; second++)
			for (size_t i = 0; i < sizeof(tails) * sizeof(tails); i++) {
				unsigned char text[5] = {
				    (unsigned char)first, (unsigned char)second,
				    tails[i / sizeof(tails)], tails[i % sizeof(tails)], 0};

				if (utf8_sequence((const char *)text) != brute_force(text))
					ck_abort_msg("%02x %02x %02x %02x", text[0], text[1],
						     text[2], text[3]);
			}
}
END_TEST

START_TEST(reads_nothing_behind_the_end)
{
	static const char *const cut[] = {"\xc3", "\xe2",     "\xe2\x82",
					  "\xf0", "\xf0\x9f", "\xf0\x9f\x98"};

	for (size_t i = 0; i < COUNT(cut); i++) {
		char *heap = strdup(cut[i]);

		ck_assert_uint_eq(utf8_sequence(heap), 0);
		ck_assert(!utf8_is_valid(heap));
		free(heap);
	}
	ck_assert(utf8_is_valid(""));
	ck_assert(utf8_is_valid("a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80"));
}
END_TEST

START_TEST(makes_texts_printable)
{
	static const char *const table[][2] = {
	    {"", ""},
	    {"plain", "plain"},
	    {"a\r\nb\tc\x1b[0m\x7f", "a??b?c?[0m?"},
	    {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
	    {"next\xc2\x85line", "next??line"},
	    {"no-break\xc2\xa0space", "no-break\xc2\xa0space"},
	    {"line\xe2\x80\xa8sep", "line???sep"},
	    {"\xe2\x80\xae"
	     "turned",
	     "???turned"},
	    {"\xe2\x81\xa6isolate\xe2\x81\xa9", "???isolate???"},
	    {"dash\xe2\x80\x93", "dash\xe2\x80\x93"},
	    {"latin1 \xfc!", "latin1 ?!"},
	    {"cut \xe2\x82", "cut ??"},
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		char *text = strdup(table[i][0]);

		utf8_make_printable(text);
		ck_assert_str_eq(text, table[i][1]);
		free(text);
	}
}
END_TEST

static const struct {
	const char *octets;
	size_t length;
	size_t span; /* how many of them are well-formed */
} spans[] = {
    {"", 0, 0},
    {"plain text", 10, 10},
    {"nul\0here", 8, 3},
    {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9, 9}, /* two, three and four octets */
    {"\xc3", 1, 0},                                 /* cut */
    {"\xe2\x82", 2, 0},
    {"\xf0\x9f\x98", 3, 0},
    {"\xc0\xaf", 2, 0},         /* overlong */
    {"\xe0\x80\xaf", 3, 0},     /* overlong */
    {"\xed\xa0\x80", 3, 0},     /* a surrogate */
    {"\xf4\x90\x80\x80", 4, 0}, /* over U+10FFFF */
    {"\x80", 1, 0},             /* a tail alone */
    {"\xff", 1, 0},
};

START_TEST(spans_end_where_it_is_not_well_formed)
{
	for (size_t i = 0; i < COUNT(spans); i++) {
		ck_assert_uint_eq(utf8_span(spans[i].octets, spans[i].length), spans[i].span);
		/* the same behind so many plain characters, and with nothing readable behind its end */
		for (size_t before = 0; before < 20; before++) {
			size_t length = before + spans[i].length;
			char *text = malloc(length > 0 ? length : 1);

			memset(text, 'x', before);
			memcpy(text + before, spans[i].octets, spans[i].length);
			ck_assert_uint_eq(utf8_span(text, length), before + spans[i].span);
			free(text);
		}
	}
}
END_TEST

START_TEST(each_octet_is_plain_or_is_not)
{
	char text[16];

	for (int octet = 0; octet < 256; octet++) {
		for (size_t at = 0; at < sizeof(text); at++) {
			memset(text, 'x', sizeof(text));
			text[at] = (char)octet;
			ck_assert_uint_eq(utf8_span(text, sizeof(text)),
					  octet > 0 && octet < 0x80 ? sizeof(text) : at);
		}
	}
}
END_TEST

UNIT_MAIN("utf8", agrees_with_the_definition_on_every_pair_of_octets_and_edge_tails,
	  reads_nothing_behind_the_end, makes_texts_printable,
	  spans_end_where_it_is_not_well_formed, each_octet_is_plain_or_is_not)
