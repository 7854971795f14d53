/* SPDX-License-Identifier: BSD-2-Clause */
/* Sealed secrets, base64 and handles on keys. */
#include "common/crypto.h"
#include "tests/unit/unit.h"
#include <string.h>

static const unsigned char key_one[CRYPTO_SEAL_KEY_BYTES] = {1},
			   key_two[CRYPTO_SEAL_KEY_BYTES] = {2};
static const char secret[] = "a private key";
#define SEALED_SIZE (sizeof(secret) + CRYPTO_SEAL_OVERHEAD)

static struct crypto_seal seal_for(const unsigned char *key, const char *context)
{
	return (struct crypto_seal){key, context, strlen(context)};
}

static void seal_secret(unsigned char sealed[SEALED_SIZE])
{
	struct crypto_seal seal = seal_for(key_one, "a.example s1");
	struct error err;

	ck_assert_msg(crypto_seal(&seal, secret, sizeof(secret), sealed, &err), "%s", err.text);
}

/* Does it open? When not, nothing of the secret may be left. */
static bool opens(const unsigned char *key, const char *context, const unsigned char *sealed,
		  size_t length)
{
	struct crypto_seal seal = seal_for(key, context);
	char out[sizeof(secret)] = {0};
	struct error err;
	bool opened = crypto_unseal(&seal, sealed, length, out, &err);

	if (opened)
		ck_assert_mem_eq(out, secret, sizeof(secret));
	else
		ck_assert_ptr_null(memmem(out, sizeof(out), secret, 4));
	return opened;
}

START_TEST(a_sealed_secret_opens_with_its_key_and_context)
{
	unsigned char sealed[SEALED_SIZE];

	seal_secret(sealed);
	ck_assert_ptr_null(memmem(sealed, sizeof(sealed), secret, 4));
	ck_assert(opens(key_one, "a.example s1", sealed, sizeof(sealed)));
}
END_TEST

START_TEST(a_sealed_secret_does_not_open_with_another_key_or_for_another_context)
{
	unsigned char sealed[SEALED_SIZE];

	seal_secret(sealed);
	ck_assert(!opens(key_two, "a.example s1", sealed, sizeof(sealed)));
	ck_assert(!opens(key_one, "b.example s1", sealed, sizeof(sealed)));
	ck_assert(!opens(key_one, "", sealed, sizeof(sealed)));
}
END_TEST

START_TEST(a_sealed_secret_does_not_open_when_any_octet_was_changed)
{
	unsigned char sealed[SEALED_SIZE];

	seal_secret(sealed);
	for (size_t i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 1;
		ck_assert_msg(!opens(key_one, "a.example s1", sealed, sizeof(sealed)), "octet %zu",
			      i);
		sealed[i] ^= 1;
	}
	for (size_t length = 0; length < sizeof(sealed); length++)
		ck_assert(!opens(key_one, "a.example s1", sealed, length));
}
END_TEST

START_TEST(the_same_secret_is_never_sealed_the_same_way_twice)
{
	unsigned char one[SEALED_SIZE], two[SEALED_SIZE];

	seal_secret(one);
	seal_secret(two);
	ck_assert_mem_ne(one, two, CRYPTO_SEAL_OVERHEAD);
	ck_assert_mem_ne(one + 12, two + 12, sizeof(secret));
}
END_TEST

START_TEST(reads_base64_of_the_length_asked_for_only)
{
	static const struct {
		const char *text;
		size_t length;
		bool right;
	} cases[] = {
	    {"", 0, true},       {"TQ==", 1, true},      {"TWE=", 2, true},
	    {"TWFu", 3, true},   {"TWFuTQ==", 4, true},  {"TWFu", 2, false},
	    {"TWE=", 3, false},  {"TWE=", 1, false},     {"TWFu\n", 3, false},
	    {" TWFu", 3, false}, {"TW!u", 3, false},     {"TWF", 3, false},
	    {"T===", 1, false},  {"TWE=TWFu", 5, false}, {"TWFuTWFu", 3, false},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char out[8];

		ck_assert_msg(crypto_unbase64(cases[i].text, out, cases[i].length) ==
				  cases[i].right,
			      "'%s' as %zu", cases[i].text, cases[i].length);
		if (cases[i].right)
			ck_assert_mem_eq(out, "ManM", cases[i].length);
	}
}
END_TEST

START_TEST(base64_survives_a_round_trip_at_every_length)
{
	unsigned char in[70], out[70];

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)(i * 37 + 250);
	for (size_t length = 0; length <= sizeof(in); length++) {
		char *text = crypto_base64(in, length);

		ck_assert(crypto_unbase64(text, out, length));
		ck_assert_mem_eq(in, out, length);
		free(text);
	}
}
END_TEST

START_TEST(a_private_key_is_read_whole_or_not_at_all)
{
	static const enum crypto_algorithm algorithms[] = {CRYPTO_RSA, CRYPTO_ED25519};

	for (size_t i = 0; i < COUNT(algorithms); i++) {
		struct crypto_key *key, *copy;
		unsigned char *der, *longer;
		struct error err;
		size_t length;

		ck_assert(crypto_key_generate(algorithms[i], 2048, &key, &err));
		der = crypto_key_private_der(key, &length);
		longer = malloc(length + 1);
		memcpy(longer, der, length);
		longer[length] = 0;
		ck_assert(crypto_key_parse(longer, length, &copy, &err));
		crypto_key_free(copy);
		ck_assert(!crypto_key_parse(longer, length - 1, &copy, &err));
		ck_assert(!crypto_key_parse(longer, length + 1, &copy, &err));
		free(longer);
		free(der);
		crypto_key_free(key);
	}
}
END_TEST

START_TEST(a_key_lives_until_its_last_hold_is_freed)
{
	unsigned char digest[CRYPTO_HASH_BYTES] = {0}, signature[CRYPTO_SIGNATURE_BYTES];
	struct crypto_key *key, *other;
	struct error err;
	size_t length;

	ck_assert(crypto_key_generate(CRYPTO_ED25519, 0, &key, &err));
	other = crypto_key_hold(key);
	crypto_key_free(key);
	ck_assert(crypto_key_sign(other, digest, signature, &length, &err));
	ck_assert_uint_eq(length, 64);
	ck_assert_int_eq(crypto_key_bits(other), 256);
	crypto_key_free(other);
}
END_TEST

UNIT_MAIN("crypto", a_sealed_secret_opens_with_its_key_and_context,
	  a_sealed_secret_does_not_open_with_another_key_or_for_another_context,
	  a_sealed_secret_does_not_open_when_any_octet_was_changed,
	  the_same_secret_is_never_sealed_the_same_way_twice,
	  reads_base64_of_the_length_asked_for_only, base64_survives_a_round_trip_at_every_length,
	  a_private_key_is_read_whole_or_not_at_all, a_key_lives_until_its_last_hold_is_freed)
