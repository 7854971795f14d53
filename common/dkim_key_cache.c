/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of a few places each, chosen by a digest of what is sealed; the one used longest ago gives way. */
#include "common/dkim_key_cache.h"
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WAYS 4u

struct place {
	struct crypto_key *key; /* NULL: free */
	unsigned char digest[CRYPTO_HASH_BYTES];
	uint64_t used;
};

struct dkim_key_cache {
	pthread_mutex_t lock;
	char *path;
	uint64_t clock;
	size_t ways, sets;
	struct place places[];
};

struct dkim_key_cache *dkim_key_cache_new(const char *key_file_path, size_t max)
{
	size_t ways = max < WAYS ? (max > 0 ? max : 1) : WAYS, sets = max / ways;
	struct dkim_key_cache *cache;

	if (sets == 0)
		sets = 1;
	cache = calloc(1, sizeof(*cache) + ways * sets * sizeof(cache->places[0]));
	if (!cache || !(cache->path = strdup(key_file_path)))
		abort();
	cache->ways = ways;
	cache->sets = sets;
	pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

void dkim_key_cache_free(struct dkim_key_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < cache->ways * cache->sets; i++)
		crypto_key_free(cache->places[i].key);
	pthread_mutex_destroy(&cache->lock);
	free(cache->path);
	free(cache);
}

static void digest_of(const struct dkim_sealed_key *sealed,
		      unsigned char digest_r[CRYPTO_HASH_BYTES])
{
	struct crypto_hash *hash = crypto_hash_new();

	crypto_hash_add(hash, sealed->domain, strlen(sealed->domain) + 1);
	crypto_hash_add(hash, sealed->selector, strlen(sealed->selector) + 1);
	crypto_hash_add(hash, sealed->sealed, sealed->length);
	crypto_hash_finish(hash, digest_r);
	crypto_hash_free(hash);
}

/* The places that the digest may be in. */
static struct place *set_of(struct dkim_key_cache *cache, const unsigned char *digest)
{
	uint64_t number;

	memcpy(&number, digest, sizeof(number));
	return &cache->places[number % cache->sets * cache->ways];
}

/* The key that is kept, held for the caller; NULL: none is. */
static struct crypto_key *find(struct dkim_key_cache *cache, const unsigned char *digest)
{
	struct place *set = set_of(cache, digest);
	struct crypto_key *key = NULL;

	pthread_mutex_lock(&cache->lock);
	for (size_t i = 0; i < cache->ways && !key; i++) {
		if (set[i].key && memcmp(set[i].digest, digest, CRYPTO_HASH_BYTES) == 0) {
			set[i].used = ++cache->clock;
			key = crypto_key_hold(set[i].key);
		}
	}
	pthread_mutex_unlock(&cache->lock);
	return key;
}

/* Two threads may bring the same key; the second takes a place too, which it loses by itself. */
static void keep(struct dkim_key_cache *cache, const unsigned char *digest, struct crypto_key *key)
{
	struct crypto_key *mine = crypto_key_hold(key), *former;
	struct place *set = set_of(cache, digest), *oldest = set;

	pthread_mutex_lock(&cache->lock);
	for (size_t i = 1; i < cache->ways; i++) {
		if (set[i].used < oldest->used)
			oldest = &set[i];
	}
	former = oldest->key;
	oldest->key = mine;
	oldest->used = ++cache->clock;
	memcpy(oldest->digest, digest, CRYPTO_HASH_BYTES);
	pthread_mutex_unlock(&cache->lock);
	crypto_key_free(former);
}

static bool open_key(const char *path, const struct dkim_sealed_key *sealed,
		     struct crypto_key **key_r, struct error *err)
{
	struct key_file file;
	bool done;

	switch (key_file_load(path, &file, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return error_set(
		    err,
		    "key file %s: is not there, so DKIM key %s of %s cannot be opened; "
		    "restore it from a backup",
		    path, sealed->selector, sealed->domain);
	case FOUND_ONE:
		break;
	}
	done = dkim_keys_open(sealed, &file, key_r, err);
	key_file_wipe(&file);
	return done;
}

bool dkim_key_cache_get(struct dkim_key_cache *cache, const struct dkim_sealed_key *sealed,
			struct crypto_key **key_r, struct error *err)
{
	unsigned char digest[CRYPTO_HASH_BYTES];

	digest_of(sealed, digest);
	*key_r = find(cache, digest);
	if (*key_r)
		return true;
	if (!open_key(cache->path, sealed, key_r, err))
		return false;
	keep(cache, digest, *key_r);
	return true;
}
