/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verification of the DKIM signatures that a message carries (RFC 6376 section 6), by libopendkim with a
 * key look-up of ours: its own resolver is not safe in threads and reads past its buffer.
 */
#ifndef EASYMAIL_DKIM_VERIFY_H
#define EASYMAIL_DKIM_VERIFY_H

#include "common/dkim_sign.h"

#define DKIM_VERIFY_MAX \
	10 /* signatures that are looked at, from the top; more cost time and prove nothing */

enum dkim_result { /* RFC 8601 section 2.7.1 */
		   DKIM_RESULT_PASS,
		   DKIM_RESULT_FAIL,
		   DKIM_RESULT_TEMPERROR, /* the key could not be looked up */
		   DKIM_RESULT_PERMERROR, /* no such key, or signature or key record are malformed */
};

struct dkim_verdict {
	enum dkim_result result;
	unsigned key_bits;  /* 0: unknown */
	char domain[256];   /* d= */
	char selector[256]; /* s= */
	char algorithm[32]; /* a= */
	char reason[128];   /* "" with a pass */
};

struct dkim_verdicts {
	size_t count;   /* of verdict */
	size_t ignored; /* signatures beyond DKIM_VERIFY_MAX */
	struct dkim_verdict verdict[DKIM_VERIFY_MAX];
};

/* A message with its signatures. */
struct dkim_message {
	const struct dkim_field *fields;
	size_t field_count;
	const void *body;
	size_t body_length;
};

/* Answers with the joined text of the TXT record at SELECTOR._domainkey.DOMAIN. */
typedef enum found (*dkim_key_lookup)(void *context, const char *name, char *record_r, size_t size);

/* One per process, used by any number of threads. */
struct dkim_verifier;
bool dkim_verifier_new(dkim_key_lookup lookup, void *context, struct dkim_verifier **verifier_r,
		       struct error *err) __attribute__((nonnull(1, 3, 4), warn_unused_result));
void dkim_verifier_free(struct dkim_verifier *verifier); /* takes NULL */

/* False: the message could not be looked at, and says why. No signature at all is a count of 0. */
bool dkim_verifier_run(struct dkim_verifier *verifier, const struct dkim_message *message,
		       struct dkim_verdicts *verdicts_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

const char *dkim_result_name(enum dkim_result result);

#endif
