/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a word of HTML stands: in prose that is shown, in a tag, or elsewhere. It follows the part of the HTML standard's
 * tokenizer on which no two readers can differ; at the first thing beyond that it gives up for the rest of the text.
 */
#ifndef EASYMAIL_ANTISPAM_HTML_H
#define EASYMAIL_ANTISPAM_HTML_H

#include <stdbool.h>
#include <stddef.h>

enum html_place {
	HTML_PROSE,
	HTML_TAG,    /* between `<` and `>`, outside of quotes */
	HTML_QUOTED, /* an attribute's value between quotes */
	HTML_COMMENT,
	HTML_DECLARATION, /* <!doctype … > and <![ … > */
	HTML_RAW,         /* <style> or <title>, up to their end tag */
	HTML_UNKNOWN,     /* given up: for good */
};

struct html {
	enum html_place place; /* of what comes next */
	char quote;
	const char
	    *raw; /* the element that the tag at hand opens, or that is open: "style"; NULL */
	const char *opening; /* where the comment began */
};

/* Words are what stands between the delimiters blank, `<`, `>`, `"` and `'`. Word after word and delimiter after
 * delimiter, each once; `end` is the text's. */
void html_see_word(struct html *html, const char *word, size_t length, const char *end)
    __attribute__((nonnull));
void html_see_delimiter(struct html *html, const char *at, const char *end)
    __attribute__((nonnull));

#endif
