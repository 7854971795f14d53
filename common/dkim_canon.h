/* SPDX-License-Identifier: BSD-2-Clause */
/* The relaxed canonicalization of RFC 6376 section 3.4, streaming. */
#ifndef EASYMAIL_DKIM_CANON_H
#define EASYMAIL_DKIM_CANON_H

#include "common/crypto.h"

/*
 * The relaxed body hash: chunks may end anywhere, also within a CRLF. A bare LF ends a line, as it
 * will once Postfix sends it; a bare CR is an octet like another (Postfix lets none through).
 */
struct dkim_body;
struct dkim_body *dkim_body_new(void);
void dkim_body_add(struct dkim_body *body, const void *chunk, size_t length)
    __attribute__((nonnull(1)));
void dkim_body_finish(struct dkim_body *body, unsigned char digest_r[CRYPTO_HASH_BYTES])
    __attribute__((nonnull));
void dkim_body_free(struct dkim_body *body); /* takes NULL */

/*
 * Adds a header field in relaxed form, without its CRLF: `name:value` with the name in lower case,
 * the value unfolded, runs of white space made one blank, none at either end.
 */
void dkim_header_hash(struct crypto_hash *hash, const char *name, const char *value)
    __attribute__((nonnull));

#endif
