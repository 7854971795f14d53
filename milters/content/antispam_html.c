/* SPDX-License-Identifier: BSD-2-Clause */
/* A tokenizer that would rather know nothing than be wrong (HTML standard, section 13.2.5). */
#include "milters/content/antispam_html.h"
#include <string.h>

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:-"
#define LETTERS         "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* Elements whose content is read by other rules than ours. */
static const char *const odd[] = {
    "script",   "textarea",  "xmp",      "iframe", "noembed", "noframes",
    "noscript", "plaintext", "template", "svg",    "math",    "select",
};
static const char *const raw[] = {"style", "title"};

static bool is_at(const char *at, const char *end, const char *text)
{
	size_t length = strlen(text);

	return (size_t)(end - at) >= length && strncasecmp(at, text, length) == 0;
}

/* Does an element's name stand there, whole? */
static bool is_name(const char *at, const char *end, const char *name)
{
	at += is_at(at, end, name) ? strlen(name) : 0;
	return at < end && at[-1] != '<' && strchr(" \t\r\n>/", *at) != NULL;
}

static const char *find_name(const char *at, const char *end, const char *const names[],
			     size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_name(at, end, names[i]))
			return names[i];
	return NULL;
}

static void give_up(struct html *html)
{
	html->place = HTML_UNKNOWN;
}

static bool is_letter(const char *at, const char *end)
{
	return at < end && *at != '\0' && strchr(LETTERS, *at) != NULL;
}

/* `<` in prose. */
static void open_tag(struct html *html, const char *at, const char *end)
{
	const char *name = at + 1;
	bool is_tag =
	    is_letter(name, end) || (name < end && *name == '/' && is_letter(name + 1, end));

	html->raw = NULL;
	html->place = HTML_TAG;
	if (is_at(at, end, "<!--")) {
		html->place = HTML_COMMENT;
		html->opening = at;
	} else if (is_at(at, end, "<!doctype ") || is_at(at, end, "<![")) {
		html->place = HTML_DECLARATION;
		html->quote = '\0';
	} else if (!is_tag || find_name(name, end, odd, sizeof(odd) / sizeof(*odd)) != NULL) {
		give_up(html);
	} else {
		html->raw = find_name(name, end, raw, sizeof(raw) / sizeof(*raw));
	}
}

/* `<` where only the element's own end tag counts. */
static void see_raw(struct html *html, const char *at, const char *end)
{
	size_t length = strlen(html->raw);

	if (!is_at(at, end, "</") || !is_at(at + 2, end, html->raw))
		return;
	html->place = at + 2 + length < end && at[2 + length] == '>' ? HTML_TAG : HTML_UNKNOWN;
	html->raw = NULL;
}

/* A comment ends with `-->`; readers differ about those that end otherwise. */
static void see_comment(struct html *html, const char *at)
{
	size_t length = (size_t)(at - html->opening);

	if (*at != '>')
		return;
	if (length < 6 || (at[-1] == '!' && at[-2] == '-' && at[-3] == '-'))
		give_up(html);
	else if (at[-1] == '-' && at[-2] == '-')
		html->place = HTML_PROSE;
}

/* A quote in a tag begins a value only behind `name=`, which html_see_word has found to be one. */
static void see_tag(struct html *html, const char *at)
{
	switch (*at) {
	case '>':
		html->place = html->raw != NULL ? HTML_RAW : HTML_PROSE;
		return;
	case '<':
		give_up(html);
		return;
	case '"':
	case '\'':
		html->place = at[-1] == '=' ? HTML_QUOTED : HTML_UNKNOWN;
		html->quote = *at;
		return;
	}
}

/* The first `>` ends it; readers differ about one between quotes. */
static void see_declaration(struct html *html, const char *at)
{
	if (*at == '>')
		html->place = html->quote == '\0' ? HTML_PROSE : HTML_UNKNOWN;
	else if (*at == '<')
		give_up(html);
	else if (*at == html->quote)
		html->quote = '\0';
	else if (html->quote == '\0' && (*at == '"' || *at == '\''))
		html->quote = *at;
}

void html_see_delimiter(struct html *html, const char *at, const char *end)
{
	switch (html->place) {
	case HTML_PROSE:
		if (*at == '<')
			open_tag(html, at, end);
		return;
	case HTML_TAG:
		see_tag(html, at);
		return;
	case HTML_QUOTED:
		if (*at == html->quote)
			html->place = HTML_TAG;
		return;
	case HTML_COMMENT:
		see_comment(html, at);
		return;
	case HTML_DECLARATION:
		see_declaration(html, at);
		return;
	case HTML_RAW:
		if (*at == '<')
			see_raw(html, at, end);
		return;
	case HTML_UNKNOWN:
		return;
	}
}

void html_see_word(struct html *html, const char *word, size_t length, const char *end)
{
	const char *next = word + length, *equals = memchr(word, '=', length);
	size_t name = equals != NULL ? (size_t)(equals - word) : 0;
	bool has_value = equals != NULL && equals + 1 < next;
	bool is_quoted = next < end && (*next == '"' || *next == '\'');

	if (html->place != HTML_TAG || equals == NULL)
		return;
	if (name == 0 || strspn(word, NAME_CHARACTERS) != name || has_value == is_quoted ||
	    (has_value && memchr(equals + 1, '=', (size_t)(next - equals - 1)) != NULL))
		give_up(html);
}
