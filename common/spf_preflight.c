/* SPDX-License-Identifier: BSD-2-Clause */
/* A cache under a lock, a bounded queue of what is to be evaluated, and the threads that do it. */
#include "common/spf_preflight.h"
#include "common/clock.h"
#include "common/log.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX   65536
#define WORKERS       4
#define EVALUATION_MS 20000 /* RFC 7208 section 4.6.4 */
#define DNS_IS_DEAD   3     /* domains in a row that DNS does not answer for */

struct task {
	struct mailbox sender;
	struct ip address;
};

struct spf_preflight {
	struct spf_evaluator evaluator;
	struct spf_cache *cache;
	pthread_mutex_t lock; /* of all below, and the cache */
	pthread_cond_t queued, answered;
	bool stopping;
	unsigned failures;               /* evaluations of different domains at a stretch */
	char failed_domain[DOMAIN_SIZE]; /* the last of them */
	size_t first, waiting;           /* of the queue, a ring */
	struct task queue[SPF_QUEUE_MAX];
	size_t worker_count;
	pthread_t workers[WORKERS];
};

/* --- Evaluation ------------------------------------------------------------------------------ */

static void evaluate_over_dns(void *context, const struct spf_question *question,
			      struct spf_outcome *outcome_r)
{
	struct spf_answer answer;

	spf_check(context, question, EVALUATION_MS, &answer);
	spf_outcome_read(&answer, outcome_r);
	spf_answer_clear(&answer);
}

static void cancel_dns(void *context)
{
	dns_cancel(context);
}

static void free_dns(void *context)
{
	dns_free(context);
}

/* Counts the domains that DNS fails for, so that nobody waits for a DNS that is dead. */
static void note_health(struct spf_preflight *preflight, const char *domain, bool is_dns_down)
{
	bool was_dead = preflight->failures >= DNS_IS_DEAD;

	if (!is_dns_down) {
		preflight->failures = 0;
		preflight->failed_domain[0] = '\0';
		if (was_dead)
			log_info("DNS answers again: SPF of senders is known");
		return;
	}
	if (strcmp(preflight->failed_domain, domain) == 0)
		return;
	snprintf(preflight->failed_domain, sizeof(preflight->failed_domain), "%s", domain);
	if (++preflight->failures == DNS_IS_DEAD && !preflight->stopping)
		log_warning("DNS does not answer: SPF of senders is unknown and stops no mail");
}

/* Evaluates one task; the lock is held before and after, not between. */
static void work_off(struct spf_preflight *preflight, const struct task *task)
{
	char sender[sizeof(task->sender.local) + sizeof(task->sender.domain) + 1];
	struct spf_question question = {.client = task->address, .helo = "", .sender = sender};
	struct spf_outcome outcome = {.result = SPF_TEMPERROR};

	snprintf(sender, sizeof(sender), "%s@%s", task->sender.local, task->sender.domain);
	pthread_mutex_unlock(&preflight->lock);
	preflight->evaluator.evaluate(preflight->evaluator.context, &question, &outcome);
	pthread_mutex_lock(&preflight->lock);
	note_health(preflight, task->sender.domain, outcome.is_dns_down);
	spf_cache_put(preflight->cache, &task->sender, &task->address, &outcome, clock_ms());
	pthread_cond_broadcast(&preflight->answered);
}

static void *work(void *context)
{
	struct spf_preflight *preflight = context;
	struct task task;

	pthread_mutex_lock(&preflight->lock);
	for (;;) {
		while (preflight->waiting == 0 && !preflight->stopping)
			pthread_cond_wait(&preflight->queued, &preflight->lock);
		if (preflight->stopping)
			break;
		task = preflight->queue[preflight->first];
		preflight->first = (preflight->first + 1) % SPF_QUEUE_MAX;
		preflight->waiting--;
		work_off(preflight, &task);
	}
	pthread_mutex_unlock(&preflight->lock);
	return NULL;
}

/* --- Life ------------------------------------------------------------------------------------ */

/* Signals are the program's: no thread of ours may take them. */
static bool start_workers(struct spf_preflight *preflight)
{
	sigset_t all, before;
	bool started = true;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (started && preflight->worker_count < WORKERS) {
		pthread_t *worker = &preflight->workers[preflight->worker_count];

		started = pthread_create(worker, NULL, work, preflight) == 0;
		preflight->worker_count += started;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

static void init_locks(struct spf_preflight *preflight)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&preflight->lock, NULL);
	pthread_cond_init(&preflight->queued, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&preflight->answered, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

bool spf_preflight_with(const struct spf_evaluator *evaluator, size_t entries,
			struct spf_preflight **preflight_r, struct error *err)
{
	struct spf_preflight *preflight = calloc(1, sizeof(*preflight));

	if (preflight == NULL)
		abort();
	preflight->evaluator = *evaluator;
	preflight->cache = spf_cache_new(entries);
	init_locks(preflight);
	if (!start_workers(preflight)) {
		spf_preflight_free(preflight);
		return error_set(err, "cannot start threads for SPF");
	}
	*preflight_r = preflight;
	return true;
}

bool spf_preflight_new(const char *servers, int dns_timeout_ms, struct spf_preflight **preflight_r,
		       struct error *err)
{
	struct spf_evaluator evaluator = {evaluate_over_dns, cancel_dns, free_dns, NULL};
	struct dns *dns;

	if (!dns_new(servers, dns_timeout_ms, &dns, err))
		return false;
	evaluator.context = dns;
	return spf_preflight_with(&evaluator, ENTRIES_MAX, preflight_r, err);
}

void spf_preflight_free(struct spf_preflight *preflight)
{
	if (preflight == NULL)
		return;
	pthread_mutex_lock(&preflight->lock);
	preflight->stopping = true;
	pthread_cond_broadcast(&preflight->queued);
	pthread_mutex_unlock(&preflight->lock);
	preflight->evaluator.cancel(preflight->evaluator.context);
	for (size_t i = 0; i < preflight->worker_count; i++)
		pthread_join(preflight->workers[i], NULL);
	preflight->evaluator.free(preflight->evaluator.context);
	spf_cache_free(preflight->cache);
	pthread_cond_destroy(&preflight->queued);
	pthread_cond_destroy(&preflight->answered);
	pthread_mutex_destroy(&preflight->lock);
	free(preflight);
}

/* --- Questions ------------------------------------------------------------------------------- */

/* The entry; queued for evaluation when that is due and there is room. The caller holds the lock. */
static struct spf_entry *look(struct spf_preflight *preflight, const struct mailbox *sender,
			      const struct ip *address)
{
	struct spf_entry *entry = spf_cache_entry(preflight->cache, sender, address);
	size_t last = (preflight->first + preflight->waiting) % SPF_QUEUE_MAX;

	if (!spf_entry_is_due(entry, clock_ms()) || preflight->waiting == SPF_QUEUE_MAX)
		return entry;
	preflight->queue[last] = (struct task){*sender, *address};
	preflight->waiting++;
	entry->is_asked = true;
	pthread_cond_signal(&preflight->queued);
	return entry;
}

enum spf_result spf_preflight_peek(struct spf_preflight *preflight, const struct mailbox *sender,
				   const struct ip *address)
{
	enum spf_result result;

	pthread_mutex_lock(&preflight->lock);
	result = spf_entry_last(look(preflight, sender, address), clock_ms());
	pthread_mutex_unlock(&preflight->lock);
	return result;
}

/* Is there anything to wait for? The caller holds the lock. */
static bool may_wait(const struct spf_preflight *preflight, const struct spf_entry *entry)
{
	return entry->is_asked && !entry->is_given_up && preflight->failures < DNS_IS_DEAD;
}

enum spf_result spf_preflight_ask(struct spf_preflight *preflight, const struct mailbox *sender,
				  const struct ip *address, int64_t deadline)
{
	struct timespec when = {.tv_sec = deadline / 1000, .tv_nsec = deadline % 1000 * 1000000};
	enum spf_result result = SPF_TEMPERROR;
	struct spf_entry *entry;

	pthread_mutex_lock(&preflight->lock);
	entry = look(preflight, sender, address);
	while (!spf_entry_is_fresh(entry, clock_ms()) && may_wait(preflight, entry)) {
		int late = pthread_cond_timedwait(&preflight->answered, &preflight->lock, &when);

		entry = look(preflight, sender, address);
		if (late != 0) {
			entry->is_given_up = entry->is_asked;
			break;
		}
	}
	if (spf_entry_is_fresh(entry, clock_ms()))
		result = entry->result;
	pthread_mutex_unlock(&preflight->lock);
	return result;
}

char *spf_preflight_record(struct spf_preflight *preflight, const struct mailbox *sender,
			   const struct ip *address)
{
	struct spf_entry *entry;
	char *record = NULL;

	pthread_mutex_lock(&preflight->lock);
	entry = spf_cache_entry(preflight->cache, sender, address);
	if (entry->record != NULL && (record = strdup(entry->record)) == NULL)
		abort();
	pthread_mutex_unlock(&preflight->lock);
	return record;
}
