/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules for texts and names. */
#include "common/text_rule.h"
#include "common/utf8.h"
#include <stdio.h>
#include <string.h>

bool text_rule_check(const char *field, const char *text, size_t max, struct error *err)
{
	const unsigned char *at;

	if (strlen(text) > max)
		return error_set(err, "%s: '%.60s…' is longer than %zu octets; shorten it", field,
				 text, max);
	for (at = (const unsigned char *)text; *at; at++) {
		if (*at < 0x20 || *at == 0x7f)
			return error_set(err, "%s: has a control character; remove it", field);
	}
	if (!utf8_is_valid(text))
		return error_set(err, "%s: is not UTF-8; write it in UTF-8", field);
	return true;
}

bool text_rule_check_name(const char *field, const char *text, size_t max, struct error *err)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (length >= 1 && length <= max && !text[length] && text[0] != '-')
		return true;
	return error_set(err,
			 "%s: '%.80s' is no name; use 1 to %zu of a-z, 0-9 and hyphen, no hyphen "
			 "first",
			 field, text, max);
}

void text_rule_copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
}
