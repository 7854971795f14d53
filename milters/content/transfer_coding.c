/* SPDX-License-Identifier: BSD-2-Clause */
/* Base64, quoted-printable, charsets. */
#include "milters/content/transfer_coding.h"
#include "common/utf8.h"
#include "milters/chain/memory.h"
#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define QUOTED_LINE_MAX 76
/* RFC 2047 section 2: an encoded word has 75 octets at most; 45 of text make 60 of base64. */
#define WORD_TEXT_MAX 45

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void octets_add(struct octets *octets, const void *data, size_t length)
{
	if (length + 1 > octets->room - octets->length) {
		octets->room = 2 * (octets->length + length) + 64;
		octets->data = memory_grow(octets->data, octets->room, 1);
	}
	if (length > 0)
		memcpy(octets->data + octets->length, data, length);
	octets->length += length;
	octets->data[octets->length] = '\0';
}

void octets_add_text(struct octets *octets, const char *text)
{
	octets_add(octets, text, strlen(text));
}

static void decode_base64(const char *data, size_t length, struct octets *out)
{
	uint32_t bits = 0;
	unsigned count = 0;

	for (size_t i = 0; i < length && data[i] != '='; i++) {
		const char *digit = data[i] != '\0' ? strchr(alphabet, data[i]) : NULL;

		if (digit == NULL)
			continue;
		bits = bits << 6 | (uint32_t)(digit - alphabet);
		if (++count % 4 != 0)
			continue;
		octets_add(out, (char[]){(char)(bits >> 16), (char)(bits >> 8), (char)bits}, 3);
	}
	if (count % 4 == 3)
		octets_add(out, (char[]){(char)(bits >> 10), (char)(bits >> 2)}, 2);
	else if (count % 4 == 2)
		octets_add(out, (char[]){(char)(bits >> 4)}, 1);
}

static int hexadecimal(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The length of a soft line break behind the equals sign, blanks before its end allowed; 0: there is none. */
static size_t soft_break(const char *data, size_t length)
{
	size_t at = 0;

	while (at < length && (data[at] == ' ' || data[at] == '\t'))
		at++;
	if (at == length)
		return at;
	if (data[at] == '\r' && at + 1 < length && data[at + 1] == '\n')
		return at + 2;
	return data[at] == '\n' ? at + 1 : 0;
}

static void decode_quoted(const char *data, size_t length, struct octets *out)
{
	for (size_t i = 0; i < length; i++) {
		size_t skipped;
		int high, low;

		if (data[i] != '=') {
			octets_add(out, data + i, 1);
			continue;
		}
		skipped = soft_break(data + i + 1, length - i - 1);
		high = i + 2 < length ? hexadecimal(data[i + 1]) : -1;
		low = i + 2 < length ? hexadecimal(data[i + 2]) : -1;
		if (high >= 0 && low >= 0) {
			octets_add(out, (char[]){(char)(high << 4 | low)}, 1);
			i += 2;
		} else if (skipped > 0 || i + 1 == length) {
			i += skipped;
		} else {
			octets_add(out, "=", 1);
		}
	}
}

bool transfer_decode(const char *encoding, const char *data, size_t length,
		     struct octets *decoded_r)
{
	static const char *const plain[] = {"", "7bit", "8bit", "binary"};

	*decoded_r = (struct octets){0};
	octets_add(decoded_r, "", 0);
	if (strcmp(encoding, "base64") == 0) {
		decode_base64(data, length, decoded_r);
		return true;
	}
	if (strcmp(encoding, "quoted-printable") == 0) {
		decode_quoted(data, length, decoded_r);
		return true;
	}
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
		if (strcmp(encoding, plain[i]) == 0) {
			octets_add(decoded_r, data, length);
			return true;
		}
	}
	return false;
}

/* The length of a line end, 0: there is none here. A CR by itself is text. */
static size_t line_end(const char *text, size_t length)
{
	if (length > 1 && text[0] == '\r' && text[1] == '\n')
		return 2;
	return length > 0 && text[0] == '\n';
}

/* Must it be written as =XX? A blank only before a line end. */
static bool is_quoted(const char *text, size_t length)
{
	if (*text == ' ' || *text == '\t')
		return length == 1 || line_end(text + 1, length - 1) > 0;
	return *text < '!' || *text > '~' || *text == '=';
}

void transfer_encode_quoted(const char *text, size_t length, struct octets *out)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t column = 0;

	while (length > 0) {
		size_t end = line_end(text, length), width;
		bool quoted;

		if (end > 0) {
			octets_add(out, "\r\n", 2);
			column = 0;
			text += end;
			length -= end;
			continue;
		}
		quoted = is_quoted(text, length);
		width = quoted ? 3 : 1;
		if (column + width > QUOTED_LINE_MAX - 1) {
			octets_add(out, "=\r\n", 3);
			column = 0;
		}
		if (quoted)
			octets_add(
			    out,
			    (char[]){'=', digits[(unsigned char)*text >> 4], digits[*text & 15]},
			    3);
		else
			octets_add(out, text, 1);
		column += width;
		text++;
		length--;
	}
}

static bool is_utf8(const char *data, size_t length)
{
	return memchr(data, '\0', length) == NULL && utf8_is_valid(data);
}

static bool is_ascii(const char *data, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)data[i] >= 0x80)
			return false;
	}
	return true;
}

static bool convert(iconv_t converter, const char *data, size_t length, struct octets *out)
{
	char *in = (char *)(uintptr_t)data;
	char buffer[4096];

	for (;;) {
		char *to = buffer;
		size_t room = sizeof(buffer);
		size_t result = iconv(converter, length > 0 ? &in : NULL, &length, &to, &room);

		octets_add(out, buffer, (size_t)(to - buffer));
		if (result == (size_t)-1 && errno != E2BIG)
			return false;
		if (result != (size_t)-1 && length == 0)
			return true;
	}
}

bool charset_to_utf8(const char *charset, const char *data, size_t length, struct octets *out)
{
	bool undeclared = charset[0] == '\0' || strcmp(charset, "us-ascii") == 0;
	iconv_t converter;
	bool done;

	octets_add(out, "", 0);
	if (undeclared || strcmp(charset, "utf-8") == 0) {
		if (!is_ascii(data, length) && !is_utf8(data, length))
			return false;
		octets_add(out, data, length);
		return true;
	}
	converter = iconv_open("UTF-8", charset);
	if (converter == (iconv_t)-1)
		return false;
	done = convert(converter, data, length, out);
	iconv_close(converter);
	return done;
}

static void encode_word(const char *text, size_t length, struct octets *out)
{
	octets_add_text(out, "=?utf-8?B?");
	for (size_t i = 0; i < length; i += 3) {
		uint32_t bits = 0;

		for (size_t j = 0; j < 3; j++)
			bits = bits << 8 | (i + j < length ? (unsigned char)text[i + j] : 0);
		for (size_t j = 0; j < 4; j++)
			octets_add(out, i + j > length ? "=" : &alphabet[bits >> (18 - 6 * j) & 63],
				   1);
	}
	octets_add_text(out, "?=");
}

char *header_encode(const char *text)
{
	size_t length = strlen(text);
	struct octets out = {0};

	if (is_ascii(text, length)) {
		octets_add_text(&out, text);
		return out.data;
	}
	while (length > 0) {
		size_t piece = 0, next;

		/* RFC 2047 section 5: no character is split between two words. */
		while (piece < length && (next = utf8_sequence(text + piece)) > 0 &&
		       piece + next <= WORD_TEXT_MAX)
			piece += next;
		if (piece == 0)
			piece = 1;
		encode_word(text, piece, &out);
		text += piece;
		length -= piece;
		if (length > 0)
			octets_add_text(&out, "\n ");
	}
	return out.data;
}
