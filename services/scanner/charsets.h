/* SPDX-License-Identifier: BSD-2-Clause */
/* Character sets, which a worker can use though it has no file system to read them from. */
#ifndef EASYMAIL_SCANNER_CHARSETS_H
#define EASYMAIL_SCANNER_CHARSETS_H

#include "services/scanner/text_buffer.h"

/* Before the jail: the character sets that mail and libclamav need stay in memory. */
void charsets_load(void);

/*
 * Appends a text of that character set as UTF-8. "" and us-ascii with other octets in it are read as UTF-8 where
 * that is well-formed, otherwise as windows-1252, as mail programs do. False: the set is unknown, or the text is
 * not written in it; it is appended all the same, with U+FFFD (or as before) for what cannot be.
 */
bool charset_add(struct text_buffer *buffer, const char *charset, const char *data, size_t length)
    __attribute__((nonnull));

#endif
