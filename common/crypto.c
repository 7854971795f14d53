/* SPDX-License-Identifier: BSD-2-Clause */
/* Hashes and signing keys: a thin cover over OpenSSL 3. */
#include "common/crypto.h"
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define ED25519_KEY_BYTES 32
#define SEAL_NONCE_BYTES  12
#define SEAL_TAG_BYTES    16
_Static_assert(SEAL_NONCE_BYTES + SEAL_TAG_BYTES == CRYPTO_SEAL_OVERHEAD, "a seal is both");

struct crypto_hash {
	EVP_MD_CTX *context;
};

struct crypto_key {
	atomic_uint holds;
	enum crypto_algorithm algorithm;
	EVP_PKEY *pkey;
};

/* OpenSSL fails where it should not only when there is no memory left. */
static void *or_die(void *pointer)
{
	if (pointer == NULL)
		abort();
	return pointer;
}

/* The oldest error of OpenSSL's queue, which is emptied. */
static bool openssl_error(struct error *err, const char *what)
{
	char text[256];

	ERR_error_string_n(ERR_get_error(), text, sizeof(text));
	ERR_clear_error();
	return error_set(err, "%s: %s", what, text);
}

struct crypto_hash *crypto_hash_new(void)
{
	struct crypto_hash *hash = or_die(malloc(sizeof(*hash)));

	hash->context = or_die(EVP_MD_CTX_new());
	if (EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) != 1)
		abort();
	return hash;
}

void crypto_hash_add(struct crypto_hash *hash, const void *data, size_t length)
{
	if (length > 0 && EVP_DigestUpdate(hash->context, data, length) != 1)
		abort();
}

void crypto_hash_finish(struct crypto_hash *hash, unsigned char digest_r[CRYPTO_HASH_BYTES])
{
	if (EVP_DigestFinal_ex(hash->context, digest_r, NULL) != 1)
		abort();
}

void crypto_hash_free(struct crypto_hash *hash)
{
	if (hash == NULL)
		return;
	EVP_MD_CTX_free(hash->context);
	free(hash);
}

void crypto_mac(const unsigned char key[CRYPTO_MAC_KEY_BYTES], const char *purpose,
		const void *data, size_t length, unsigned char mac_r[CRYPTO_HASH_BYTES])
{
	EVP_PKEY *pkey =
	    or_die(EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, key, CRYPTO_MAC_KEY_BYTES));
	EVP_MD_CTX *context = or_die(EVP_MD_CTX_new());
	size_t size = CRYPTO_HASH_BYTES;

	if (EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, pkey) != 1 ||
	    EVP_DigestSignUpdate(context, purpose, strlen(purpose) + 1) != 1 ||
	    EVP_DigestSignUpdate(context, data, length) != 1 ||
	    EVP_DigestSignFinal(context, mac_r, &size) != 1)
		abort();
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pkey);
}

bool crypto_equal(const void *one, const void *other, size_t length)
{
	return CRYPTO_memcmp(one, other, length) == 0;
}

/* Takes over the key when it is one of ours and strong enough. */
static bool key_adopt(EVP_PKEY *pkey, struct crypto_key **key_r, struct error *err)
{
	int type = EVP_PKEY_get_base_id(pkey);

	if (type != EVP_PKEY_RSA && type != EVP_PKEY_ED25519) {
		EVP_PKEY_free(pkey);
		return error_set(err, "the key is neither RSA nor Ed25519; make one of these");
	}
	if (type == EVP_PKEY_RSA &&
	    (EVP_PKEY_get_bits(pkey) < 1024 || EVP_PKEY_get_bits(pkey) > 4096)) {
		int bits = EVP_PKEY_get_bits(pkey);

		EVP_PKEY_free(pkey);
		return error_set(err, "the RSA key has %d bits; use 2048 to 4096", bits);
	}
	*key_r = or_die(malloc(sizeof(**key_r)));
	atomic_init(&(*key_r)->holds, 1);
	(*key_r)->algorithm = type == EVP_PKEY_RSA ? CRYPTO_RSA : CRYPTO_ED25519;
	(*key_r)->pkey = pkey;
	return true;
}

bool crypto_key_generate(enum crypto_algorithm algorithm, int bits, struct crypto_key **key_r,
			 struct error *err)
{
	EVP_PKEY *pkey = NULL;

	switch (algorithm) {
	case CRYPTO_RSA:
		if (bits < 2048 || bits > 4096)
			return error_set(err, "bits: %d: use 2048 to 4096", bits);
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
		break;
	case CRYPTO_ED25519:
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		break;
	}
	if (pkey == NULL)
		return openssl_error(err, "making a key");
	return key_adopt(pkey, key_r, err);
}

bool crypto_key_parse(const void *der, size_t length, struct crypto_key **key_r, struct error *err)
{
	const unsigned char *at = der, *end = at + length;
	EVP_PKEY *pkey = d2i_AutoPrivateKey(NULL, &at, (long)length);

	if (pkey == NULL || at != end) {
		EVP_PKEY_free(pkey);
		ERR_clear_error();
		return error_set(err, "the private key is not one in DER");
	}
	return key_adopt(pkey, key_r, err);
}

void crypto_key_free(struct crypto_key *key)
{
	if (key == NULL || atomic_fetch_sub_explicit(&key->holds, 1, memory_order_acq_rel) > 1)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

struct crypto_key *crypto_key_hold(struct crypto_key *key)
{
	atomic_fetch_add_explicit(&key->holds, 1, memory_order_relaxed);
	return key;
}

enum crypto_algorithm crypto_key_algorithm(const struct crypto_key *key)
{
	return key->algorithm;
}

int crypto_key_bits(const struct crypto_key *key)
{
	return key->algorithm == CRYPTO_RSA ? EVP_PKEY_get_bits(key->pkey) : ED25519_KEY_BYTES * 8;
}

unsigned char *crypto_key_private_der(const struct crypto_key *key, size_t *length_r)
{
	BIO *bio = or_die(BIO_new(BIO_s_secmem()));
	unsigned char *der;
	char *data;
	long length;

	if (i2d_PKCS8PrivateKey_bio(bio, key->pkey, NULL, NULL, 0, NULL, NULL) != 1)
		abort();
	length = BIO_get_mem_data(bio, &data);
	der = or_die(malloc((size_t)length));
	memcpy(der, data, (size_t)length);
	*length_r = (size_t)length;
	BIO_free(bio);
	return der;
}

char *crypto_key_public_base64(const struct crypto_key *key)
{
	unsigned char raw[ED25519_KEY_BYTES], *der = NULL;
	size_t size = sizeof(raw);
	char *text;
	int length;

	if (key->algorithm == CRYPTO_ED25519) {
		if (EVP_PKEY_get_raw_public_key(key->pkey, raw, &size) != 1)
			abort();
		return crypto_base64(raw, size);
	}
	length = i2d_PUBKEY(key->pkey, &der);
	if (length <= 0)
		abort();
	text = crypto_base64(der, (size_t)length);
	OPENSSL_free(der);
	return text;
}

static bool sign_rsa(EVP_PKEY *pkey, const unsigned char *digest, unsigned char *signature,
		     size_t *length_r)
{
	EVP_PKEY_CTX *context = or_die(EVP_PKEY_CTX_new(pkey, NULL));
	bool ok = EVP_PKEY_sign_init(context) == 1 &&
		  EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
		  EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
		  EVP_PKEY_sign(context, signature, length_r, digest, CRYPTO_HASH_BYTES) == 1;

	EVP_PKEY_CTX_free(context);
	return ok;
}

static bool sign_ed25519(EVP_PKEY *pkey, const unsigned char *digest, unsigned char *signature,
			 size_t *length_r)
{
	EVP_MD_CTX *context = or_die(EVP_MD_CTX_new());
	bool ok = EVP_DigestSignInit(context, NULL, NULL, NULL, pkey) == 1 &&
		  EVP_DigestSign(context, signature, length_r, digest, CRYPTO_HASH_BYTES) == 1;

	EVP_MD_CTX_free(context);
	return ok;
}

bool crypto_key_sign(const struct crypto_key *key, const unsigned char digest[CRYPTO_HASH_BYTES],
		     unsigned char signature_r[CRYPTO_SIGNATURE_BYTES], size_t *length_r,
		     struct error *err)
{
	bool ok = false;

	*length_r = CRYPTO_SIGNATURE_BYTES;
	switch (key->algorithm) {
	case CRYPTO_RSA:
		ok = sign_rsa(key->pkey, digest, signature_r, length_r);
		break;
	case CRYPTO_ED25519:
		ok = sign_ed25519(key->pkey, digest, signature_r, length_r);
		break;
	}
	return ok || openssl_error(err, "signing");
}

char *crypto_base64(const void *data, size_t length)
{
	char *text = or_die(malloc((length + 2) / 3 * 4 + 1));

	EVP_EncodeBlock((unsigned char *)text, data, (int)length);
	return text;
}

bool crypto_unbase64(const char *text, void *data_r, size_t length)
{
	size_t groups = (length + 2) / 3, padding = groups * 3 - length;
	size_t written = strlen(text);
	unsigned char *octets;
	bool right;

	/* EVP_DecodeBlock passes over blanks at the ends and takes padding for zeros. */
	if (written != groups * 4 || strcspn(text, "= \t\r\n") != written - padding ||
	    strspn(text + written - padding, "=") != padding)
		return false;
	octets = or_die(malloc(groups * 3 + 1));
	right =
	    EVP_DecodeBlock(octets, (const unsigned char *)text, (int)written) == (int)(groups * 3);
	if (right)
		memcpy(data_r, octets, length);
	crypto_wipe(octets, groups * 3);
	free(octets);
	return right;
}

bool crypto_random(void *octets_r, size_t length, struct error *err)
{
	return RAND_priv_bytes(octets_r, (int)length) == 1 || openssl_error(err, "random octets");
}

/* AES-256-GCM over the context, ready for the text: encrypting or decrypting. */
static EVP_CIPHER_CTX *seal_begin(const struct crypto_seal *seal, const unsigned char *nonce,
				  int encrypt)
{
	EVP_CIPHER_CTX *cipher = or_die(EVP_CIPHER_CTX_new());
	int unused;

	if (EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), NULL, seal->key, nonce, encrypt) != 1 ||
	    EVP_CipherUpdate(cipher, NULL, &unused, seal->context, (int)seal->context_length) != 1)
		abort();
	return cipher;
}

bool crypto_seal(const struct crypto_seal *seal, const void *secret, size_t length,
		 unsigned char *sealed_r, struct error *err)
{
	unsigned char *text = sealed_r + SEAL_NONCE_BYTES;
	EVP_CIPHER_CTX *cipher;
	int done = 0;

	if (!crypto_random(sealed_r, SEAL_NONCE_BYTES, err))
		return false;
	cipher = seal_begin(seal, sealed_r, 1);
	if (EVP_CipherUpdate(cipher, text, &done, secret, (int)length) != 1 ||
	    EVP_CipherFinal_ex(cipher, text + done, &done) != 1 ||
	    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, SEAL_TAG_BYTES, text + length) != 1)
		abort();
	EVP_CIPHER_CTX_free(cipher);
	return true;
}

bool crypto_unseal(const struct crypto_seal *seal, const unsigned char *sealed, size_t length,
		   void *secret_r, struct error *err)
{
	unsigned char tag[SEAL_TAG_BYTES], *secret = secret_r;
	EVP_CIPHER_CTX *cipher;
	size_t inside;
	int done = 0;
	bool right;

	if (length < CRYPTO_SEAL_OVERHEAD)
		return error_set(err, "the sealed secret is cut short");
	inside = length - CRYPTO_SEAL_OVERHEAD;
	memcpy(tag, sealed + length - SEAL_TAG_BYTES, SEAL_TAG_BYTES);
	cipher = seal_begin(seal, sealed, 0);
	right =
	    EVP_CipherUpdate(cipher, secret, &done, sealed + SEAL_NONCE_BYTES, (int)inside) == 1 &&
	    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, SEAL_TAG_BYTES, tag) == 1 &&
	    EVP_CipherFinal_ex(cipher, secret + done, &done) == 1;
	EVP_CIPHER_CTX_free(cipher);
	ERR_clear_error();
	if (right)
		return true;
	crypto_wipe(secret, inside);
	return error_set(err, "the sealed secret does not open: another key, or it was altered");
}

void crypto_wipe(void *secret, size_t length)
{
	OPENSSL_cleanse(secret, length);
}
