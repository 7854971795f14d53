/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes a message's DKIM signatures with the active keys of a domain. */
#ifndef EASYMAIL_SIGNATURES_H
#define EASYMAIL_SIGNATURES_H

#include "common/dkim_key_cache.h"
#include "milters/chain/message.h"
#include <time.h>

struct signer {
	struct policy_store *policies;
	struct dkim_key_cache *cache;
};

/* The body hash and the time, the same for all signatures of a message. */
struct signing {
	const unsigned char *digest; /* CRYPTO_HASH_BYTES */
	time_t now;
};

/*
 * One signature for each active key of the tenant's domain, or of the nearest above it that has any, at the top of
 * the headers; each is noted in the decision. *count_r 0: there is no key. False: nothing may leave.
 */
bool signatures_add(struct message *message, const struct signer *signer,
		    const struct signing *signing, const char *domain, size_t *count_r,
		    struct error *err) __attribute__((nonnull, warn_unused_result));

/* The same with the keys of exactly that domain, whosever it is. */
bool signatures_add_provider(struct message *message, const struct signer *signer,
			     const struct signing *signing, const char *domain, size_t *count_r,
			     struct error *err) __attribute__((nonnull, warn_unused_result));

#endif
