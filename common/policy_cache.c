/* SPDX-License-Identifier: BSD-2-Clause */
/* A set-associative cache: a tenant has WAYS places, each set a lock of its own. */
#include "common/policy_cache.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SETS  16384u /* a power of two; its memory is touched only as tenants come */
#define WAYS  8u     /* 131072 policies at most */
#define LOCKS 64u

struct entry {
	struct policy_key key;
	struct policy *policy; /* NULL: free */
	uint64_t put;          /* when, on the set's clock */
};

struct policy_cache {
	pthread_mutex_t locks[LOCKS];
	uint64_t clocks[LOCKS];
	struct entry entries[SETS][WAYS];
};

struct policy_cache *policy_cache_new(void)
{
	struct policy_cache *cache = calloc(1, sizeof(*cache));
	size_t i;

	if (!cache)
		abort();
	for (i = 0; i < LOCKS; i++)
		pthread_mutex_init(&cache->locks[i], NULL);
	return cache;
}

void policy_cache_free(struct policy_cache *cache)
{
	size_t i;

	for (i = 0; i < (size_t)SETS * WAYS; i++)
		policy_release(cache->entries[i / WAYS][i % WAYS].policy);
	for (i = 0; i < LOCKS; i++)
		pthread_mutex_destroy(&cache->locks[i]);
	free(cache);
}

static size_t set_of(const struct policy_key *key)
{
	return (size_t)key->tenant_id & (SETS - 1);
}

static bool same_key(const struct policy_key *a, const struct policy_key *b)
{
	return a->tenant_id == b->tenant_id && a->tenant_generation == b->tenant_generation &&
	       a->provider_generation == b->provider_generation && a->epoch == b->epoch;
}

struct policy *policy_cache_get(struct policy_cache *cache, const struct policy_key *key)
{
	size_t set = set_of(key), i;
	struct entry *entry = cache->entries[set];
	struct policy *policy = NULL;

	pthread_mutex_lock(&cache->locks[set % LOCKS]);
	for (i = 0; i < WAYS && !policy; i++) {
		if (entry[i].policy && same_key(&entry[i].key, key))
			policy = policy_hold(entry[i].policy);
	}
	pthread_mutex_unlock(&cache->locks[set % LOCKS]);
	return policy;
}

/* The place of the tenant's own former policy, else a free one, else the oldest. */
static struct entry *choose(struct entry entries[WAYS], int64_t tenant_id)
{
	struct entry *best = &entries[0];
	size_t i;

	for (i = 0; i < WAYS; i++) {
		if (entries[i].policy && entries[i].key.tenant_id == tenant_id)
			return &entries[i];
		if (best->policy && (!entries[i].policy || entries[i].put < best->put))
			best = &entries[i];
	}
	return best;
}

void policy_cache_put(struct policy_cache *cache, const struct policy_key *key,
		      struct policy *policy)
{
	size_t set = set_of(key);
	struct policy *old;
	struct entry *entry;

	pthread_mutex_lock(&cache->locks[set % LOCKS]);
	entry = choose(cache->entries[set], key->tenant_id);
	old = entry->policy;
	*entry = (struct entry){*key, policy_hold(policy), ++cache->clocks[set % LOCKS]};
	pthread_mutex_unlock(&cache->locks[set % LOCKS]);
	policy_release(old);
}
