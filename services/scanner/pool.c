/* SPDX-License-Identifier: BSD-2-Clause */
/* The number of workers, and the generations they come from. */
#include "services/scanner/pool.h"
#include "common/clock.h"
#include "common/log.h"
#include "services/scanner/canary.h"
#include "services/scanner/pool_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE_MS 1000 /* after what failed, before it is tried again */
#define LOAD_MS \
	600000 /* for a generation to load and be proven; millions of signatures take one minute */
#define SCANS_PER_WORKER \
	10000 /* then it is replaced: nothing that a mail did to it stays for long */

static void loader_ready(struct watch *watch);

/* The figures that are counted, not kept. Workers of the next generation do not serve yet. */
static void count(struct pool *pool)
{
	struct figures *figures = pool->figures;
	struct member *member;

	figures->workers = figures->busy = 0;
	figures->features = ~0u;
	for (member = LIST_FIRST(&pool->members); member != NULL;
	     member = LIST_NEXT(member, link)) {
		figures->busy += member->state == MEMBER_BUSY;
		if (!member->proven || member->generation == pool->next)
			continue;
		figures->workers++;
		figures->features &= member->features;
	}
	if (figures->workers == 0)
		figures->features = 0;
	figures->generation = pool->current != NULL ? pool->current->number : 0;
	figures->signatures = pool->current != NULL ? pool->current->signatures : 0;
	figures->loading = pool->next != NULL;
}

static struct member *find_member(struct pool *pool, const struct generation *generation,
				  bool only_idle)
{
	struct member *member;

	for (member = LIST_FIRST(&pool->members); member != NULL;
	     member = LIST_NEXT(member, link)) {
		if (member->generation == generation &&
		    (!only_idle || member->state == MEMBER_IDLE))
			return member;
	}
	return NULL;
}

/* Ends a generation at once, with what its workers are doing. */
static void drop(struct pool *pool, struct generation *generation, const char *why)
{
	struct member *member;

	while ((member = find_member(pool, generation, false)) != NULL)
		member_end(member, why);
	generation_free(pool->loop, generation);
}

static void set_failure(struct pool *pool, const char *why)
{
	snprintf(pool->figures->error, sizeof(pool->figures->error), "%.250s", why);
	pool->figures->loads_failed++;
	if (pool->current != NULL)
		log_alarm("new signatures are no good, the old ones stay: %s", why);
	else
		log_alarm("no signatures, every scan is answered unknown: %s", why);
}

/* The next generation is no good. */
static void abandon_next(struct pool *pool, const char *why)
{
	struct generation *next = pool->next;

	pool->next = NULL;
	set_failure(pool, why);
	drop(pool, next, why);
	pool->retry_ms =
	    clock_ms() + (pool->reload_again ? PAUSE_MS : pool->settings->reload_interval_ms);
	pool->reload_again = true;
}

static void start_next(struct pool *pool)
{
	struct error err;

	pool->reload_again = false;
	if (!generation_new(pool->settings, pool->last_number + 1, &pool->next, &err) ||
	    !loop_add(pool->loop, &pool->next->watch, &err)) {
		generation_free(pool->loop, pool->next);
		pool->next = NULL;
		set_failure(pool, err.text);
		pool->retry_ms = clock_ms() + PAUSE_MS;
		pool->reload_again = true;
		return;
	}
	pool->last_number++;
	pool->next->owner = pool;
	pool->next->watch.ready = loader_ready;
}

/* Workers for a generation until it has as many as wanted. */
static void fill(struct pool *pool, struct generation *generation)
{
	struct error err;

	while (generation->workers < pool->settings->workers && clock_ms() >= pool->fork_ms) {
		if (!member_new(pool, generation, &err)) {
			log_error("cannot start a worker: %s", err.text);
			pool->fork_ms = clock_ms() + PAUSE_MS;
		}
	}
}

/* A retired generation ends with its last worker. */
static void release(struct pool *pool, struct generation *generation)
{
	if (generation->retired && generation->workers == 0)
		generation_free(pool->loop, generation);
}

/* Idle workers of a retired generation go now, busy ones after their answer. */
static void retire(struct pool *pool, struct generation *generation)
{
	struct member *member;

	generation->retired = true;
	while ((member = find_member(pool, generation, true)) != NULL)
		member_end(member, "retired");
	release(pool, generation);
}

/* All workers of the next generation found the canary: it takes over. */
static void promote(struct pool *pool)
{
	struct generation *old = pool->current;

	pool->current = pool->next;
	pool->next = NULL;
	pool->figures->loads++;
	pool->figures->error[0] = '\0';
	log_info("signatures loaded: generation %u, %u signatures, %u workers",
		 pool->current->number, pool->current->signatures, pool->current->workers);
	if (old != NULL)
		retire(pool, old);
	if (pool->reload_again)
		start_next(pool);
}

void pool_member_proven(struct member *member)
{
	struct pool *pool = member->pool;

	if (member->generation == pool->next &&
	    member->generation->proven >= pool->settings->workers)
		promote(pool);
	else
		pool_member_idle(member);
	count(pool);
}

void pool_member_idle(struct member *member)
{
	struct generation *generation = member->generation;
	struct pool *pool = member->pool;

	if (generation->retired) {
		member_end(member, "retired");
		release(pool, generation);
	} else if (member->scans >= SCANS_PER_WORKER) {
		member_end(member, "replaced");
		fill(pool, generation);
	} else if (member_is_due(member, clock_ms())) {
		member_act(member);
	}
	count(pool);
}

void pool_member_lost(struct pool *pool, struct generation *generation, bool was_proven,
		      const char *why)
{
	if (generation == pool->next) {
		abandon_next(pool, why);
	} else if (generation->retired) {
		release(pool, generation);
	} else {
		if (!was_proven)
			pool->fork_ms = clock_ms() + PAUSE_MS;
		fill(pool, generation);
	}
	count(pool);
}

/* Far fewer signatures than before: half of the files are missing, or being replaced right now. */
static bool has_shrunk(const struct pool *pool, uint32_t signatures)
{
	return pool->current != NULL && signatures < pool->current->signatures / 2;
}

static void take_loaded(struct pool *pool, struct generation *generation, uint32_t signatures)
{
	char why[160];

	if (has_shrunk(pool, signatures)) {
		snprintf(why, sizeof(why),
			 "%u signatures where there were %u; if that is meant, restart the scanner",
			 signatures, pool->current->signatures);
		abandon_next(pool, why);
		return;
	}
	generation->signatures = signatures;
	fill(pool, generation);
}

/* The loader is gone: its workers have died with it. */
static void take_end(struct pool *pool, struct generation *generation)
{
	if (generation == pool->next) {
		abandon_next(pool, "the loader ended");
		return;
	}
	log_alarm("the loader of generation %u ended", generation->number);
	if (generation == pool->current) {
		pool->current = NULL;
		pool->retry_ms = 0;
	}
	drop(pool, generation, "the loader ended");
}

static void loader_ready(struct watch *watch)
{
	struct generation *generation = (struct generation *)watch;
	struct pool *pool = generation->owner;
	struct loader_report report;

	if (scan_receive(watch->fd, &report, sizeof(report), NULL) != SCAN_RECEIVED) {
		take_end(pool, generation);
		count(pool);
		return;
	}
	report.text[sizeof(report.text) - 1] = '\0';
	if (report.event == LOADER_LOADED && generation == pool->next)
		take_loaded(pool, generation, report.signatures);
	else if (report.event == LOADER_FAILED && generation == pool->next)
		abandon_next(pool, report.text);
	else if (report.event == LOADER_OUTDATED && generation == pool->current)
		pool_reload(pool);
	count(pool);
}

bool pool_new(struct loop *loop, const struct scanner_settings *settings, struct figures *figures,
	      pool_answered answered, void *context, struct pool **pool_r)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	struct error err;

	if (pool == NULL)
		return false;
	*pool = (struct pool){.loop = loop,
			      .settings = settings,
			      .figures = figures,
			      .answered = answered,
			      .context = context};
	LIST_INIT(&pool->members);
	if (!canary_new(&pool->canary, &err)) {
		free(pool);
		return false;
	}
	figures->wanted = settings->workers;
	start_next(pool);
	count(pool);
	*pool_r = pool;
	return true;
}

void pool_free(struct pool *pool)
{
	if (pool == NULL)
		return;
	while (!LIST_EMPTY(&pool->members)) {
		struct member *member = LIST_FIRST(&pool->members);
		struct generation *generation = member->generation;

		member->state = MEMBER_IDLE; /* whoever waits is not there any more */
		member_end(member, "stopped");
		release(pool, generation);
	}
	generation_free(pool->loop, pool->current);
	generation_free(pool->loop, pool->next);
	spool_free(pool->canary);
	free(pool);
}

bool pool_submit(struct pool *pool, void *job, const struct scan_request *request, int fd)
{
	struct member *member;

	for (member = LIST_FIRST(&pool->members); member != NULL;
	     member = LIST_NEXT(member, link)) {
		if (member->generation != pool->current || member->state != MEMBER_IDLE)
			continue;
		member_submit(member, job, request, fd);
		count(pool);
		return true;
	}
	return false;
}

bool pool_has_failed(const struct pool *pool)
{
	return pool->current == NULL && pool->next == NULL;
}

void pool_reload(struct pool *pool)
{
	if (pool->next != NULL)
		pool->reload_again = true;
	else
		start_next(pool);
	count(pool);
}

static struct member *find_due(struct pool *pool, int64_t now_ms)
{
	struct member *member;

	for (member = LIST_FIRST(&pool->members); member != NULL;
	     member = LIST_NEXT(member, link)) {
		if (member_is_due(member, now_ms))
			return member;
	}
	return NULL;
}

void pool_tick(struct pool *pool)
{
	int64_t now_ms = clock_ms();
	struct member *member;

	while ((member = find_due(pool, now_ms)) != NULL)
		member_act(member); /* which may end others too */
	if (pool->current != NULL)
		fill(pool, pool->current);
	if (pool->next != NULL && now_ms - pool->next->started_ms > LOAD_MS)
		abandon_next(pool, "the load took too long");
	if (pool->next != NULL && pool->next->signatures > 0)
		fill(pool, pool->next);
	if (pool->next == NULL && (pool->current == NULL || pool->reload_again) &&
	    now_ms >= pool->retry_ms)
		start_next(pool);
	count(pool);
}

bool pool_is_at_rest(const struct pool *pool)
{
	const struct member *member;

	for (member = LIST_FIRST(&pool->members); member != NULL;
	     member = LIST_NEXT(member, link)) {
		if (member->state != MEMBER_IDLE)
			return false;
	}
	return pool->next == NULL && pool->current != NULL;
}
