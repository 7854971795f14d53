/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts of sessions and of working threads. */
#include "milters/chain/gate.h"
#include "milters/chain/memory.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct gate {
	pthread_mutex_t lock;
	pthread_cond_t left; /* on CLOCK_MONOTONIC */
	unsigned sessions, max_sessions;
	unsigned busy, max_busy;
	int wait_ms;
};

struct gate *gate_new(unsigned max_sessions, unsigned max_busy, int wait_ms)
{
	struct gate *gate = memory_new(1, sizeof(*gate));
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&gate->left, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&gate->lock, NULL);
	gate->max_sessions = max_sessions;
	gate->max_busy = max_busy;
	gate->wait_ms = wait_ms;
	return gate;
}

void gate_free(struct gate *gate)
{
	if (gate == NULL)
		return;
	pthread_cond_destroy(&gate->left);
	pthread_mutex_destroy(&gate->lock);
	free(gate);
}

bool gate_open_session(struct gate *gate)
{
	bool open;

	pthread_mutex_lock(&gate->lock);
	open = gate->sessions < gate->max_sessions;
	if (open)
		gate->sessions++;
	pthread_mutex_unlock(&gate->lock);
	return open;
}

void gate_close_session(struct gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->sessions--;
	pthread_mutex_unlock(&gate->lock);
}

/* A count, read whole. */
static unsigned gate_read(struct gate *gate, const unsigned *count)
{
	unsigned value;

	pthread_mutex_lock(&gate->lock);
	value = *count;
	pthread_mutex_unlock(&gate->lock);
	return value;
}

unsigned gate_sessions(struct gate *gate)
{
	return gate_read(gate, &gate->sessions);
}

unsigned gate_busy(struct gate *gate)
{
	return gate_read(gate, &gate->busy);
}

static struct timespec deadline_after(int wait_ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += wait_ms / 1000;
	at.tv_nsec += (long)(wait_ms % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

bool gate_enter(struct gate *gate)
{
	struct timespec deadline = deadline_after(gate->wait_ms);
	int result = 0;
	bool entered;

	pthread_mutex_lock(&gate->lock);
	while (gate->busy >= gate->max_busy && result != ETIMEDOUT)
		result = pthread_cond_timedwait(&gate->left, &gate->lock, &deadline);
	entered = gate->busy < gate->max_busy;
	if (entered)
		gate->busy++;
	pthread_mutex_unlock(&gate->lock);
	return entered;
}

void gate_leave(struct gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->busy--;
	pthread_cond_signal(&gate->left);
	pthread_mutex_unlock(&gate->lock);
}
