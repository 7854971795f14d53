/* SPDX-License-Identifier: BSD-2-Clause */
/* What makes a message bulk: what was said of it first, then what it looks like. */
#include "milters/egress/stream_policy.h"
#include <string.h>
#include <strings.h>

/* Is the value that word, apart from blanks around it and case? */
static bool is_word(const char *value, const char *word)
{
	size_t length = strlen(word);

	if (value == NULL)
		return false;
	value += strspn(value, " \t\r\n");
	return strncasecmp(value, word, length) == 0 &&
	       value[length + strspn(value + length, " \t\r\n")] == '\0';
}

/* Vacation programs write `Precedence: bulk` too (RFC 3834 section 3.1.8): one person's answer to another. */
static bool has_bulk_precedence(const struct stream_facts *facts)
{
	return !facts->is_automatic &&
	       (is_word(facts->precedence, "bulk") || is_word(facts->precedence, "list"));
}

static enum stream_reason detect(const struct stream_facts *facts)
{
	const struct setting_value *settings = facts->policy->settings;
	size_t many = (size_t)settings[SETTING_BULK_RECIPIENTS].number;

	if (settings[SETTING_BULK_DETECT].number != 0) {
		if (facts->has_list_header)
			return STREAM_BY_LIST;
		if (has_bulk_precedence(facts))
			return STREAM_BY_PRECEDENCE;
	}
	return many > 0 && facts->recipients >= many ? STREAM_BY_RECIPIENTS : STREAM_CORPORATE;
}

enum stream_reason stream_policy(const struct stream_facts *facts)
{
	if (facts->domain_is_bulk)
		return STREAM_BY_DOMAIN;
	if (facts->host == WAY_BULK)
		return STREAM_BY_HOST;
	if (is_word(facts->asked, "bulk"))
		return STREAM_BY_HEADER;
	return facts->is_null_sender ? STREAM_CORPORATE : detect(facts);
}

const char *stream_reason_text(enum stream_reason reason)
{
	switch (reason) {
	case STREAM_CORPORATE:
		return "";
	case STREAM_BY_DOMAIN:
		return "bulk by its domain";
	case STREAM_BY_HOST:
		return "bulk by its relay host";
	case STREAM_BY_HEADER:
		return "bulk by its header " STREAM_HEADER;
	case STREAM_BY_LIST:
		return "bulk by a header of a mailing list";
	case STREAM_BY_PRECEDENCE:
		return "bulk by its header Precedence";
	case STREAM_BY_RECIPIENTS:
		return "bulk by its number of recipients";
	}
	return "bulk";
}
