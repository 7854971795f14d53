/* SPDX-License-Identifier: BSD-2-Clause */
/* The circuit breaker: when nobody asks, who tries, and what that changes. */
#include "milters/content/antispam_breaker.h"
#include "tests/unit/unit.h"

#define FAILURES 3
#define PAUSE_MS 1000

static void open_breaker(struct breaker *breaker, int64_t now_ms)
{
	breaker_init(breaker, FAILURES, PAUSE_MS);
	for (int i = 0; i < FAILURES; i++) {
		ck_assert(breaker_may_ask(breaker, now_ms));
		ck_assert_int_eq(breaker_report(breaker, false, now_ms),
				 i + 1 < FAILURES ? BREAKER_UNCHANGED : BREAKER_OPENED);
	}
	ck_assert_int_eq(breaker_state(breaker), BREAKER_OPEN);
}

START_TEST(opens_after_failures_in_a_row_only)
{
	struct breaker breaker;

	breaker_init(&breaker, FAILURES, PAUSE_MS);
	for (int i = 0; i < 4 * FAILURES; i++) {
		bool answered = i % FAILURES == 0;

		ck_assert(breaker_may_ask(&breaker, 0));
		ck_assert_int_eq(breaker_report(&breaker, answered, 0), BREAKER_UNCHANGED);
	}
	ck_assert_int_eq(breaker_report(&breaker, false, 0), BREAKER_OPENED);
	ck_assert(!breaker_may_ask(&breaker, 0));
	breaker_destroy(&breaker);
}
END_TEST

START_TEST(one_tries_after_the_pause_and_the_others_wait_for_it)
{
	struct breaker breaker;

	open_breaker(&breaker, 5000);
	ck_assert(!breaker_may_ask(&breaker, 5000 + PAUSE_MS - 1));
	ck_assert(breaker_may_ask(&breaker, 5000 + PAUSE_MS));
	ck_assert_int_eq(breaker_state(&breaker), BREAKER_PROBING);
	ck_assert(!breaker_may_ask(&breaker, 5000 + 10 * PAUSE_MS));
	breaker_destroy(&breaker);
}
END_TEST

START_TEST(an_answer_closes_it_for_all)
{
	struct breaker breaker;

	open_breaker(&breaker, 0);
	ck_assert(breaker_may_ask(&breaker, PAUSE_MS));
	ck_assert_int_eq(breaker_report(&breaker, true, PAUSE_MS), BREAKER_RECLOSED);
	ck_assert(breaker_may_ask(&breaker, PAUSE_MS));
	ck_assert(breaker_may_ask(&breaker, PAUSE_MS));
	ck_assert_int_eq(breaker_report(&breaker, false, PAUSE_MS), BREAKER_UNCHANGED);
	ck_assert_int_eq(breaker_state(&breaker), BREAKER_CLOSED);
	breaker_destroy(&breaker);
}
END_TEST

START_TEST(one_that_tried_and_failed_begins_another_pause)
{
	struct breaker breaker;

	open_breaker(&breaker, 0);
	ck_assert(breaker_may_ask(&breaker, PAUSE_MS));
	ck_assert_int_eq(breaker_report(&breaker, false, 3 * PAUSE_MS), BREAKER_REOPENED);
	ck_assert(!breaker_may_ask(&breaker, 4 * PAUSE_MS - 1));
	ck_assert(breaker_may_ask(&breaker, 4 * PAUSE_MS));
	breaker_destroy(&breaker);
}
END_TEST

START_TEST(late_failures_of_those_that_asked_before_change_nothing)
{
	struct breaker breaker;

	open_breaker(&breaker, 0);
	ck_assert_int_eq(breaker_report(&breaker, false, PAUSE_MS / 2), BREAKER_UNCHANGED);
	ck_assert(breaker_may_ask(&breaker, PAUSE_MS));
	breaker_destroy(&breaker);
}
END_TEST

UNIT_MAIN("antispam_breaker", opens_after_failures_in_a_row_only,
	  one_tries_after_the_pause_and_the_others_wait_for_it, an_answer_closes_it_for_all,
	  one_that_tried_and_failed_begins_another_pause,
	  late_failures_of_those_that_asked_before_change_nothing)
