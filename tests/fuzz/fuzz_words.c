/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes what takes the personal out of texts: where nothing was taken out the hash is that of the text itself, an exact text
 * keeps all, and a text that is longer is another one.
 */
#include "milters/content/antispam_words.h"
#include "tests/fuzz/fuzz.h"

static const struct words_person person = {.address = "anna@dest.example",
					   .local_length = 4,
					   .domain = "acme.example",
					   .name_count = 2,
					   .names = {"Anna", "Miller"}};

/* The digest of `text`, and of one octet more where `more` says so. */
static struct words digest_of(enum words_kind kind, const char *text, size_t size, bool more,
			      unsigned char digest_r[CRYPTO_HASH_BYTES])
{
	struct words words = {.hash = crypto_hash_new(), .person = &person};

	words_add(&words, kind, text, size);
	if (more)
		words_add(&words, WORDS_EXACT, "x", 1);
	crypto_hash_finish(words.hash, digest_r);
	crypto_hash_free(words.hash);
	words.hash = NULL;
	return words;
}

static void check(enum words_kind kind, const char *text, size_t size)
{
	unsigned char digest[CRYPTO_HASH_BYTES], again[CRYPTO_HASH_BYTES], plain[CRYPTO_HASH_BYTES];
	struct words words = digest_of(kind, text, size, false, digest);
	struct crypto_hash *hash = crypto_hash_new();

	MUST(words.places <= size && words.bytes + words.fixed <= size);
	MUST(words.places <= words.bytes);
	(void)digest_of(kind, text, size, false, again);
	MUST(memcmp(digest, again, sizeof(digest)) == 0);
	(void)digest_of(kind, text, size, true, again);
	MUST(memcmp(digest, again, sizeof(digest)) != 0);
	crypto_hash_add(hash, text, size);
	crypto_hash_finish(hash, plain);
	crypto_hash_free(hash);
	MUST((memcmp(digest, plain, sizeof(digest)) == 0) == (words.places == 0));
	MUST(kind != WORDS_EXACT || words.places == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct words_person other = {.address = "anna@dest.example"};

	size = strlen(text); /* no message with a NUL is looked at */
	for (int kind = WORDS_EXACT; kind <= WORDS_TRACE; kind++)
		check((enum words_kind)kind, text, size);
	if (words_names(text, &other))
		MUST(strcasestr(text, other.address) != NULL);
	free(text);
	return 0;
}
