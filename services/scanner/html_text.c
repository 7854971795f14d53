/* SPDX-License-Identifier: BSD-2-Clause */
/* Tags, attributes and references, as leniently as browsers read them. Nothing is read twice. */
#include "services/scanner/html_text.h"
#include "services/scanner/html_entities.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINK_MAX_BYTES 4096

struct html {
	const char *at;
	const char *end;
	struct text_buffer *text;
	html_link_found found;
	void *context;
};

struct word {
	const char *text;
	size_t length;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

static bool is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_one_of(const struct word *word, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(names[i]) == word->length &&
		    strncasecmp(names[i], word->text, word->length) == 0)
			return true;
	}
	return false;
}

/* A line's end or a blank, unless there is one. */
static void add_gap(struct text_buffer *text, char gap)
{
	if (text->length > 0 && !is_blank(text->data[text->length - 1]))
		text_add(text, &gap, 1);
}

static bool breaks_line(const struct word *tag)
{
	static const char *const names[] = {
	    "p",  "div",   "br",         "tr",      "li",     "ul",  "ol",
	    "h1", "h2",    "h3",         "h4",      "h5",     "h6",  "td",
	    "th", "table", "section",    "header",  "title",  "hr",  "dt",
	    "dd", "dl",    "blockquote", "article", "footer", "pre", "option",
	};

	return is_one_of(tag, names, sizeof(names) / sizeof(names[0]));
}

static bool is_link(const struct word *attribute)
{
	static const char *const names[] = {
	    "href", "src",    "action",     "formaction", "background", "cite",
	    "data", "poster", "xlink:href", "srcset",     "content",    "codebase",
	};

	return is_one_of(attribute, names, sizeof(names) / sizeof(names[0]));
}

static void give_link(const struct html *html, const struct word *value)
{
	struct text_buffer link = {.limit = LINK_MAX_BYTES};
	size_t at = 0;

	while (at < value->length && !link.cut) {
		unsigned long character;
		size_t used = value->text[at] == '&'
				  ? html_entity(value->text + at, value->length - at, &character)
				  : 0;

		if (used > 0)
			text_add_character(&link, character);
		else if (strchr("\t\r\n", value->text[at]) == NULL)
			text_add(&link, value->text + at, 1);
		at += used > 0 ? used : 1;
	}
	if (link.length > 0)
		html->found(html->context, link.data, link.length);
	free(link.data);
}

static void skip_blanks(struct html *html)
{
	while (html->at < html->end && (is_blank(*html->at) || *html->at == '/'))
		html->at++;
}

/* Up to a blank or one of the ends of a name. */
static struct word read_name(struct html *html)
{
	struct word name = {.text = html->at};

	while (html->at < html->end && !is_blank(*html->at) && *html->at != '=' &&
	       *html->at != '>' && *html->at != '/')
		html->at++;
	name.length = (size_t)(html->at - name.text);
	return name;
}

static struct word read_value(struct html *html)
{
	char quote = *html->at;
	struct word value;
	const char *end;

	if (quote == '"' || quote == '\'') {
		value.text = ++html->at;
		end = memchr(html->at, quote, (size_t)(html->end - html->at));
		value.length = (size_t)((end != NULL ? end : html->end) - value.text);
		html->at = end != NULL ? end + 1 : html->end;
		return value;
	}
	value.text = html->at;
	while (html->at < html->end && !is_blank(*html->at) && *html->at != '>')
		html->at++;
	value.length = (size_t)(html->at - value.text);
	return value;
}

/* One attribute, if there is one; false: the tag is at its end. */
static bool read_attribute(struct html *html)
{
	struct word name, value;

	skip_blanks(html);
	if (html->at == html->end || *html->at == '>')
		return false;
	name = read_name(html);
	while (html->at < html->end && is_blank(*html->at))
		html->at++;
	if (html->at == html->end || *html->at != '=')
		return true;
	html->at++;
	while (html->at < html->end && is_blank(*html->at))
		html->at++;
	if (html->at == html->end)
		return false;
	value = read_value(html);
	if (is_link(&name))
		give_link(html, &value);
	return true;
}

/* Behind the next `ending`, or at the end. */
static void skip_past(struct html *html, const char *ending)
{
	size_t length = strlen(ending);
	const char *found = memmem(html->at, (size_t)(html->end - html->at), ending, length);

	html->at = found != NULL ? found + length : html->end;
}

/* Behind a script or style, to the tag that closes it. */
static void skip_content(struct html *html, const struct word *tag)
{
	while (html->at < html->end) {
		const char *close = memmem(html->at, (size_t)(html->end - html->at), "</", 2);

		if (close == NULL || (size_t)(html->end - close) < tag->length + 2) {
			html->at = html->end;
			return;
		}
		html->at = close + 2;
		if (strncasecmp(html->at, tag->text, tag->length) == 0) {
			html->at = close;
			return;
		}
	}
}

/* At `<` and a letter or `/`. */
static void read_tag(struct html *html)
{
	static const char *const unseen[] = {"script", "style"};
	bool closing = html->at[1] == '/';
	struct word tag;

	html->at += closing ? 2 : 1;
	tag = read_name(html);
	while (read_attribute(html))
		;
	if (html->at < html->end)
		html->at++;
	if (breaks_line(&tag))
		add_gap(html->text, '\n');
	if (!closing && is_one_of(&tag, unseen, sizeof(unseen) / sizeof(unseen[0])))
		skip_content(html, &tag);
}

/* Text up to the next tag or reference, blanks as one. */
static void read_text(struct html *html)
{
	const char *from = html->at;

	while (html->at < html->end && *html->at != '<' && *html->at != '&' && !is_blank(*html->at))
		html->at++;
	text_add(html->text, from, (size_t)(html->at - from));
	if (html->at < html->end && is_blank(*html->at)) {
		add_gap(html->text, ' ');
		html->at++;
	}
}

static void read_reference(struct html *html)
{
	unsigned long character;
	size_t used = html_entity(html->at, (size_t)(html->end - html->at), &character);

	if (used > 0)
		text_add_character(html->text, character == 0xa0 ? ' ' : character);
	else
		text_add(html->text, html->at, 1);
	html->at += used > 0 ? used : 1;
}

static void read_markup(struct html *html)
{
	size_t left = (size_t)(html->end - html->at);

	if (left >= 4 && memcmp(html->at, "<!--", 4) == 0)
		skip_past(html, "-->");
	else if (left >= 2 && (html->at[1] == '!' || html->at[1] == '?'))
		skip_past(html, ">");
	else if (left >= 2 && (html->at[1] == '/' || is_letter(html->at[1]))) {
		read_tag(html);
	} else {
		text_add(html->text, html->at, 1);
		html->at++;
	}
}

void html_text_add(struct text_buffer *buffer, const char *source, size_t length,
		   html_link_found found, void *context)
{
	struct html html = {.at = source,
			    .end = source + length,
			    .text = buffer,
			    .found = found,
			    .context = context};

	while (html.at < html.end) {
		if (*html.at == '<')
			read_markup(&html);
		else if (*html.at == '&')
			read_reference(&html);
		else
			read_text(&html);
	}
}
