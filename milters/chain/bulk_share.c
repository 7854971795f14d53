/* SPDX-License-Identifier: BSD-2-Clause */
/* A count of sessions, and the time at which the next message's turn is. */
#include "milters/chain/bulk_share.h"
#include "common/clock.h"
#include "milters/chain/memory.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define SECOND_US 1000000

struct bulk_share {
	pthread_mutex_t lock;
	int64_t sessions;
	int64_t next_us; /* on clock_us */
};

struct bulk_share *bulk_share_new(void)
{
	struct bulk_share *share = memory_new(1, sizeof(*share));

	pthread_mutex_init(&share->lock, NULL);
	return share;
}

void bulk_share_free(struct bulk_share *share)
{
	if (share == NULL)
		return;
	pthread_mutex_destroy(&share->lock);
	free(share);
}

bool bulk_share_enter(struct bulk_share *share, int64_t max)
{
	bool entered;

	pthread_mutex_lock(&share->lock);
	entered = share->sessions < max;
	if (entered)
		share->sessions++;
	pthread_mutex_unlock(&share->lock);
	return entered;
}

void bulk_share_leave(struct bulk_share *share)
{
	pthread_mutex_lock(&share->lock);
	share->sessions--;
	pthread_mutex_unlock(&share->lock);
}

/* Takes the next turn; how long until it is there. Negative: it was not taken. */
static int64_t take_turn(struct bulk_share *share, int64_t step_us, int64_t max_wait_us)
{
	int64_t now = clock_us(), wait_us;

	pthread_mutex_lock(&share->lock);
	wait_us = share->next_us > now ? share->next_us - now : 0;
	if (wait_us <= max_wait_us)
		share->next_us = now + wait_us + step_us;
	pthread_mutex_unlock(&share->lock);
	return wait_us <= max_wait_us ? wait_us : -1;
}

static void sleep_us(int64_t microseconds)
{
	struct timespec left = {microseconds / SECOND_US, (microseconds % SECOND_US) * 1000};

	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

bool bulk_share_wait(struct bulk_share *share, int64_t per_second, int max_wait_ms)
{
	int64_t wait_us;

	if (per_second == 0)
		return true;
	wait_us = take_turn(share, SECOND_US / per_second, (int64_t)max_wait_ms * 1000);
	if (wait_us > 0)
		sleep_us(wait_us);
	return wait_us >= 0;
}
