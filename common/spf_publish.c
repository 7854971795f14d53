/* SPDX-License-Identifier: BSD-2-Clause */
/* SPF records as they should be: the terms of the egress addresses in front of what is there. */
#include "common/spf_publish.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool spf_publish_has(const char *record, const char *term)
{
	size_t length = strlen(term);

	while (*record) {
		size_t next = strcspn(record, " ");
		bool plus = *record == '+';

		if (next - plus == length && strncasecmp(record + plus, term, length) == 0)
			return true;
		record += next;
		record += strspn(record, " ");
	}
	return false;
}

static bool add(char *terms, size_t size, const char *mechanism, const char *value)
{
	size_t used = strlen(terms);
	int length = snprintf(terms + used, size - used, " %s:%s", mechanism, value);

	if (length >= 0 && (size_t)length < size - used)
		return true;
	terms[used] = '\0';
	return false;
}

bool spf_publish_include(char *terms, size_t size, const char *domain)
{
	return add(terms, size, "include", domain);
}

bool spf_publish_address(char *terms, size_t size, const struct ip *address)
{
	char text[IP_TEXT_SIZE];

	ip_format(address, text);
	return add(terms, size, ip_is_v4(address) ? "ip4" : "ip6", text);
}

bool spf_publish_record(const char *record, const char *terms, char *record_r, size_t size)
{
	const char *rest = *record ? record : " ~all";

	if (strncasecmp(record, "v=spf1", 6) == 0)
		rest = record + 6;
	return snprintf(record_r, size, "v=spf1%s%s", terms, rest) < (int)size;
}
