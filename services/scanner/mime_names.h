/* SPDX-License-Identifier: BSD-2-Clause */
/* A part's file names, put together from the pieces of its header and decoded, in every reading. */
#ifndef EASYMAIL_SCANNER_MIME_NAMES_H
#define EASYMAIL_SCANNER_MIME_NAMES_H

#include "services/scanner/mime_header.h"

/* A name in UTF-8; the same one may come several times. */
typedef void (*mime_name_found)(void *context, const char *name, size_t length);

/* Calls `found` with each reading; returns what is wrong with them, MALFORMED_…. */
uint64_t mime_names_read(const struct mime_pieces *pieces, mime_name_found found, void *context)
    __attribute__((nonnull(1, 2)));

#endif
