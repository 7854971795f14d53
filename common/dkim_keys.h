/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The DKIM keys that a sender domain's mail is signed with now, as tenants.db holds them: private parts
 * sealed, each bound to its domain and selector. dkim_key_cache.h keeps the opened ones; dkim_key_rows.h
 * makes, lists and changes them.
 */
#ifndef EASYMAIL_DKIM_KEYS_H
#define EASYMAIL_DKIM_KEYS_H

#include "common/crypto.h"
#include "common/key_file.h"
#include "common/policy.h"

#define DKIM_SELECTOR_SIZE   64   /* with the NUL */
#define DKIM_SEALED_MAX      4096 /* octets of a sealed private part, RSA-4096 at the most */
#define DKIM_KEYS_ACTIVE_MAX 2    /* one of each algorithm */

/* An active key, still closed. Plain data; nothing to free. */
struct dkim_sealed_key {
	int64_t id;
	char domain[DOMAIN_SIZE]; /* d= */
	char selector[DKIM_SELECTOR_SIZE];
	enum crypto_algorithm algorithm;
	char sealed_under[KEY_FILE_ID_SIZE]; /* which key file opens it */
	size_t length;                       /* of sealed */
	unsigned char sealed[DKIM_SEALED_MAX];
};

/* All of one domain, so every key[i].domain is the same; RSA comes first. */
struct dkim_signing_keys {
	size_t count; /* 0: mail of this domain is not signed */
	struct dkim_sealed_key key[DKIM_KEYS_ACTIVE_MAX];
};

/*
 * The active keys for mail whose sender (envelope or From) is of `domain`, normalized: those of the domain
 * itself, or of the nearest above it that covers its subdomains and has keys; only domains of the policy's
 * tenant count. d= is then that domain, which relaxed alignment (RFC 7489 section 3.1.1) accepts.
 * One read transaction, a few index look-ups. False: the answer is unknown, so neither signed nor unsigned.
 */
bool dkim_keys_for_domain(struct policy_store *store, const struct policy *policy,
			  const char *domain, struct dkim_signing_keys *keys_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* The active keys of exactly this domain, whosever it is: for the provider's own signature. */
bool dkim_keys_of_domain(struct policy_store *store, const char *domain,
			 struct dkim_signing_keys *keys_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Seals a key's private part for the domain and the selector that are there already; fills in the rest but id. */
bool dkim_keys_seal(const struct crypto_key *key, const struct key_file *file,
		    struct dkim_sealed_key *sealed, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/*
 * Opens a private part with the key file's key and parses it; the caller frees with crypto_key_free. Costs
 * half a millisecond: filters ask dkim_key_cache.h instead. A row that was moved to another domain or
 * selector, or altered, does not open.
 */
bool dkim_keys_open(const struct dkim_sealed_key *sealed, const struct key_file *file,
		    struct crypto_key **key_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
