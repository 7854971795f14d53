/* SPDX-License-Identifier: BSD-2-Clause */
/* A table of fixed size, four places for each hash, the oldest of them given up first. */
#include "services/scanner/verdict_cache.h"
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETS 256u
#define WAYS 4u

struct entry {
	struct verdict_key key;
	uint64_t age; /* 0: empty */
	char signature[128];
};

struct verdict_cache {
	EVP_MD *sha256;
	EVP_MD_CTX *context;
	uint64_t clock;
	struct entry entries[SETS][WAYS];
};

struct verdict_cache *verdict_cache_new(void)
{
	struct verdict_cache *cache = calloc(1, sizeof(*cache));

	if (cache == NULL)
		return NULL;
	cache->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	cache->context = EVP_MD_CTX_new();
	if (cache->sha256 == NULL || cache->context == NULL) {
		verdict_cache_free(cache);
		return NULL;
	}
	return cache;
}

void verdict_cache_free(struct verdict_cache *cache)
{
	if (cache == NULL)
		return;
	EVP_MD_CTX_free(cache->context);
	EVP_MD_free(cache->sha256);
	free(cache);
}

bool verdict_key_of(struct verdict_cache *cache, const void *data, size_t length,
		    struct verdict_key *key_r)
{
	return EVP_DigestInit_ex2(cache->context, cache->sha256, NULL) == 1 &&
	       EVP_DigestUpdate(cache->context, data, length) == 1 &&
	       EVP_DigestFinal_ex(cache->context, key_r->hash, NULL) == 1;
}

static struct entry *set_of(struct verdict_cache *cache, const struct verdict_key *key)
{
	return cache->entries[key->hash[0] % SETS];
}

bool verdict_cache_get(struct verdict_cache *cache, const struct verdict_key *key,
		       const char **signature_r)
{
	struct entry *set = set_of(cache, key);

	for (unsigned i = 0; i < WAYS; i++) {
		if (set[i].age == 0 || memcmp(&set[i].key, key, sizeof(*key)) != 0)
			continue;
		set[i].age = ++cache->clock;
		*signature_r = set[i].signature;
		return true;
	}
	return false;
}

void verdict_cache_put(struct verdict_cache *cache, const struct verdict_key *key,
		       const char *signature)
{
	struct entry *set = set_of(cache, key);
	struct entry *oldest = set;

	for (unsigned i = 1; i < WAYS; i++) {
		if (set[i].age < oldest->age)
			oldest = &set[i];
	}
	oldest->key = *key;
	oldest->age = ++cache->clock;
	snprintf(oldest->signature, sizeof(oldest->signature), "%s", signature);
}
