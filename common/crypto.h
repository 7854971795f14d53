/* SPDX-License-Identifier: BSD-2-Clause */
/* Hashes, signing keys and sealed secrets, through OpenSSL. Everything here is safe in any thread. */
#ifndef EASYMAIL_CRYPTO_H
#define EASYMAIL_CRYPTO_H

#include "common/error.h"
#include <stddef.h>

#define CRYPTO_HASH_BYTES      32 /* SHA-256 */
#define CRYPTO_MAC_KEY_BYTES   32
#define CRYPTO_SIGNATURE_BYTES 512 /* RSA-4096 at the most */

/* SHA-256 of what is added piece by piece. Running out of memory ends the process. */
struct crypto_hash;
struct crypto_hash *crypto_hash_new(void);
void crypto_hash_add(struct crypto_hash *hash, const void *data, size_t length)
    __attribute__((nonnull(1)));
/* Takes nothing more afterwards but crypto_hash_free. */
void crypto_hash_finish(struct crypto_hash *hash, unsigned char digest_r[CRYPTO_HASH_BYTES])
    __attribute__((nonnull));
void crypto_hash_free(struct crypto_hash *hash); /* takes NULL */

/* HMAC-SHA-256 (RFC 2104) of `purpose`, its NUL and the data: what is made for one purpose serves for no other. */
void crypto_mac(const unsigned char key[CRYPTO_MAC_KEY_BYTES], const char *purpose,
		const void *data, size_t length, unsigned char mac_r[CRYPTO_HASH_BYTES])
    __attribute__((nonnull));

/* In a time that does not depend on the octets. */
bool crypto_equal(const void *one, const void *other, size_t length) __attribute__((nonnull));

enum crypto_algorithm {
	CRYPTO_RSA,     /* RSASSA-PKCS1-v1_5 over SHA-256 (RFC 6376 section 3.3) */
	CRYPTO_ED25519, /* PureEdDSA over the SHA-256 digest (RFC 8463 section 3) */
};

/* A private key, parsed once and kept; threads may sign with one at the same time. */
struct crypto_key;

/* `bits` is for RSA: 1024 (RFC 8301's floor for verifiers) is refused, 2048 to 4096 are taken. */
bool crypto_key_generate(enum crypto_algorithm algorithm, int bits, struct crypto_key **key_r,
			 struct error *err) __attribute__((nonnull, warn_unused_result));
/* An unencrypted private key in DER, RSA of at least 1024 bits or Ed25519. */
bool crypto_key_parse(const void *der, size_t length, struct crypto_key **key_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void crypto_key_free(struct crypto_key *key); /* takes NULL */
/* The key held once more: it goes with the last crypto_key_free. */
struct crypto_key *crypto_key_hold(struct crypto_key *key) __attribute__((nonnull));

enum crypto_algorithm crypto_key_algorithm(const struct crypto_key *key) __attribute__((nonnull));
int crypto_key_bits(const struct crypto_key *key) __attribute__((nonnull)); /* Ed25519: 256 */
/* PKCS #8 in DER; the caller wipes and frees. */
unsigned char *crypto_key_private_der(const struct crypto_key *key, size_t *length_r)
    __attribute__((nonnull));
/* What `p=` of a DKIM record holds in base64: SubjectPublicKeyInfo for RSA, the 32 octets of an Ed25519 key.
 * The caller frees. */
char *crypto_key_public_base64(const struct crypto_key *key) __attribute__((nonnull));

/* Signs a SHA-256 digest. */
bool crypto_key_sign(const struct crypto_key *key, const unsigned char digest[CRYPTO_HASH_BYTES],
		     unsigned char signature_r[CRYPTO_SIGNATURE_BYTES], size_t *length_r,
		     struct error *err) __attribute__((nonnull, warn_unused_result));

#define CRYPTO_SEAL_KEY_BYTES 32
#define CRYPTO_SEAL_OVERHEAD  28 /* octets that a sealed secret is longer: nonce and tag */

/*
 * A secret for storing: AES-256-GCM with a random nonce. `context` says what it is the secret of; sealed for
 * one context it does not open for another. sealed_r takes length + CRYPTO_SEAL_OVERHEAD octets.
 */
struct crypto_seal {
	const unsigned char *key; /* CRYPTO_SEAL_KEY_BYTES */
	const void *context;
	size_t context_length;
};
bool crypto_seal(const struct crypto_seal *seal, const void *secret, size_t length,
		 unsigned char *sealed_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
/* secret_r takes length - CRYPTO_SEAL_OVERHEAD octets; nothing of it is left there on error. */
bool crypto_unseal(const struct crypto_seal *seal, const unsigned char *sealed, size_t length,
		   void *secret_r, struct error *err) __attribute__((nonnull, warn_unused_result));

bool crypto_random(void *octets_r, size_t length, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Base64 without line breaks; the caller frees. */
char *crypto_base64(const void *data, size_t length) __attribute__((nonnull));
/* Exactly `length` octets from text with padding and without blanks; false: it is something else. */
bool crypto_unbase64(const char *text, void *data_r, size_t length)
    __attribute__((nonnull, warn_unused_result));

/* Overwrites a secret in a way that the compiler keeps. */
void crypto_wipe(void *secret, size_t length) __attribute__((nonnull));

#endif
