/* SPDX-License-Identifier: BSD-2-Clause */
/* A table with one place for each hash: what comes later takes the place. */
#include "common/policy_answers.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PLACES      262144u /* a power of two; memory is touched only as answers come */
#define LOCKS       64u
#define DOMAIN_KEPT 64

struct place {
	int64_t generation;
	uint64_t epoch;
	struct ip client;
	bool has_domain;
	char domain[DOMAIN_KEPT];
	struct policy_kept kept;
};

struct policy_answers {
	pthread_mutex_t locks[LOCKS];
	struct place places[PLACES]; /* epoch 0: free */
};

struct policy_answers *policy_answers_new(void)
{
	struct policy_answers *answers = calloc(1, sizeof(*answers));
	size_t i;

	if (!answers)
		abort();
	for (i = 0; i < LOCKS; i++)
		pthread_mutex_init(&answers->locks[i], NULL);
	return answers;
}

void policy_answers_free(struct policy_answers *answers)
{
	size_t i;

	for (i = 0; i < PLACES; i++)
		policy_release(answers->places[i].kept.sender.policy);
	for (i = 0; i < LOCKS; i++)
		pthread_mutex_destroy(&answers->locks[i]);
	free(answers);
}

/* FNV-1a, and a multiplication that brings its high bits down. */
static size_t place_of(const struct policy_question *question)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	const char *at;
	size_t i;

	for (i = 0; i < sizeof(question->client->bytes); i++)
		hash = (hash ^ question->client->bytes[i]) * UINT64_C(0x100000001b3);
	for (at = question->domain ? question->domain : ""; *at; at++)
		hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
	return (size_t)((hash ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15) >> 40) & (PLACES - 1);
}

static bool is_answered(const struct place *place, const struct policy_question *question)
{
	return place->generation == question->generation && place->epoch == question->epoch &&
	       ip_compare(&place->client, question->client) == 0 &&
	       place->has_domain == (question->domain != NULL) &&
	       (!question->domain || strcmp(place->domain, question->domain) == 0);
}

bool policy_answers_get(struct policy_answers *answers, const struct policy_question *question,
			struct policy_kept *kept_r)
{
	size_t at = place_of(question);
	const struct place *place = &answers->places[at];
	bool found;

	pthread_mutex_lock(&answers->locks[at % LOCKS]);
	found = question->epoch != 0 && is_answered(place, question);
	if (found) {
		*kept_r = place->kept;
		if (kept_r->sender.policy)
			policy_hold(kept_r->sender.policy);
	}
	pthread_mutex_unlock(&answers->locks[at % LOCKS]);
	return found;
}

void policy_answers_put(struct policy_answers *answers, const struct policy_question *question,
			const struct policy_kept *kept)
{
	size_t at = place_of(question), length = question->domain ? strlen(question->domain) : 0;
	struct place *place = &answers->places[at];
	struct policy *old;

	if (length >= DOMAIN_KEPT)
		return;
	pthread_mutex_lock(&answers->locks[at % LOCKS]);
	old = place->kept.sender.policy;
	*place = (struct place){.generation = question->generation,
				.epoch = question->epoch,
				.client = *question->client,
				.has_domain = question->domain != NULL,
				.kept = *kept};
	if (question->domain)
		memcpy(place->domain, question->domain, length + 1);
	if (kept->sender.policy)
		policy_hold(kept->sender.policy);
	pthread_mutex_unlock(&answers->locks[at % LOCKS]);
	policy_release(old);
}
