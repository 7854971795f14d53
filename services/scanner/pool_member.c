/* SPDX-License-Identifier: BSD-2-Clause */
/* One worker as the scanner sees it: started, proven, busy, idle, ended. */
#include "common/clock.h"
#include "common/log.h"
#include "services/scanner/pool_private.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define START_MS 10000

static void member_ready(struct watch *watch);

bool member_new(struct pool *pool, struct generation *generation, struct error *err)
{
	struct member *member = calloc(1, sizeof(*member));

	if (member == NULL)
		return error_set(err, "out of memory");
	member->watch.ready = member_ready;
	member->pool = pool;
	member->generation = generation;
	member->pidfd = -1;
	member->deadline_ms = clock_ms() + START_MS;
	if (!generation_fork(generation, &member->watch.fd, err)) {
		free(member);
		return false;
	}
	if (!loop_add(pool->loop, &member->watch, err)) {
		close(member->watch.fd);
		free(member);
		return false;
	}
	LIST_INSERT_HEAD(&pool->members, member, link);
	generation->workers++;
	return true;
}

/* The soft limit for libclamav ends before the hard one, by which the worker is killed. */
static bool send_request(struct member *member, const struct scan_request *request, uint32_t flags,
			 int fd)
{
	int timeout_ms = member->pool->settings->timeout_ms;
	struct scan_request packet = *request;

	packet.flags = flags;
	packet.timeout_ms = (uint32_t)timeout_ms / 10 * 9;
	member->deadline_ms = clock_ms() + timeout_ms;
	member->scans++;
	return scan_send(member->watch.fd, &packet, sizeof(packet), fd);
}

void member_submit(struct member *member, void *job, const struct scan_request *request, int fd)
{
	member->state = MEMBER_BUSY;
	member->job = job;
	snprintf(member->job_id, sizeof(member->job_id), "%s", request->id);
	if (!send_request(member, request, request->flags & ~SCAN_REQUEST_CANARY, fd))
		member->deadline_ms = 0; /* the next tick ends it, and answers */
}

static void send_canary(struct member *member)
{
	struct scan_request request = {.version = SCAN_PROTOCOL_VERSION, .id = "canary"};

	member->state = MEMBER_CANARY;
	if (!send_request(member, &request, SCAN_REQUEST_CANARY, spool_fd(member->pool->canary)))
		member->deadline_ms = 0;
}

static void answer_lost(struct pool *pool, const struct member *member, const char *why)
{
	struct scan_answer answer;

	scan_answer_unknown(&answer, "%s", why);
	answer.generation = member->generation->number;
	pool->answered(pool->context, member->job, &answer, -1);
}

void member_end(struct member *member, const char *why)
{
	struct pool *pool = member->pool;

	LIST_REMOVE(member, link);
	member->generation->workers--;
	if (member->proven)
		member->generation->proven--;
	if (member->pidfd >= 0) {
		(void)pidfd_send_signal(member->pidfd, SIGKILL, NULL, 0);
		close(member->pidfd);
	}
	loop_close(pool->loop, &member->watch);
	if (member->state == MEMBER_BUSY)
		answer_lost(pool, member, why);
	free(member);
}

/* It died, is late or talks nonsense. */
static void member_lose(struct member *member, const char *why)
{
	struct generation *generation = member->generation;
	struct pool *pool = member->pool;
	bool proven = member->proven;

	pool->figures->workers_lost++;
	if (member->state == MEMBER_BUSY)
		log_alarm("worker %d lost with message %s: %s", member->pid, member->job_id, why);
	else
		log_alarm("worker %d lost: %s", member->pid, why);
	member_end(member, why);
	pool_member_lost(pool, generation, proven, why);
}

/* BORN, READY or FAILED. */
static void take_note(struct member *member)
{
	struct worker_note note;
	int pidfd;

	if (scan_receive(member->watch.fd, &note, sizeof(note), &pidfd) != SCAN_RECEIVED) {
		member_lose(member, "the worker did not start");
		return;
	}
	note.error[sizeof(note.error) - 1] = '\0';
	if (note.stage == WORKER_BORN && member->pidfd < 0 && pidfd >= 0) {
		member->pidfd = pidfd;
		member->pid = note.pid;
		return;
	}
	if (pidfd >= 0)
		close(pidfd);
	if (note.stage == WORKER_READY && member->pidfd >= 0) {
		member->features = note.features;
		send_canary(member);
	} else {
		member_lose(member, note.error);
	}
}

static void take_canary(struct member *member, const struct scan_answer *answer)
{
	struct pool *pool = member->pool;

	if (answer->verdict != SCAN_INFECTED) {
		char why[256];

		pool->figures->canaries_missed++;
		snprintf(why, sizeof(why), "it missed the canary: %s%s%s",
			 scan_verdict_name(answer->verdict), answer->why[0] != '\0' ? ", " : "",
			 answer->why);
		member_lose(member, why);
		return;
	}
	pool->figures->canaries_found++;
	pool->figures->last_canary_ms = clock_ms();
	member->canary_due_ms = clock_ms() + pool->settings->canary_interval_ms;
	member->state = MEMBER_IDLE;
	if (member->proven) {
		pool_member_idle(member);
		return;
	}
	member->proven = true;
	member->generation->proven++;
	pool_member_proven(member);
}

static void take_answer(struct member *member)
{
	struct pool *pool = member->pool;
	struct scan_answer answer;
	void *job = member->job;
	int facts_fd;

	if (scan_receive(member->watch.fd, &answer, sizeof(answer), &facts_fd) != SCAN_RECEIVED) {
		member_lose(member, "the worker ended during the scan");
		return;
	}
	scan_answer_tame(&answer);
	answer.generation = member->generation->number;
	if (member->state == MEMBER_CANARY) {
		take_canary(member, &answer);
	} else {
		member->state = MEMBER_IDLE;
		member->job = NULL;
		pool->answered(pool->context, job, &answer, facts_fd);
		pool_member_idle(member);
	}
	if (facts_fd >= 0)
		close(facts_fd);
}

static void member_ready(struct watch *watch)
{
	struct member *member = (struct member *)watch;

	switch (member->state) {
	case MEMBER_STARTING:
		take_note(member);
		break;
	case MEMBER_CANARY:
	case MEMBER_BUSY:
		take_answer(member);
		break;
	case MEMBER_IDLE:
		member_lose(member, "the worker ended while it was idle");
		break;
	}
}

bool member_is_due(const struct member *member, int64_t now_ms)
{
	return now_ms >=
	       (member->state == MEMBER_IDLE ? member->canary_due_ms : member->deadline_ms);
}

void member_act(struct member *member)
{
	switch (member->state) {
	case MEMBER_IDLE:
		send_canary(member);
		break;
	case MEMBER_STARTING:
		member_lose(member, "the worker did not start in time");
		break;
	case MEMBER_CANARY:
	case MEMBER_BUSY:
		member_lose(member, "the scan took too long, the worker was killed");
		break;
	}
}
