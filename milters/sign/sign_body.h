/* SPDX-License-Identifier: BSD-2-Clause */
/* The body of one message as it will leave: its hash, and where somebody has to verify with it, itself. */
#ifndef EASYMAIL_SIGN_BODY_H
#define EASYMAIL_SIGN_BODY_H

#include "common/crypto.h"

struct sign_body;

/* `keep_max`: the octets that are kept at most; 0: none. */
struct sign_body *sign_body_new(size_t keep_max);
void sign_body_free(struct sign_body *body); /* takes NULL */

void sign_body_add(struct sign_body *body, const void *chunk, size_t length)
    __attribute__((nonnull(1)));
void sign_body_finish(struct sign_body *body, unsigned char digest_r[CRYPTO_HASH_BYTES])
    __attribute__((nonnull));

/* After finish. NULL: it was not to be kept, or longer than keep_max. Belongs to `body`. */
const void *sign_body_text(const struct sign_body *body, size_t *length_r) __attribute__((nonnull));

#endif
