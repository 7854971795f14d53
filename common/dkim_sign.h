/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DKIM signatures (RFC 6376, RFC 8463), relaxed/relaxed, made from a message's headers and its body
 * hash. Not by libopendkim: that parses the PEM key for every signature, which is a third of its cost, and
 * leaks with Ed25519; verification, where hostile input is read, is its work.
 */
#ifndef EASYMAIL_DKIM_SIGN_H
#define EASYMAIL_DKIM_SIGN_H

#include "common/dkim_canon.h"
#include <stdint.h>

struct dkim_field {
	const char *name;
	const char *value; /* folds as LF or CRLF */
};

struct dkim_request {
	const char *domain;   /* d= */
	const char *selector; /* s= */
	const char *identity; /* i=; NULL: none */
	const struct crypto_key *key;
	const struct dkim_field *headers; /* in the order they leave in */
	size_t header_count;
	const unsigned char *body_digest; /* CRYPTO_HASH_BYTES of canon_body_finish */
	int64_t now;                      /* t=, seconds since 1970 */
	int64_t lifetime_s;               /* x= is that later; 0: none */
};

/*
 * Signs every instance of the headers that make up what a reader sees, from the last to the first,
 * and oversigns From, Sender, Reply-To, To, Cc, Subject, Date, Message-ID, MIME-Version and the Content-
 * fields that are there, so that none can be added. No From is an error. *value_r is the field body of
 * DKIM-Signature, folded with LF and tab, beginning with a blank; the caller frees.
 */
bool dkim_signature_make(const struct dkim_request *request, char **value_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
