/* SPDX-License-Identifier: BSD-2-Clause */
/* A table of campaigns by fingerprint, in sets of a few places each: no lists, no growth. */
#include "milters/content/antispam_reuse.h"
#include "milters/chain/memory.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define WAYS 8 /* places that a fingerprint may have */
#define SETS (REUSE_CAMPAIGNS_MAX / WAYS)

struct campaign {
	unsigned char print[CRYPTO_HASH_BYTES];
	int64_t met_ms; /* 0: the place is free */
	int64_t answered_ms;
	int64_t distrusted_until_ms;
	unsigned proofs; /* clean answers in all, up to REUSE_PROOFS */
	unsigned served; /* since the last answer */
	uint64_t random; /* that decides who is asked for */
};

struct reuse {
	uint64_t salt; /* so that nobody can choose which campaigns share a set */
	pthread_mutex_t lock;
	struct campaign campaigns[SETS][WAYS];
};

struct reuse *reuse_new(void)
{
	struct reuse *reuse = memory_new(1, sizeof(*reuse));

	arc4random_buf(&reuse->salt, sizeof(reuse->salt));
	pthread_mutex_init(&reuse->lock, NULL);
	return reuse;
}

void reuse_free(struct reuse *reuse)
{
	if (reuse == NULL)
		return;
	pthread_mutex_destroy(&reuse->lock);
	free(reuse);
}

static struct campaign *set_of(struct reuse *reuse, const unsigned char *print)
{
	uint64_t number;

	memcpy(&number, print, sizeof(number));
	number = (number ^ reuse->salt) * (reuse->salt | 1);
	return reuse->campaigns[(number >> 32) % SETS];
}

static struct campaign *find(struct reuse *reuse, const unsigned char *print)
{
	struct campaign *set = set_of(reuse, print);

	for (size_t i = 0; i < WAYS; i++)
		if (set[i].met_ms != 0 && memcmp(set[i].print, print, CRYPTO_HASH_BYTES) == 0)
			return &set[i];
	return NULL;
}

/* Does the first give way before the second? Those that are distrusted stay as long as they can. */
static bool is_older(const struct campaign *one, const struct campaign *other, int64_t now_ms)
{
	bool distrusted = now_ms < one->distrusted_until_ms;

	return distrusted == (now_ms < other->distrusted_until_ms) ? one->met_ms < other->met_ms
								   : !distrusted;
}

/* In the place of the one that was longest not met. */
static struct campaign *make(struct reuse *reuse, const unsigned char *print, int64_t now_ms)
{
	struct campaign *set = set_of(reuse, print), *oldest = set;

	for (size_t i = 1; i < WAYS; i++)
		if (is_older(&set[i], oldest, now_ms))
			oldest = &set[i];
	memset(oldest, 0, sizeof(*oldest));
	memcpy(oldest->print, print, CRYPTO_HASH_BYTES);
	return oldest;
}

/* True once in `sample` times; which time, the sender cannot know. */
static bool is_sampled(struct campaign *campaign, unsigned sample)
{
	campaign->random = campaign->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (campaign->random >> 33) % sample == 0;
}

static bool may(struct campaign *campaign, const struct reuse_bounds *bounds, int64_t now_ms)
{
	if (campaign == NULL || bounds->lifetime_ms == 0)
		return false;
	campaign->met_ms = now_ms;
	if (campaign->proofs < REUSE_PROOFS || now_ms < campaign->distrusted_until_ms ||
	    now_ms - campaign->answered_ms >= bounds->lifetime_ms ||
	    campaign->served >= bounds->messages || is_sampled(campaign, bounds->sample))
		return false;
	campaign->served++;
	return true;
}

bool reuse_may(struct reuse *reuse, const unsigned char print[CRYPTO_HASH_BYTES],
	       const struct reuse_bounds *bounds, int64_t now_ms)
{
	bool answer;

	pthread_mutex_lock(&reuse->lock);
	answer = may(find(reuse, print), bounds, now_ms);
	pthread_mutex_unlock(&reuse->lock);
	return answer;
}

/* An old proof is none: they have to come within one lifetime. */
static void note_clean(struct campaign *campaign, const struct reuse_bounds *bounds, int64_t now_ms)
{
	if (now_ms - campaign->answered_ms >= bounds->lifetime_ms)
		campaign->proofs = 0;
	if (campaign->proofs == 0)
		arc4random_buf(&campaign->random, sizeof(campaign->random));
	if (campaign->proofs < REUSE_PROOFS)
		campaign->proofs++;
	campaign->answered_ms = now_ms;
	campaign->served = 0;
}

static void note(struct campaign *campaign, const struct reuse_bounds *bounds, bool is_clean,
		 int64_t now_ms)
{
	campaign->met_ms = now_ms;
	if (!is_clean) {
		campaign->proofs = 0;
		campaign->distrusted_until_ms = now_ms + REUSE_DISTRUST_MS;
	} else if (now_ms >= campaign->distrusted_until_ms) {
		note_clean(campaign, bounds, now_ms);
	}
}

/* What was never clean needs no place. */
void reuse_report(struct reuse *reuse, const unsigned char print[CRYPTO_HASH_BYTES],
		  const struct reuse_bounds *bounds, bool is_clean, int64_t now_ms)
{
	struct campaign *campaign;

	if (bounds->lifetime_ms == 0)
		return;
	pthread_mutex_lock(&reuse->lock);
	campaign = find(reuse, print);
	if (campaign == NULL && is_clean)
		campaign = make(reuse, print, now_ms);
	if (campaign != NULL)
		note(campaign, bounds, is_clean, now_ms);
	pthread_mutex_unlock(&reuse->lock);
}
