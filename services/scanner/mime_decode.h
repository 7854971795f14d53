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
	bool cut;     /* base64: ends in the middle of an octet */
};

/* These never read past data + size. */
bool mime_decode_base64(const char *data, size_t size, struct mime_decoded *decoded_r)
    __attribute__((nonnull, warn_unused_result));
bool mime_decode_quoted(const char *data, size_t size, struct mime_decoded *decoded_r)
    __attribute__((nonnull, warn_unused_result));

/* A uuencoded file: what it decodes to, and where it stands in the text. */
struct mime_uuencoded {
	struct mime_decoded decoded; /* data NULL: out of memory */
	size_t start, end;
	const char *name; /* in the text, not ended */
	size_t name_length;
};

/*
 * The next `begin MODE NAME` … `end` at the beginning of a line at or after *at. Found: the file, and *at
 * behind it. A file without `end` goes on to the last line.
 */
bool mime_next_uuencoded(const char *data, size_t size, size_t *at, struct mime_uuencoded *found_r)
    __attribute__((nonnull, warn_unused_result));

#endif
