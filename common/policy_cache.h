/* SPDX-License-Identifier: BSD-2-Clause */
/* Policies by tenant and generation, a bounded number of them. Thread-safe. Internal to common/. */
#ifndef EASYMAIL_POLICY_CACHE_H
#define EASYMAIL_POLICY_CACHE_H

#include "common/policy.h"

/* All that a policy depends on; another value of any of them is another policy. */
struct policy_key {
	int64_t tenant_id;
	int64_t tenant_generation;
	int64_t provider_generation;
	uint64_t epoch; /* which database file */
};

struct policy_cache;
struct policy_cache *policy_cache_new(void); /* aborts when out of memory */
void policy_cache_free(struct policy_cache *cache) __attribute__((nonnull));

/* Held for the caller; NULL: not there. */
struct policy *policy_cache_get(struct policy_cache *cache, const struct policy_key *key)
    __attribute__((nonnull));

/* Takes a hold of its own, in the place of the tenant's former policy or of the oldest nearby. */
void policy_cache_put(struct policy_cache *cache, const struct policy_key *key,
		      struct policy *policy) __attribute__((nonnull));

#endif
