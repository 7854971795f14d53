/* SPDX-License-Identifier: BSD-2-Clause */
/* Encodings of parts and headers, there and back. */
#include "milters/content/body_edits.h"
#include "milters/content/transfer_coding.h"
#include "tests/unit/unit.h"
#include <string.h>

static const struct {
	const char *encoding, *encoded, *decoded;
} decodings[] = {
    {"", "a=3D", "a=3D"},
    {"8bit", "\xc3\xbc", "\xc3\xbc"},
    {"base64", "aGVsbG8=", "hello"},
    {"base64", "aGVs\r\nbG8", "hello"},
    {"base64", "aGVsbG8hIQ==rest", "hello!!"},
    {"base64", "", ""},
    {"quoted-printable", "a=3Db=C3=BC=\r\nc=20\r\nd",
     "a=b\xc3\xbc"
     "c \r\nd"},
    {"quoted-printable", "a= \t\nb=", "ab"},
    {"quoted-printable", "a=XYb", "a=XYb"},
    {"quoted-printable", "=4", "=4"},
};

START_TEST(decodes)
{
	struct octets octets;

	for (size_t i = 0; i < COUNT(decodings); i++) {
		ck_assert(transfer_decode(decodings[i].encoding, decodings[i].encoded,
					  strlen(decodings[i].encoded), &octets));
		ck_assert_str_eq(octets.data, decodings[i].decoded);
		free(octets.data);
	}
	ck_assert(!transfer_decode("x-uuencode", "x", 1, &octets));
	free(octets.data);
}
END_TEST

static void expect_quoted(const char *text, const char *expected)
{
	struct octets octets = {0};

	transfer_encode_quoted(text, strlen(text), &octets);
	ck_assert_str_eq(octets.data, expected);
	free(octets.data);
}

START_TEST(encodes_quoted_printable)
{
	expect_quoted("a=b\n", "a=3Db\r\n");
	expect_quoted("\xc3\xbc \r\n\tx\t", "=C3=BC=20\r\n\tx=09");
	expect_quoted("a\rb\n\nc", "a=0Db\r\n\r\nc");
}
END_TEST

/* Whatever is encoded has lines that may be sent, and is itself when it is decoded. */
START_TEST(quoted_printable_comes_back)
{
	char text[2000];

	srand(7);
	for (int round = 0; round < 200; round++) {
		size_t length = (size_t)rand() % sizeof(text), column = 0;
		struct octets encoded = {0}, decoded;

		for (size_t i = 0; i < length; i++)
			text[i] = (char)(rand() % 4 ? 1 + rand() % 255 : ' ');
		for (size_t i = 0; i < length; i++)
			text[i] = text[i] == '\n' || text[i] == '\r' ? '.' : text[i];
		octets_add(&encoded, "", 0);
		transfer_encode_quoted(text, length, &encoded);
		for (size_t i = 0; i < encoded.length; i++) {
			ck_assert((unsigned char)encoded.data[i] < 0x80);
			column = encoded.data[i] == '\n' ? 0 : column + 1;
			ck_assert_uint_le(column, 77);
		}
		ck_assert(
		    transfer_decode("quoted-printable", encoded.data, encoded.length, &decoded));
		ck_assert_uint_eq(decoded.length, length);
		ck_assert_mem_eq(decoded.data, text, length);
		free(encoded.data);
		free(decoded.data);
	}
}
END_TEST

static const struct {
	const char *charset, *text, *utf8; /* NULL: it is not */
} charsets[] = {
    {"", "abc", "abc"},
    {"us-ascii", "\xc3\xbc", "\xc3\xbc"},
    {"", "\xfc", NULL},
    {"utf-8", "\xfc", NULL},
    {"iso-8859-1", "\xfc", "\xc3\xbc"},
    {"windows-1252", "\x80", "\xe2\x82\xac"},
    {"iso-2022-jp", "\x1b$B$\"\x1b(B", "\xe3\x81\x82"},
    {"iso-2022-jp", "\x1b$B$", NULL},
    {"x-nonsense", "abc", NULL},
};

START_TEST(converts_charsets)
{
	for (size_t i = 0; i < COUNT(charsets); i++) {
		struct octets octets = {0};
		bool done = charset_to_utf8(charsets[i].charset, charsets[i].text,
					    strlen(charsets[i].text), &octets);

		ck_assert_msg(done == (charsets[i].utf8 != NULL), "row %zu", i);
		if (done)
			ck_assert_str_eq(octets.data, charsets[i].utf8);
		free(octets.data);
	}
}
END_TEST

static void expect_header(const char *text, const char *expected)
{
	char *encoded = header_encode(text);

	ck_assert_str_eq(encoded, expected);
	free(encoded);
}

START_TEST(encodes_header_values)
{
	expect_header("plain", "plain");
	expect_header("f\xc3\xbcr", "=?utf-8?B?ZsO8cg==?=");
	expect_header(
	    "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	    "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	    "\xc3\xbc\xc3\xbc\xc3\xbc",
	    "=?utf-8?B?w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7w=?=\n "
	    "=?utf-8?B?w7w=?=");
}
END_TEST

static bool put(struct body_edits *edits, size_t at, size_t length, const char *text)
{
	struct octets octets = {0};

	octets_add_text(&octets, text);
	return body_edits_put(edits, at, length, &octets);
}

START_TEST(edits_come_out_in_order_and_never_twice)
{
	struct body_edits edits = {0};
	size_t length;
	char *body;

	ck_assert(put(&edits, 8, 2, "[second]"));
	ck_assert(put(&edits, 4, 2, "[first]"));
	ck_assert(!put(&edits, 5, 4, "[across]"));
	ck_assert(!put(&edits, 3, 8, "[around]"));
	ck_assert(!put(&edits, 4, 0, "[at]"));
	ck_assert(put(&edits, 12, 0, "[end]"));
	ck_assert(put(&edits, 0, 1, "[header]"));
	ck_assert(put(&edits, 13, 4, "[beyond]"));
	ck_assert(body_edits_cover(&edits, 9));
	ck_assert(!body_edits_cover(&edits, 10));
	body = body_edits_apply(&edits, "hh0123456789", 12, 2, &length);
	ck_assert_str_eq(body, "01[first]45[second]89[end]");
	ck_assert_uint_eq(length, strlen(body));
	free(body);
	body_edits_free(&edits);
}
END_TEST

UNIT_MAIN("transfer_coding", decodes, encodes_quoted_printable, quoted_printable_comes_back,
	  converts_charsets, encodes_header_values, edits_come_out_in_order_and_never_twice)
