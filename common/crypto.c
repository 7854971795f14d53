/* SPDX-License-Identifier: BSD-2-Clause */
/* Hashes and signing keys: a thin cover over OpenSSL 3. */
#include "common/crypto.h"
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define ED25519_KEY_BYTES 32

struct crypto_hash {
	EVP_MD_CTX *context;
};

struct crypto_key {
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

bool crypto_key_parse(const char *pem, struct crypto_key **key_r, struct error *err)
{
	BIO *bio = or_die(BIO_new_mem_buf(pem, -1));
	/* Without a passphrase: an encrypted PEM must not make OpenSSL ask the terminal. */
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)(uintptr_t) "");

	BIO_free(bio);
	if (pkey == NULL)
		return openssl_error(err, "the private key is not an unencrypted PEM key");
	return key_adopt(pkey, key_r, err);
}

void crypto_key_free(struct crypto_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

enum crypto_algorithm crypto_key_algorithm(const struct crypto_key *key)
{
	return key->algorithm;
}

char *crypto_key_private_pem(const struct crypto_key *key)
{
	BIO *bio = or_die(BIO_new(BIO_s_secmem()));
	char *data, *pem;
	long length;

	if (PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) != 1)
		abort();
	length = BIO_get_mem_data(bio, &data);
	pem = or_die(strndup(data, (size_t)length));
	BIO_free(bio);
	return pem;
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

void crypto_wipe(void *secret, size_t length)
{
	OPENSSL_cleanse(secret, length);
}
