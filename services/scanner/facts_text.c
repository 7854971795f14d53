/* SPDX-License-Identifier: BSD-2-Clause */
/* From octets to UTF-8, from HTML to text, from text to URLs. */
#include "services/scanner/facts_text.h"
#include "services/scanner/charsets.h"
#include "services/scanner/html_text.h"
#include "services/scanner/urls.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* An attribute's value: only what names a host is of interest, or does something else than point into the mail. */
static void on_link(void *context, const char *link, size_t length)
{
	struct finder *finder = context;
	char text[URL_MAX_BYTES + 1];
	char host[URL_HOST_SIZE];

	if (memchr(link, ':', length) == NULL && memchr(link, '/', length) == NULL)
		return;
	if (length >= 4 && memcmp(link, "cid:", 4) == 0)
		return;
	if (!url_host(link, length, host) && memmem(link, length, "://", 3) != NULL)
		finder->text->malformed |= MALFORMED_URL;
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
