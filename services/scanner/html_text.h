/* SPDX-License-Identifier: BSD-2-Clause */
/* What a reader sees of HTML, roughly: its text; and what its attributes point to. */
#ifndef EASYMAIL_SCANNER_HTML_TEXT_H
#define EASYMAIL_SCANNER_HTML_TEXT_H

#include "services/scanner/text_buffer.h"

/* The value of an attribute that holds a URL (href, src, action …), its references decoded. */
typedef void (*html_link_found)(void *context, const char *text, size_t length);

/*
 * Appends the text of HTML in UTF-8: without tags, comments, scripts and styles, references decoded, runs of
 * blanks as one, blocks on lines of their own. Takes time in proportion to `length`, whatever it is given.
 */
void html_text_add(struct text_buffer *buffer, const char *html, size_t length,
		   html_link_found found, void *context) __attribute__((nonnull(1, 2, 4)));

#endif
