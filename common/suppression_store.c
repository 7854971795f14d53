/* SPDX-License-Identifier: BSD-2-Clause */
/* A pool of handles on the suppression database. */
#include "common/suppression_store.h"
#include <pthread.h>
#include <stdlib.h>

struct reader {
	struct suppressions *suppressions; /* NULL: not open */
	struct reader *next;               /* in the list of idle ones */
};

struct suppression_store {
	const struct config *config;
	pthread_mutex_t lock;
	pthread_cond_t idle_came;
	struct reader *idle; /* the one used last is first: its caches are warm */
	unsigned count;
	struct reader readers[];
};

struct suppression_store *suppression_store_new(const struct config *config, unsigned handles)
{
	struct suppression_store *store =
	    calloc(1, sizeof(*store) + handles * sizeof(store->readers[0]));

	if (store == NULL || handles == 0)
		abort();
	store->config = config;
	store->count = handles;
	pthread_mutex_init(&store->lock, NULL);
	pthread_cond_init(&store->idle_came, NULL);
	for (unsigned i = 0; i < handles; i++) {
		store->readers[i].next = store->idle;
		store->idle = &store->readers[i];
	}
	return store;
}

void suppression_store_free(struct suppression_store *store)
{
	if (store == NULL)
		return;
	for (unsigned i = 0; i < store->count; i++)
		suppressions_close(store->readers[i].suppressions);
	pthread_cond_destroy(&store->idle_came);
	pthread_mutex_destroy(&store->lock);
	free(store);
}

static struct reader *take_reader(struct suppression_store *store)
{
	struct reader *reader;

	pthread_mutex_lock(&store->lock);
	while (store->idle == NULL)
		pthread_cond_wait(&store->idle_came, &store->lock);
	reader = store->idle;
	store->idle = reader->next;
	pthread_mutex_unlock(&store->lock);
	return reader;
}

static void give_reader(struct suppression_store *store, struct reader *reader)
{
	pthread_mutex_lock(&store->lock);
	reader->next = store->idle;
	store->idle = reader;
	pthread_cond_signal(&store->idle_came);
	pthread_mutex_unlock(&store->lock);
}

static enum found find(struct suppressions *suppressions, int64_t tenant_id,
		       const struct mailbox *address, enum suppression_reason *reason_r,
		       struct error *err)
{
	enum found found;

	if (!suppressions_begin(suppressions, err))
		return FOUND_ERROR;
	found = suppressions_find(suppressions, tenant_id, address, reason_r, err);
	if (found != FOUND_ERROR && !suppressions_commit(suppressions, err))
		return FOUND_ERROR;
	return found;
}

/* After an error the handle is dropped: the key file may be another one by then. */
enum found suppression_store_find(struct suppression_store *store, int64_t tenant_id,
				  const struct mailbox *address, enum suppression_reason *reason_r,
				  struct error *err)
{
	struct reader *reader = take_reader(store);
	enum found found = FOUND_ERROR;

	if (reader->suppressions != NULL ||
	    suppressions_open(store->config, STORE_READ, &reader->suppressions, err))
		found = find(reader->suppressions, tenant_id, address, reason_r, err);
	if (found == FOUND_ERROR) {
		suppressions_close(reader->suppressions);
		reader->suppressions = NULL;
	}
	give_reader(store, reader);
	return found;
}
