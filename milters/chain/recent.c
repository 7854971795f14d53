/* SPDX-License-Identifier: BSD-2-Clause */
/* A ring of decisions. */
#include "milters/chain/recent.h"
#include "milters/chain/memory.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct recent {
	pthread_mutex_t lock;
	size_t put; /* since the start; the next one goes to put % RECENT_COUNT */
	struct decision ring[RECENT_COUNT];
};

struct recent *recent_new(void)
{
	struct recent *recent = memory_new(1, sizeof(*recent));

	pthread_mutex_init(&recent->lock, NULL);
	return recent;
}

void recent_free(struct recent *recent)
{
	if (recent == NULL)
		return;
	pthread_mutex_destroy(&recent->lock);
	free(recent);
}

void recent_put(struct recent *recent, const struct decision *decision)
{
	if (decision->queue_id[0] == '\0')
		return;
	pthread_mutex_lock(&recent->lock);
	recent->ring[recent->put++ % RECENT_COUNT] = *decision;
	pthread_mutex_unlock(&recent->lock);
}

bool recent_find(struct recent *recent, const char *queue_id, struct decision *decision_r)
{
	bool found = false;
	size_t kept;

	pthread_mutex_lock(&recent->lock);
	kept = recent->put < RECENT_COUNT ? recent->put : RECENT_COUNT;
	for (size_t back = 1; back <= kept && !found; back++) {
		const struct decision *at = &recent->ring[(recent->put - back) % RECENT_COUNT];

		found = strcmp(at->queue_id, queue_id) == 0;
		if (found)
			*decision_r = *at;
	}
	pthread_mutex_unlock(&recent->lock);
	return found;
}
