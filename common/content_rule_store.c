/* SPDX-License-Identifier: BSD-2-Clause */
/* A set-associative cache of compiled rules; each is made by one thread while others wait. */
#include "common/content_rule_store.h"
#include "common/policy_read.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SETS 1024u /* a power of two */
#define WAYS 4u    /* 4096 owners with rules at most */

struct entry {
	int64_t owner, generation;
	uint64_t epoch;
	bool making;                 /* a thread compiles them */
	struct content_rules *rules; /* NULL while making, and in a free entry */
	uint64_t used;
};

struct content_rule_store {
	struct policy_store *policies;
	pthread_mutex_t lock;
	pthread_cond_t made;
	uint64_t clock;
	struct entry entries[SETS][WAYS];
};

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count > 0 ? count : 1, size);

	if (memory == NULL)
		abort();
	return memory;
}

struct content_rule_store *content_rule_store_new(struct policy_store *policies)
{
	struct content_rule_store *store = allocate(1, sizeof(*store));

	store->policies = policies;
	pthread_mutex_init(&store->lock, NULL);
	pthread_cond_init(&store->made, NULL);
	return store;
}

void content_rule_store_free(struct content_rule_store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < (size_t)SETS * WAYS; i++)
		content_rules_release(store->entries[i / WAYS][i % WAYS].rules);
	pthread_cond_destroy(&store->made);
	pthread_mutex_destroy(&store->lock);
	free(store);
}

/* The rows' texts, copied. */
struct texts {
	size_t count, room;
	struct content_rule_text *items;
};

static char *copy(const char *text)
{
	char *new = strdup(text);

	if (new == NULL)
		abort();
	return new;
}

static void keep_text(struct texts *texts, struct db_query *query)
{
	if (texts->count == texts->room) {
		texts->room = 2 * texts->room + 16;
		texts->items = reallocarray(texts->items, texts->room, sizeof(*texts->items));
		if (texts->items == NULL)
			abort();
	}
	texts->items[texts->count++] = (struct content_rule_text){
	    db_int(query, 0), copy(db_text(query, 1)), copy(db_text(query, 2))};
}

static void texts_free(struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++) {
		free((void *)(uintptr_t)texts->items[i].condition);
		free((void *)(uintptr_t)texts->items[i].action);
	}
	free(texts->items);
}

static bool read_texts(struct db *db, int64_t owner, struct texts *texts, struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "SELECT id, condition, action FROM content_rule WHERE tenant_id = ?1"
		     " AND enabled = 1 ORDER BY position, id",
		     err);
	enum found found;

	if (query == NULL)
		return false;
	db_bind_int(query, 1, owner);
	while ((found = db_step(query, err)) == FOUND_ONE)
		keep_text(texts, query);
	return found == FOUND_NONE;
}

bool content_rules_load(struct db *db, int64_t owner, struct content_rules **rules_r,
			struct error *err)
{
	struct texts texts = {0};
	bool done = read_texts(db, owner, &texts, err);

	if (done)
		*rules_r = content_rules_new(texts.items, texts.count);
	texts_free(&texts);
	return done;
}

struct reading {
	int64_t owner;
	int64_t generation; /* of the owner's rules in the transaction that reads them */
	struct texts texts;
};

static bool read_all(struct db *db, void *context, struct error *err)
{
	struct reading *reading = context;
	struct db_query *query =
	    db_query(db, "SELECT generation FROM content_rule_set WHERE tenant_id = ?1", err);
	enum found found;

	if (query == NULL)
		return false;
	db_bind_int(query, 1, reading->owner);
	found = db_step(query, err);
	reading->generation = found == FOUND_ONE ? db_int(query, 0) : 0;
	db_reset(query);
	return found != FOUND_ERROR && read_texts(db, reading->owner, &reading->texts, err);
}

static bool same(const struct entry *a, const struct entry *b)
{
	return a->owner == b->owner && a->generation == b->generation && a->epoch == b->epoch;
}

static struct entry *find(struct content_rule_store *store, const struct entry *wanted)
{
	struct entry *set = store->entries[(size_t)wanted->owner & (SETS - 1)];

	for (size_t i = 0; i < WAYS; i++) {
		if ((set[i].rules != NULL || set[i].making) && same(&set[i], wanted))
			return &set[i];
	}
	return NULL;
}

/* The owner's former ones, else a free one, else the one that was used longest ago; none that is being made. */
static struct entry *choose(struct content_rule_store *store, int64_t owner)
{
	struct entry *set = store->entries[(size_t)owner & (SETS - 1)], *best = NULL;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].making)
			continue;
		if (set[i].rules != NULL && set[i].owner == owner)
			return &set[i];
		if (best == NULL ||
		    (best->rules != NULL && (set[i].rules == NULL || set[i].used < best->used)))
			best = &set[i];
	}
	return best;
}

/* Compiles without the lock; the entry, if there is one, is ours meanwhile. */
static struct content_rules *make(struct content_rule_store *store, struct entry *wanted,
				  struct error *err)
{
	struct reading reading = {.owner = wanted->owner};
	struct content_rules *rules = NULL;

	if (policy_read(store->policies, read_all, &reading, err)) {
		rules = content_rules_new(reading.texts.items, reading.texts.count);
		wanted->generation = reading.generation;
	}
	texts_free(&reading.texts);
	return rules;
}

static struct content_rules *make_for(struct content_rule_store *store, struct entry *wanted,
				      struct error *err)
{
	struct entry *entry = choose(store, wanted->owner);
	struct content_rules *rules, *old = NULL;

	if (entry != NULL) {
		old = entry->rules;
		*entry = *wanted;
		entry->making = true;
		entry->rules = NULL;
	}
	pthread_mutex_unlock(&store->lock);
	content_rules_release(old);
	rules = make(store, wanted, err);
	pthread_mutex_lock(&store->lock);
	if (entry != NULL) {
		entry->making = false;
		entry->generation = wanted->generation;
		entry->used = ++store->clock;
		entry->rules = rules != NULL ? content_rules_hold(rules) : NULL;
		pthread_cond_broadcast(&store->made);
	}
	return rules;
}

/* NULL: an error. */
static struct content_rules *get(struct content_rule_store *store, struct entry *wanted,
				 struct error *err)
{
	struct content_rules *rules;
	struct entry *entry;

	pthread_mutex_lock(&store->lock);
	while ((entry = find(store, wanted)) != NULL && entry->making)
		pthread_cond_wait(&store->made, &store->lock);
	if (entry != NULL) {
		entry->used = ++store->clock;
		rules = content_rules_hold(entry->rules);
	} else {
		rules = make_for(store, wanted, err);
	}
	pthread_mutex_unlock(&store->lock);
	return rules;
}

/* An owner whose rules never changed has none. */
static bool get_owners(struct content_rule_store *store, struct entry wanted,
		       struct content_rules **rules_r, struct error *err)
{
	*rules_r = NULL;
	if (wanted.generation == 0)
		return true;
	*rules_r = get(store, &wanted, err);
	return *rules_r != NULL;
}

bool content_rule_store_get(struct content_rule_store *store, const struct policy *policy,
			    struct content_rules **provider_r, struct content_rules **tenant_r,
			    struct error *err)
{
	*tenant_r = NULL;
	if (!get_owners(store,
			(struct entry){0, policy->provider_rules, policy->epoch, false, NULL, 0},
			provider_r, err))
		return false;
	if (get_owners(store,
		       (struct entry){policy->tenant_id, policy->tenant_rules, policy->epoch, false,
				      NULL, 0},
		       tenant_r, err))
		return true;
	content_rules_release(*provider_r);
	*provider_r = NULL;
	return false;
}
