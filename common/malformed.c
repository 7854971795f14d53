/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of what may be wrong with a message. */
#include "common/malformed.h"
#include <stdio.h>
#include <string.h>

static const struct {
	uint64_t bit;
	const char *name;
} names[] = {
    {MALFORMED_HEADER_LINE, "header_line"},
    {MALFORMED_HEADER_END, "header_end"},
    {MALFORMED_HEADER_LONG, "header_long"},
    {MALFORMED_DOUBLED_TYPE, "doubled_type"},
    {MALFORMED_TYPE, "type"},
    {MALFORMED_DOUBLED_ENCODING, "doubled_encoding"},
    {MALFORMED_UNKNOWN_ENCODING, "unknown_encoding"},
    {MALFORMED_NESTED_ENCODING, "nested_encoding"},
    {MALFORMED_BOUNDARY, "boundary"},
    {MALFORMED_NO_BOUNDARY, "no_boundary"},
    {MALFORMED_BOUNDARY_LINE, "boundary_line"},
    {MALFORMED_UNCLOSED, "unclosed"},
    {MALFORMED_AFTER_CLOSE, "after_close"},
    {MALFORMED_BASE64, "base64"},
    {MALFORMED_BASE64_GOES_ON, "base64_goes_on"},
    {MALFORMED_QUOTED_PRINTABLE, "quoted_printable"},
    {MALFORMED_UUENCODED, "uuencoded"},
    {MALFORMED_NUL, "nul"},
    {MALFORMED_ENCODED_WORD, "encoded_word"},
    {MALFORMED_PARAMETER, "parameter"},
    {MALFORMED_DOUBLED_NAME, "doubled_name"},
    {MALFORMED_CHARSET, "charset"},
    {MALFORMED_URL, "url"},
    {MALFORMED_ARCHIVE, "archive"},
    {MALFORMED_DOUBLED_FIELD, "doubled_field"},
    {MALFORMED_TYPE_LIES, "type_lies"},
    {MALFORMED_TOO_MANY_PARTS, "too_many_parts"},
    {MALFORMED_TOO_DEEP, "too_deep"},
    {MALFORMED_TOO_LARGE, "too_large"},
    {MALFORMED_TOO_MANY_MEMBERS, "too_many_members"},
    {MALFORMED_ARCHIVE_TOO_DEEP, "archive_too_deep"},
    {MALFORMED_ARCHIVE_TOO_LARGE, "archive_too_large"},
    {MALFORMED_TOO_MANY_URLS, "too_many_urls"},
    {MALFORMED_TOO_MANY_NAMES, "too_many_names"},
    {MALFORMED_TEXT_CUT, "text_cut"},
    {MALFORMED_TOO_SLOW, "too_slow"},
};

#define COUNT (sizeof(names) / sizeof(names[0]))

uint64_t malformed_find(const char *name)
{
	if (strcmp(name, "any") == 0)
		return MALFORMED_ALL;
	if (strcmp(name, "over_limit") == 0)
		return MALFORMED_OVER_LIMIT;
	for (size_t i = 0; i < COUNT; i++) {
		if (strcmp(name, names[i].name) == 0)
			return names[i].bit;
	}
	return 0;
}

const char *malformed_name(size_t index, uint64_t *bit_r)
{
	if (index >= COUNT)
		return NULL;
	*bit_r = names[index].bit;
	return names[index].name;
}

void malformed_format(uint64_t malformed, char *text_r, size_t size)
{
	size_t used = 0;

	if (size > 0)
		text_r[0] = '\0';
	for (size_t i = 0; i < COUNT && used < size; i++) {
		if (malformed & names[i].bit)
			used += (size_t)snprintf(text_r + used, size - used, "%s%s",
						 used > 0 ? "," : "", names[i].name);
	}
}
