/* SPDX-License-Identifier: BSD-2-Clause */
/* Transfer encodings undone, as leniently as mail programs do. */
#ifndef EASYMAIL_SCANNER_MIME_DECODE_H
#define EASYMAIL_SCANNER_MIME_DECODE_H

#include <stdbool.h>
#include <stddef.h>

struct mime_decoded {
	char *data; /* the caller frees; NULL only when out of memory */
	size_t length;
	size_t
	    first_end; /* base64: length up to the first padding, where some programs stop; else length */
	bool rubbish; /* octets were skipped that do not belong there */
};

/* These never read past data + size. */
bool mime_decode_base64(const char *data, size_t size, struct mime_decoded *decoded_r)
    __attribute__((nonnull, warn_unused_result));
bool mime_decode_quoted(const char *data, size_t size, struct mime_decoded *decoded_r)
    __attribute__((nonnull, warn_unused_result));

/*
 * The next `begin MODE NAME` … `end` at the beginning of a line at or after *at. Found: the file, decoded
 * (data NULL: out of memory), and *at behind it. A file without `end` goes on to the last line.
 */
bool mime_next_uuencoded(const char *data, size_t size, size_t *at, struct mime_decoded *decoded_r)
    __attribute__((nonnull, warn_unused_result));

#endif
