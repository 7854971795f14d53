/* SPDX-License-Identifier: BSD-2-Clause */
/* Well-formed UTF-8, by the table of RFC 3629 section 4. */
#include "common/utf8.h"
#include <stdint.h>
#include <string.h>

static bool is_tail(unsigned char octet)
{
	return (octet & 0xc0) == 0x80;
}

/* The range of the second octet depends on the first: no overlong form, no surrogate, none over U+10FFFF. */
static bool is_second(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0 && second <= 0xbf;
	case 0xed:
		return second >= 0x80 && second <= 0x9f;
	case 0xf0:
		return second >= 0x90 && second <= 0xbf;
	case 0xf4:
		return second >= 0x80 && second <= 0x8f;
	default:
		return is_tail(second);
	}
}

size_t utf8_sequence(const char *text)
{
	const unsigned char *octets = (const unsigned char *)text;

	if (octets[0] < 0x80)
		return 1;
	if (octets[0] < 0xc2 || octets[0] > 0xf4 || !is_second(octets[0], octets[1]))
		return 0;
	if (octets[0] < 0xe0)
		return 2;
	if (!is_tail(octets[2]))
		return 0;
	if (octets[0] < 0xf0)
		return 3;
	return is_tail(octets[3]) ? 4 : 0;
}

/* Eight octets of ASCII, none of them NUL: most of most texts. */
static bool is_plain(const char *data)
{
	const uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
	uint64_t octets;

	memcpy(&octets, data, sizeof(octets));
	return ((octets | (octets - ones)) & highs) == 0;
}

size_t utf8_span(const char *data, size_t length)
{
	size_t at = 0;

	while (at < length) {
		char last[5] = "";
		size_t left = length - at, octets;

		if (left >= 8 && is_plain(data + at)) {
			at += 8;
			continue;
		}
		if (left < 4)
			memcpy(last, data + at, left);
		octets = utf8_sequence(left < 4 ? last : data + at);
		if (octets == 0 || octets > left || data[at] == '\0')
			break;
		at += octets;
	}
	return at;
}

bool utf8_is_valid(const char *text)
{
	size_t length = strlen(text);

	return utf8_span(text, length) == length;
}

/* Would the well-formed sequence change the line that it is part of? */
static bool is_control(const char *text, size_t length)
{
	unsigned char first = (unsigned char)text[0], last = (unsigned char)text[length - 1];

	if (length == 1)
		return first < 0x20 || first == 0x7f;
	if (length == 2)
		return first == 0xc2 && last < 0xa0;
	if (length == 3 && memcmp(text, "\xe2\x80", 2) == 0)
		return last >= 0xa8 && last <= 0xae; /* U+2028 to U+202E */
	if (length == 3 && memcmp(text, "\xe2\x81", 2) == 0)
		return last >= 0xa6 && last <= 0xa9; /* U+2066 to U+2069 */
	return false;
}

void utf8_make_printable(char *text)
{
	while (*text != '\0') {
		size_t length = utf8_sequence(text);
		bool bad = length == 0;

		if (bad)
			length = 1;
		if (bad || is_control(text, length))
			memset(text, '?', length);
		text += length;
	}
}
