/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts of MIME parts as octets on the wire and as UTF-8, there and back. */
#ifndef EASYMAIL_TRANSFER_CODING_H
#define EASYMAIL_TRANSFER_CODING_H

#include <stdbool.h>
#include <stddef.h>

/* Octets that grow. Starts as zeroes; the caller frees `data`. */
struct octets {
	char *data; /* NUL behind the last one, once something was added */
	size_t length, room;
};

void octets_add(struct octets *octets, const void *data, size_t length) __attribute__((nonnull(1)));
void octets_add_text(struct octets *octets, const char *text) __attribute__((nonnull));

/* Undoes a Content-Transfer-Encoding ("" is 7bit). False: there is no such encoding. */
bool transfer_decode(const char *encoding, const char *data, size_t length,
		     struct octets *decoded_r) __attribute__((nonnull, warn_unused_result));

/* Quoted-printable (RFC 2045 section 6.7): line ends of any kind become CRLF. */
void transfer_encode_quoted(const char *text, size_t length, struct octets *out)
    __attribute__((nonnull));

/* What is written in the charset ("": ASCII, or UTF-8 when it is that) as UTF-8. False: unknown charset, or the
 * text is not written in it. */
bool charset_to_utf8(const char *charset, const char *data, size_t length, struct octets *out)
    __attribute__((nonnull, warn_unused_result));

/* A header's value: RFC 2047 encoded words where it is not ASCII; folded with LF. The caller frees. */
char *header_encode(const char *text) __attribute__((nonnull));

#endif
