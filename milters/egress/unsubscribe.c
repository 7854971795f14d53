/* SPDX-License-Identifier: BSD-2-Clause */
/* The value of List-Unsubscribe: a URL, a mail address, or both. */
#include "milters/egress/unsubscribe.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define PLACEHOLDER "{recipient}"

/* A text under construction; once it is full it stays cut and says so. */
struct text {
	char *at, *end;
	bool is_full;
};

static void put(struct text *text, char c)
{
	if (text->end - text->at > 1)
		*text->at++ = c;
	else
		text->is_full = true;
	*text->at = '\0';
}

static void put_text(struct text *text, const char *more)
{
	while (*more != '\0')
		put(text, *more++);
}

/* RFC 3986 section 2: all but unreserved characters. */
static void put_encoded(struct text *text, const char *more)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *more != '\0'; more++) {
		unsigned char c = (unsigned char)*more;

		if (isalnum(c) || strchr("-._~", c) != NULL) {
			put(text, (char)c);
			continue;
		}
		put(text, '%');
		put(text, digits[c >> 4]);
		put(text, digits[c & 15]);
	}
}

static void put_url(struct text *text, const char *url, const char *recipient)
{
	put(text, '<');
	while (*url != '\0') {
		if (strncmp(url, PLACEHOLDER, strlen(PLACEHOLDER)) == 0) {
			put_encoded(text, recipient);
			url += strlen(PLACEHOLDER);
		} else {
			put(text, *url++);
		}
	}
	put(text, '>');
}

/* RFC 6068 section 2 lets the `@` stand. */
static void put_mailto(struct text *text, const char *address)
{
	const char *at = strrchr(address, '@');
	char local[512];

	snprintf(local, sizeof(local), "%.*s", (int)(at - address), address);
	put_text(text, "<mailto:");
	put_encoded(text, local);
	put_text(text, at);
	put_text(text, "?subject=unsubscribe>");
}

/* Would the URL serve every recipient of the message? */
static bool serves(const char *url, const struct unsubscribe_facts *facts)
{
	return strstr(url, PLACEHOLDER) == NULL ||
	       (facts->recipients == 1 && facts->recipient[0] != '\0');
}

static enum unsubscribe_ruling make_value(const struct unsubscribe_facts *facts, char *value_r)
{
	const struct setting_value *settings = facts->policy->settings;
	const char *url = settings[SETTING_BULK_UNSUBSCRIBE_URL].text;
	const char *mailto_address = settings[SETTING_BULK_UNSUBSCRIBE_MAILTO].text;
	struct text text = {value_r, value_r + UNSUBSCRIBE_SIZE, false};
	bool has_url = url[0] != '\0' && serves(url, facts);

	value_r[0] = '\0';
	if (has_url)
		put_url(&text, url, facts->recipient);
	if (has_url && mailto_address[0] != '\0')
		put_text(&text, ",\n\t");
	if (mailto_address[0] != '\0')
		put_mailto(&text, mailto_address);
	if (value_r[0] == '\0' || text.is_full)
		return UNSUBSCRIBE_NO_ADDRESS;
	return has_url ? UNSUBSCRIBE_ADD_POST : UNSUBSCRIBE_ADD;
}

enum unsubscribe_ruling unsubscribe_policy(const struct unsubscribe_facts *facts,
					   char value_r[UNSUBSCRIBE_SIZE])
{
	if (facts->has_header)
		return UNSUBSCRIBE_LEAVE;
	switch (
	    (enum list_unsubscribe)facts->policy->settings[SETTING_BULK_LIST_UNSUBSCRIBE].number) {
	case LIST_UNSUBSCRIBE_ADD:
		return make_value(facts, value_r);
	case LIST_UNSUBSCRIBE_REFUSE:
		return UNSUBSCRIBE_REFUSE;
	case LIST_UNSUBSCRIBE_OFF:
		break;
	}
	return UNSUBSCRIBE_LEAVE;
}
