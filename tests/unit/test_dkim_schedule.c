/* SPDX-License-Identifier: BSD-2-Clause */
/* Which step a DKIM key takes by itself, for what is known of it. */
#include "common/dkim_schedule.h"
#include "tests/unit/unit.h"

#define DAY 86400

struct expectation {
	struct dkim_key_facts facts;
	enum dkim_step step;
};

static void assert_steps(const struct expectation *expected, size_t count)
{
	for (size_t i = 0; i < count; i++)
		ck_assert_msg(dkim_schedule_step(&expected[i].facts) == expected[i].step,
			      "row %zu: step %d, not %d", i,
			      (int)dkim_schedule_step(&expected[i].facts), (int)expected[i].step);
}

#define ASSERT_STEPS(table) assert_steps(table, COUNT(table))

START_TEST(an_active_key_gets_a_next_one_once_when_it_is_old)
{
	static const struct expectation table[] = {
	    {{DKIM_KEY_ACTIVE, 5000LL * DAY, .rotate_days = 0}, DKIM_STEP_NONE},
	    {{DKIM_KEY_ACTIVE, 90 * DAY - 1, .rotate_days = 90}, DKIM_STEP_NONE},
	    {{DKIM_KEY_ACTIVE, 90 * DAY, .rotate_days = 90}, DKIM_STEP_MAKE_NEXT},
	    {{DKIM_KEY_ACTIVE, 91 * DAY, .rotate_days = 90, .has_next = true}, DKIM_STEP_NONE},
	    {{DKIM_KEY_ACTIVE, 3650LL * DAY, .rotate_days = 3650}, DKIM_STEP_MAKE_NEXT},
	    {{DKIM_KEY_ACTIVE, 0, .rotate_days = 1}, DKIM_STEP_NONE},
	    {{DKIM_KEY_ACTIVE, -DAY, .rotate_days = 1}, DKIM_STEP_NONE},
	};

	ASSERT_STEPS(table);
}
END_TEST

START_TEST(a_pending_key_becomes_active_only_when_its_own_record_was_seen)
{
	static const struct expectation table[] = {
	    {{DKIM_KEY_PENDING, 0, .rotate_days = 1}, DKIM_STEP_ASK_DNS},
	    {{DKIM_KEY_PENDING, 0, 1, .sight = DKIM_SIGHT_PUBLISHED}, DKIM_STEP_ASK_DNS},
	    {{DKIM_KEY_PENDING, 0, 1, .was_looked_for = true, .sight = DKIM_SIGHT_PUBLISHED},
	     DKIM_STEP_ACTIVATE},
	    {{DKIM_KEY_PENDING, 0, 1, .was_looked_for = true, .sight = DKIM_SIGHT_MISSING},
	     DKIM_STEP_AWAIT_RECORD},
	    {{DKIM_KEY_PENDING, 0, 1, .was_looked_for = true, .sight = DKIM_SIGHT_DIFFERENT},
	     DKIM_STEP_BAD_RECORD},
	    {{DKIM_KEY_PENDING, 0, 1, .was_looked_for = true, .sight = DKIM_SIGHT_UNKNOWN},
	     DKIM_STEP_BAD_RECORD},
	};

	ASSERT_STEPS(table);
}
END_TEST

START_TEST(a_pending_key_is_left_alone_where_keys_change_by_hand)
{
	static const struct expectation table[] = {
	    {{DKIM_KEY_PENDING, 99 * DAY, .rotate_days = 0}, DKIM_STEP_NONE},
	    {{DKIM_KEY_PENDING, 0, 0, .was_looked_for = true, .sight = DKIM_SIGHT_PUBLISHED},
	     DKIM_STEP_NONE},
	};

	ASSERT_STEPS(table);
}
END_TEST

START_TEST(a_retiring_key_stays_until_it_is_old_and_the_queue_has_drained)
{
	static const struct expectation table[] = {
	    {{DKIM_KEY_RETIRING, 7 * DAY - 1, 1, 7, .queue = DKIM_QUEUE_DRAINED}, DKIM_STEP_NONE},
	    {{DKIM_KEY_RETIRING, 7 * DAY, 1, .retire_days = 7}, DKIM_STEP_ASK_QUEUE},
	    {{DKIM_KEY_RETIRING, 7 * DAY, 1, 7, .queue = DKIM_QUEUE_DRAINED}, DKIM_STEP_RETIRE},
	    {{DKIM_KEY_RETIRING, 7 * DAY, 0, 7, .queue = DKIM_QUEUE_DRAINED}, DKIM_STEP_RETIRE},
	    {{DKIM_KEY_RETIRING, 99 * DAY, 1, 7, .queue = DKIM_QUEUE_HOLDS_OLDER},
	     DKIM_STEP_AWAIT_QUEUE},
	    {{DKIM_KEY_RETIRING, 99 * DAY, 1, 7, .queue = DKIM_QUEUE_UNKNOWN}, DKIM_STEP_BAD_QUEUE},
	};

	ASSERT_STEPS(table);
}
END_TEST

START_TEST(a_retired_key_has_no_step_left)
{
	static const struct expectation table[] = {
	    {{DKIM_KEY_RETIRED, 999 * DAY, 1, 1, .queue = DKIM_QUEUE_DRAINED}, DKIM_STEP_NONE},
	};

	ASSERT_STEPS(table);
}
END_TEST

START_TEST(mail_that_came_while_the_key_was_replaced_counts_as_signed_by_it)
{
	ck_assert(dkim_schedule_may_have_signed(1000, 2000));
	ck_assert(dkim_schedule_may_have_signed(2000, 2000));
	ck_assert(dkim_schedule_may_have_signed(2060, 2000));
	ck_assert(!dkim_schedule_may_have_signed(2061, 2000));
	ck_assert(dkim_schedule_may_have_signed(0, 2000));
}
END_TEST

UNIT_MAIN("dkim_schedule", an_active_key_gets_a_next_one_once_when_it_is_old,
	  a_pending_key_becomes_active_only_when_its_own_record_was_seen,
	  a_pending_key_is_left_alone_where_keys_change_by_hand,
	  a_retiring_key_stays_until_it_is_old_and_the_queue_has_drained,
	  a_retired_key_has_no_step_left,
	  mail_that_came_while_the_key_was_replaced_counts_as_signed_by_it)
