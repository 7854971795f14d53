/* SPDX-License-Identifier: BSD-2-Clause */
/* Encoded words (RFC 2047) and percent-encoded values (RFC 2231), decoded to UTF-8. */
#ifndef EASYMAIL_SCANNER_MIME_WORDS_H
#define EASYMAIL_SCANNER_MIME_WORDS_H

#include "services/scanner/text_buffer.h"

/* Appends a text with its encoded words decoded, in quoted strings too, as mail programs do. False: some of it
 * looks like an encoded word and cannot be decoded; it is appended as it stands. */
bool mime_words_add(struct text_buffer *buffer, const char *text, size_t length)
    __attribute__((nonnull));

/* Appends `%XX` as octets; false: a percent sign without them, which stays. */
bool mime_percent_add(struct text_buffer *octets, const char *text, size_t length)
    __attribute__((nonnull));

#endif
