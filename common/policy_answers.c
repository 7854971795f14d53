/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A table of sets of places, each set under the lock of its stripe. It begins small, and grows when
 * answers that still hold must make room for others.
 */
#include "common/policy_answers.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define WAYS        8u
#define SETS_FIRST  1024u  /* a power of two: 1 MB */
#define SETS_MOST   65536u /* 64 MB */
#define SETS_GROWTH 4u
#define STRIPES     64u /* a power of two */
#define DOMAIN_KEPT 71

/* Two cache lines. */
struct place {
	uint64_t epoch; /* 0: free */
	struct ip client;
	struct policy_kept kept; /* sender.generation is that of the question */
	bool has_domain;
	char domain[DOMAIN_KEPT];
};
_Static_assert(sizeof(struct place) == 128, "a place straddles cache lines");

struct set {
	struct place places[WAYS];
};

struct table {
	size_t count;
	struct set *sets;
	uint32_t (*tags)[WAYS]; /* from each place's hash: most places need not be looked at */
};

struct stripe {
	pthread_mutex_t lock;
	unsigned turn; /* whose place is taken next */
};

struct policy_answers {
	struct table table;      /* under all locks */
	atomic_size_t displaced; /* answers of the table that made room while they held */
	struct stripe stripes[STRIPES];
};

static size_t table_bytes(size_t count)
{
	return count * (sizeof(struct set) + WAYS * sizeof(uint32_t));
}

/* Memory is touched as answers come. Large pages: places are read in no order, and a miss of the TLB
 * costs more than one of the cache. */
static bool table_new(size_t count, struct table *table_r)
{
	void *memory = mmap(NULL, table_bytes(count), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	madvise(memory, table_bytes(count), MADV_HUGEPAGE);
	table_r->count = count;
	table_r->sets = memory;
	table_r->tags = (uint32_t(*)[WAYS])(void *)(table_r->sets + count);
	return true;
}

static void table_free(struct table *table)
{
	munmap(table->sets, table_bytes(table->count));
}

struct policy_answers *policy_answers_new(void)
{
	struct policy_answers *answers = calloc(1, sizeof(*answers));
	size_t i;

	if (!answers || !table_new(SETS_FIRST, &answers->table))
		abort();
	for (i = 0; i < STRIPES; i++)
		pthread_mutex_init(&answers->stripes[i].lock, NULL);
	return answers;
}

void policy_answers_free(struct policy_answers *answers)
{
	const struct table *table = &answers->table;
	size_t i;

	for (i = 0; i < table->count * WAYS; i++) {
		if (table->tags[i / WAYS][i % WAYS] != 0)
			policy_release(table->sets[i / WAYS].places[i % WAYS].kept.sender.policy);
	}
	table_free(&answers->table);
	for (i = 0; i < STRIPES; i++)
		pthread_mutex_destroy(&answers->stripes[i].lock);
	free(answers);
}

/* FNV-1a, and a multiplication that brings its low bits up. */
static uint64_t hash_of(const struct policy_question *question)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	const char *at;
	size_t i;

	for (i = 0; i < sizeof(question->client->bytes); i++)
		hash = (hash ^ question->client->bytes[i]) * UINT64_C(0x100000001b3);
	for (at = question->domain ? question->domain : ""; *at; at++)
		hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
	hash = (hash ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

/* Of the low half of the hash; the stripe is the same whatever the size of the table. */
static size_t set_of(const struct table *table, uint64_t hash)
{
	return (size_t)hash & (table->count - 1);
}

/* Of the high half; 0 is a place that was never taken. */
static uint32_t tag_of(uint64_t hash)
{
	return (uint32_t)(hash >> 32) | 1u;
}

static struct stripe *stripe_of(struct policy_answers *answers, uint64_t hash)
{
	return &answers->stripes[hash & (STRIPES - 1)];
}

static bool holds(const struct place *place, const struct policy_question *question)
{
	return place->kept.sender.generation == question->generation &&
	       place->epoch == question->epoch;
}

static bool is_of(const struct place *place, const struct policy_question *question)
{
	return ip_compare(&place->client, question->client) == 0 &&
	       place->has_domain == (question->domain != NULL) &&
	       (!question->domain || strcmp(place->domain, question->domain) == 0);
}

/* The place of the question's answer, whether it holds or not; NULL: there is none. */
static struct place *find(const struct table *table, const struct policy_question *question,
			  uint64_t hash)
{
	size_t set = set_of(table, hash), way;
	struct place *places = table->sets[set].places;

	for (way = 0; way < WAYS; way++) {
		if (table->tags[set][way] == tag_of(hash) && is_of(&places[way], question))
			return &places[way];
	}
	return NULL;
}

bool policy_answers_get(struct policy_answers *answers, const struct policy_question *question,
			struct policy_kept *kept_r)
{
	uint64_t hash = hash_of(question);
	struct stripe *stripe = stripe_of(answers, hash);
	const struct place *place;
	bool found;

	pthread_mutex_lock(&stripe->lock);
	place = find(&answers->table, question, hash);
	found = question->epoch != 0 && place && holds(place, question);
	if (found) {
		*kept_r = place->kept;
		if (kept_r->sender.policy)
			policy_hold(kept_r->sender.policy);
	}
	pthread_mutex_unlock(&stripe->lock);
	return found;
}

/* A place for a new answer: one that does not hold any more, else that of the one whose turn it is. */
static struct place *make_room(struct policy_answers *answers, struct stripe *stripe,
			       const struct policy_question *question, uint64_t hash)
{
	struct table *table = &answers->table;
	size_t set = set_of(table, hash), way = 0;

	while (way < WAYS && holds(&table->sets[set].places[way], question))
		way++;
	if (way == WAYS) {
		way = stripe->turn++ % WAYS;
		atomic_fetch_add_explicit(&answers->displaced, 1, memory_order_relaxed);
	}
	table->tags[set][way] = tag_of(hash);
	return &table->sets[set].places[way];
}

static bool is_crowded(const struct policy_answers *answers)
{
	return atomic_load_explicit(&answers->displaced, memory_order_relaxed) >
	       answers->table.count * WAYS / 256;
}

/* Into an empty table; the places of a set have room in any set that some of them belong to. */
static void move_place(struct table *to, const struct place *place)
{
	struct policy_question question = {&place->client, place->has_domain ? place->domain : NULL,
					   place->kept.sender.generation, place->epoch};
	uint64_t hash = hash_of(&question);
	size_t set = set_of(to, hash), way = 0;

	while (to->tags[set][way] != 0)
		way++;
	to->tags[set][way] = tag_of(hash);
	to->sets[set].places[way] = *place;
}

static void enlarge(struct table *table)
{
	struct table new;
	size_t i;

	if (table->count >= SETS_MOST || !table_new(table->count * SETS_GROWTH, &new))
		return;
	for (i = 0; i < table->count * WAYS; i++) {
		if (table->tags[i / WAYS][i % WAYS] != 0)
			move_place(&new, &table->sets[i / WAYS].places[i % WAYS]);
	}
	table_free(table);
	*table = new;
}

/* Makes the table larger, unless somebody else just has. */
static void grow(struct policy_answers *answers)
{
	size_t i;

	for (i = 0; i < STRIPES; i++)
		pthread_mutex_lock(&answers->stripes[i].lock);
	if (is_crowded(answers)) {
		atomic_store_explicit(&answers->displaced, 0, memory_order_relaxed);
		enlarge(&answers->table);
	}
	for (i = 0; i < STRIPES; i++)
		pthread_mutex_unlock(&answers->stripes[i].lock);
}

void policy_answers_put(struct policy_answers *answers, const struct policy_question *question,
			const struct policy_kept *kept)
{
	size_t length = question->domain ? strlen(question->domain) : 0;
	uint64_t hash = hash_of(question);
	struct stripe *stripe = stripe_of(answers, hash);
	struct place *place;
	struct policy *old;
	bool crowded;

	if (length >= DOMAIN_KEPT)
		return;
	pthread_mutex_lock(&stripe->lock);
	place = find(&answers->table, question, hash);
	if (!place)
		place = make_room(answers, stripe, question, hash);
	old = place->kept.sender.policy;
	*place = (struct place){.epoch = question->epoch,
				.client = *question->client,
				.kept = *kept,
				.has_domain = question->domain != NULL};
	place->kept.sender.generation = question->generation;
	if (question->domain)
		memcpy(place->domain, question->domain, length + 1);
	if (kept->sender.policy)
		policy_hold(kept->sender.policy);
	crowded = is_crowded(answers);
	pthread_mutex_unlock(&stripe->lock);
	policy_release(old);
	if (crowded)
		grow(answers);
}
