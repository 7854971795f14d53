/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The relaxed canonicalization of RFC 6376 section 3.4, streaming. No name here begins with dkim_: libopendkim
 * exports dkim_body, dkim_header and dkim_sign, and a program's own would take their place in the library.
 */
#ifndef EASYMAIL_DKIM_CANON_H
#define EASYMAIL_DKIM_CANON_H

#include "common/crypto.h"

/*
 * The relaxed body hash: chunks may end anywhere, also within a CRLF. A bare LF ends a line, as it
 * will once Postfix sends it; a bare CR is an octet like another (Postfix lets none through).
 */
struct canon_body;
struct canon_body *canon_body_new(void);
void canon_body_add(struct canon_body *body, const void *chunk, size_t length)
    __attribute__((nonnull(1)));
void canon_body_finish(struct canon_body *body, unsigned char digest_r[CRYPTO_HASH_BYTES])
    __attribute__((nonnull));
void canon_body_free(struct canon_body *body); /* takes NULL */

/*
 * Adds a header field in relaxed form, without its CRLF: `name:value` with the name in lower case,
 * the value unfolded, runs of white space made one blank, none at either end.
 */
void canon_header_hash(struct crypto_hash *hash, const char *name, const char *value)
    __attribute__((nonnull));

#endif
