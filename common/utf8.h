/* SPDX-License-Identifier: BSD-2-Clause */
/* Well-formed UTF-8 (RFC 3629), and texts made fit for a line of output. */
#ifndef EASYMAIL_UTF8_H
#define EASYMAIL_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Octets of the well-formed sequence that `text` begins with, 1 to 4; 0 when it is not well-formed.
 * The final NUL is a sequence of one octet. Reads no octet past one that ends the sequence. */
size_t utf8_sequence(const char *text) __attribute__((nonnull));

/* Octets from `data` on that are well-formed UTF-8 without a NUL; `length` when all are. */
size_t utf8_span(const char *data, size_t length) __attribute__((nonnull));

/* Is it well-formed throughout? */
bool utf8_is_valid(const char *text) __attribute__((nonnull));

/*
 * Replaces in place by `?`, octet by octet: control characters (C0, DEL, C1), line and paragraph
 * separators, characters that turn the direction of writing, and what is not UTF-8.
 */
void utf8_make_printable(char *text) __attribute__((nonnull));

#endif
