/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verdicts of parts by their SHA-256, so that the thousandth copy of an attachment is not scanned anew.
 *
 * Each worker has its own and computes the hashes itself. A worker that hostile mail took over can thus
 * poison nobody but itself, which could lie about its later messages anyway; and since a worker lives
 * with one set of signatures, no verdict outlives them. Only "nothing found, no flags" and "infected" are
 * kept: everything else may come out otherwise the next time.
 */
#ifndef EASYMAIL_SCANNER_VERDICT_CACHE_H
#define EASYMAIL_SCANNER_VERDICT_CACHE_H

#include "common/crypto.h"
#include <stdbool.h>
#include <stddef.h>

struct verdict_cache;
struct verdict_key {
	unsigned char hash[CRYPTO_HASH_BYTES];
};

struct verdict_cache *verdict_cache_new(void); /* NULL: out of memory */
void verdict_cache_free(struct verdict_cache *cache);

void verdict_key_of(const void *data, size_t length, struct verdict_key *key_r)
    __attribute__((nonnull));

/* *signature_r is "" for nothing found; it lives until the next verdict_cache_put. */
bool verdict_cache_get(struct verdict_cache *cache, const struct verdict_key *key,
		       const char **signature_r) __attribute__((nonnull, warn_unused_result));
void verdict_cache_put(struct verdict_cache *cache, const struct verdict_key *key,
		       const char *signature) __attribute__((nonnull));

#endif
