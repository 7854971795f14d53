/* SPDX-License-Identifier: BSD-2-Clause */
/* A pool of read handles on tenants.db, and read transactions on them. */
#include "common/policy_store.h"
#include "common/policy_answers.h"
#include "common/policy_cache.h"
#include "common/policy_read.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct policy_store {
	char *path;
	int busy_ms;
	pthread_mutex_t lock;
	pthread_cond_t idle_came;
	struct policy_reader *idle;  /* the one used last is first: its caches are warm */
	struct db_identity identity; /* of the newest file seen */
	uint64_t epoch;              /* how many files were seen */
	struct policy_cache *cache;
	struct policy_answers *answers;
	unsigned count;
	struct policy_reader readers[];
};

bool policy_store_new(const char *database_path, unsigned handles, int busy_ms,
		      struct policy_store **store_r, struct error *err)
{
	struct policy_store *store;
	unsigned i;

	if (handles < 1 || handles > 1024)
		return error_set(err, "database handles: %u is not between 1 and 1024", handles);
	store = calloc(1, sizeof(*store) + handles * sizeof(store->readers[0]));
	if (!store || !(store->path = strdup(database_path))) {
		free(store);
		return error_set(err, "%s: out of memory", database_path);
	}
	store->busy_ms = busy_ms;
	store->count = handles;
	store->cache = policy_cache_new();
	store->answers = policy_answers_new();
	pthread_mutex_init(&store->lock, NULL);
	pthread_cond_init(&store->idle_came, NULL);
	for (i = 0; i < handles; i++) {
		store->readers[i] = (struct policy_reader){.cache = store->cache,
							   .answers = store->answers,
							   .store = store,
							   .next = store->idle};
		store->idle = &store->readers[i];
	}
	*store_r = store;
	return true;
}

void policy_store_free(struct policy_store *store)
{
	unsigned i;

	if (!store)
		return;
	for (i = 0; i < store->count; i++)
		db_close(store->readers[i].db);
	policy_answers_free(store->answers);
	policy_cache_free(store->cache);
	pthread_cond_destroy(&store->idle_came);
	pthread_mutex_destroy(&store->lock);
	free(store->path);
	free(store);
}

static struct policy_reader *take_reader(struct policy_store *store)
{
	struct policy_reader *reader;

	pthread_mutex_lock(&store->lock);
	while (!store->idle)
		pthread_cond_wait(&store->idle_came, &store->lock);
	reader = store->idle;
	store->idle = reader->next;
	pthread_mutex_unlock(&store->lock);
	return reader;
}

static void give_reader(struct policy_reader *reader)
{
	struct policy_store *store = reader->store;

	if (reader->db)
		db_rollback(reader->db);
	pthread_mutex_lock(&store->lock);
	reader->next = store->idle;
	store->idle = reader;
	pthread_cond_signal(&store->idle_came);
	pthread_mutex_unlock(&store->lock);
}

/* Another file may have the same generations with another content: it gets another epoch. */
static void note_file(struct policy_reader *reader)
{
	struct policy_store *store = reader->store;
	struct db_identity now = db_identity(reader->db);

	if (now.opened == reader->identity.opened)
		return;
	pthread_mutex_lock(&store->lock);
	if (store->identity.device != now.device || store->identity.inode != now.inode) {
		store->epoch++;
		store->identity = now;
	}
	reader->epoch = store->epoch;
	pthread_mutex_unlock(&store->lock);
	reader->identity = now;
}

static bool read_generation(struct policy_reader *reader, struct error *err)
{
	struct db_query *query =
	    db_query(reader->db, "SELECT value, provider FROM generation", err);
	enum found found = query ? db_step(query, err) : FOUND_ERROR;

	if (found == FOUND_ERROR)
		return false;
	if (found == FOUND_NONE)
		return error_set(err, "%s: table generation is empty; restore it from a backup",
				 db_path(reader->db));
	reader->generation = db_int(query, 0);
	reader->provider = db_int(query, 1);
	db_reset(query);
	return true;
}

/* A file that went away may be followed by one with its very number. */
static void note_loss(const struct policy_reader *reader)
{
	struct policy_store *store = reader->store;

	if (!reader->db || db_identity(reader->db).inode != 0)
		return;
	pthread_mutex_lock(&store->lock);
	store->identity = (struct db_identity){0};
	pthread_mutex_unlock(&store->lock);
}

struct policy_reader *policy_begin(struct policy_store *store, struct error *err)
{
	struct policy_reader *reader = take_reader(store);

	if ((reader->db || db_open(store->path, DB_READ, db_migrations_tenants, store->busy_ms,
				   &reader->db, err)) &&
	    db_begin_read(reader->db, err)) {
		note_file(reader);
		if (read_generation(reader, err))
			return reader;
	}
	note_loss(reader);
	give_reader(reader);
	return NULL;
}

bool policy_end(struct policy_reader *reader, bool done, struct error *err)
{
	done = done && db_commit(reader->db, err);
	give_reader(reader);
	return done;
}

bool policy_generation(struct policy_store *store, int64_t *generation_r, struct error *err)
{
	struct policy_reader *reader = policy_begin(store, err);

	if (!reader)
		return false;
	*generation_r = reader->generation;
	return policy_end(reader, true, err);
}

bool policy_read(struct policy_store *store,
		 bool (*body)(struct db *db, void *context, struct error *err), void *context,
		 struct error *err)
{
	struct policy_reader *reader = policy_begin(store, err);

	return reader && policy_end(reader, body(reader->db, context, err), err);
}
