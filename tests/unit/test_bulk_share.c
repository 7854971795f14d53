/* SPDX-License-Identifier: BSD-2-Clause */
/* What bulk mail may have of the relay: sessions and messages a second. */
#include "common/clock.h"
#include "milters/chain/bulk_share.h"
#include "tests/unit/unit.h"
#include <pthread.h>

START_TEST(so_many_sessions_and_no_more)
{
	struct bulk_share *share = bulk_share_new();

	ck_assert(bulk_share_enter(share, 2));
	ck_assert(bulk_share_enter(share, 2));
	ck_assert(!bulk_share_enter(share, 2));
	bulk_share_leave(share);
	ck_assert(bulk_share_enter(share, 2));
	bulk_share_free(share);
}
END_TEST

START_TEST(messages_take_turns_at_the_rate)
{
	struct bulk_share *share = bulk_share_new();
	int64_t began = clock_ms(), took;

	for (int i = 0; i < 21; i++)
		ck_assert(bulk_share_wait(share, 100, 5000));
	took = clock_ms() - began;
	ck_assert_int_ge(took, 195);
	/* No limit, no wait. */
	began = clock_ms();
	for (int i = 0; i < 1000; i++)
		ck_assert(bulk_share_wait(share, 0, 0));
	ck_assert_int_lt(clock_ms() - began, 2000);
	bulk_share_free(share);
}
END_TEST

START_TEST(a_turn_too_far_off_is_not_waited_for)
{
	struct bulk_share *share = bulk_share_new();
	int64_t began = clock_ms();

	ck_assert(bulk_share_wait(share, 1, 0));
	for (int i = 0; i < 10; i++)
		ck_assert(!bulk_share_wait(share, 1, 100));
	ck_assert_int_lt(clock_ms() - began, 900);
	bulk_share_free(share);
}
END_TEST

/* Messages of 10 threads at 200 a second. */
static void *hand_in(void *context)
{
	for (int i = 0; i < 5; i++)
		ck_assert(bulk_share_wait(context, 200, 60000));
	return NULL;
}

START_TEST(threads_share_one_rate)
{
	struct bulk_share *share = bulk_share_new();
	int64_t began = clock_ms();
	pthread_t threads[10];

	for (size_t i = 0; i < COUNT(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, hand_in, share), 0);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_ge(clock_ms() - began, 240);
	bulk_share_free(share);
}
END_TEST

UNIT_MAIN("bulk_share", so_many_sessions_and_no_more, messages_take_turns_at_the_rate,
	  a_turn_too_far_off_is_not_waited_for, threads_share_one_rate)
