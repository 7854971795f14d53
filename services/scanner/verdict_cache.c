/* SPDX-License-Identifier: BSD-2-Clause */
/* A table of fixed size, four places for each hash, the oldest of them given up first. */
#include "services/scanner/verdict_cache.h"
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
	uint64_t clock;
	struct entry entries[SETS][WAYS];
};

struct verdict_cache *verdict_cache_new(void)
{
	return calloc(1, sizeof(struct verdict_cache));
}

void verdict_cache_free(struct verdict_cache *cache)
{
	free(cache);
}

void verdict_key_of(const void *data, size_t length, struct verdict_key *key_r)
{
	struct crypto_hash *hash = crypto_hash_new();

	crypto_hash_add(hash, data, length);
	crypto_hash_finish(hash, key_r->hash);
	crypto_hash_free(hash);
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
