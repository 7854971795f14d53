/* SPDX-License-Identifier: BSD-2-Clause */
/* A text part as its reader sees it, in UTF-8, and the URLs in it. */
#ifndef EASYMAIL_SCANNER_FACTS_TEXT_H
#define EASYMAIL_SCANNER_FACTS_TEXT_H

#include "common/facts_builder.h"
#include "services/scanner/text_buffer.h"

struct facts_text {
	const char *type; /* "text/html" is read as such */
	const char *charset;
	struct text_buffer text; /* the caller frees its data */
	uint64_t malformed;
};

/* Fills in text and malformed, at most `limit` octets; the URLs go to the newest part of the facts. */
void facts_text_read(struct facts_text *text, const char *data, size_t length, size_t limit,
		     struct facts_builder *builder) __attribute__((nonnull));

#endif
