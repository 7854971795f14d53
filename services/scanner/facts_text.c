/* SPDX-License-Identifier: BSD-2-Clause */
/* From octets to UTF-8, from HTML to text, from text to URLs. */
#include "services/scanner/facts_text.h"
#include "services/scanner/charsets.h"
#include "services/scanner/html_text.h"
#include "services/scanner/urls.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HTML_FACTOR 4 /* of HTML more is read than text may come of it */

struct finder {
	struct facts_text *text;
	struct facts_builder *builder;
};

static void on_url(void *context, const char *text, const char *host)
{
	struct finder *finder = context;

	if (host[0] == '\0')
		finder->text->malformed |= MALFORMED_URL;
	facts_builder_url(finder->builder, text, host);
}

/* URLs that name no host and yet do something. */
static bool is_active(const char *link, size_t length)
{
	static const char *const schemes[] = {"javascript:", "vbscript:", "data:", "file:"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t scheme = strlen(schemes[i]);

		if (length >= scheme && strncasecmp(link, schemes[i], scheme) == 0)
			return true;
	}
	return false;
}

/* An attribute's value: a URL, a list of them (srcset), or a sentence with one (a refresh). What points into the
 * mail itself or beside it is of no interest. */
static void on_link(void *context, const char *link, size_t length)
{
	struct finder *finder = context;
	char text[URL_MAX_BYTES + 1];
	char host[URL_HOST_SIZE] = "";

	if (!is_active(link, length) &&
	    (!url_host(link, length, host) || memchr(link, ' ', length) != NULL)) {
		urls_find(link, length, on_url, finder);
		return;
	}
	snprintf(text, sizeof(text), "%.*s", (int)(length < URL_MAX_BYTES ? length : URL_MAX_BYTES),
		 link);
	facts_builder_url(finder->builder, text, host);
}

static bool is_html(const char *type)
{
	return strcmp(type, "text/html") == 0 || strcmp(type, "text/xhtml") == 0;
}

/* Character sets whose texts may hold NUL octets. */
static bool is_wide(const char *charset)
{
	return strncmp(charset, "utf-16", 6) == 0 || strncmp(charset, "utf-32", 6) == 0 ||
	       strncmp(charset, "ucs-", 4) == 0 || strncmp(charset, "iso-10646", 9) == 0;
}

void facts_text_read(struct facts_text *text, const char *data, size_t length, size_t limit,
		     struct facts_builder *builder)
{
	struct finder finder = {.text = text, .builder = builder};
	struct text_buffer html = {.limit = limit * HTML_FACTOR};

	text->text = (struct text_buffer){.limit = limit};
	if (!is_wide(text->charset) && memchr(data, '\0', length) != NULL)
		text->malformed |= MALFORMED_NUL;
	if (!charset_add(is_html(text->type) ? &html : &text->text, text->charset, data, length))
		text->malformed |= MALFORMED_CHARSET;
	if (html.length > 0)
		html_text_add(&text->text, html.data, html.length, on_link, &finder);
	text->text.cut |= html.cut;
	if (text->text.cut)
		text->malformed |= MALFORMED_TEXT_CUT;
	free(html.data);
	if (text->text.length > 0)
		urls_find(text->text.data, text->text.length, on_url, &finder);
}
