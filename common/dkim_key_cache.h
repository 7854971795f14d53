/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opened DKIM keys, a bounded number of them, kept by their sealed content: a key that was replaced or
 * altered in the database is another entry, so nothing here is ever out of date. Thread-safe.
 */
#ifndef EASYMAIL_DKIM_KEY_CACHE_H
#define EASYMAIL_DKIM_KEY_CACHE_H

#include "common/dkim_keys.h"

struct dkim_key_cache;

/* The key file is read when a key has to be opened, not here: it may be made, or replaced, later. At most
 * `max` keys are kept (1 at least); an RSA-2048 key takes about 6 KB. Aborts when out of memory. */
struct dkim_key_cache *dkim_key_cache_new(const char *key_file_path, size_t max)
    __attribute__((nonnull));
void dkim_key_cache_free(struct dkim_key_cache *cache); /* takes NULL; keys given out stay good */

/* The key opened, from the cache or anew; the caller frees with crypto_key_free. */
bool dkim_key_cache_get(struct dkim_key_cache *cache, const struct dkim_sealed_key *sealed,
			struct crypto_key **key_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
