/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of a recipient, by what the suppression list said and the tenant's settings. */
#include "milters/tenant/tenant_recipient.h"
#include "tests/unit/unit.h"

enum on_error {
	TEMPFAIL,
	ACCEPT,
};

static const struct {
	enum found found;
	enum suppression_reason reason;
	enum on_error on_error;
	enum recipient_ruling ruling;
} rows[] = {
    {FOUND_NONE, SUPPRESSION_MANUAL, TEMPFAIL, RECIPIENT_PASS},
    {FOUND_NONE, SUPPRESSION_HARD, ACCEPT, RECIPIENT_PASS},
    {FOUND_ONE, SUPPRESSION_SOFT, TEMPFAIL, RECIPIENT_DEAD},
    {FOUND_ONE, SUPPRESSION_HARD, TEMPFAIL, RECIPIENT_DEAD},
    {FOUND_ONE, SUPPRESSION_COMPLAINT, TEMPFAIL, RECIPIENT_COMPLAINED},
    {FOUND_ONE, SUPPRESSION_MANUAL, TEMPFAIL, RECIPIENT_LISTED},
    {FOUND_ONE, SUPPRESSION_HARD, ACCEPT, RECIPIENT_DEAD},
    {FOUND_ERROR, SUPPRESSION_MANUAL, TEMPFAIL, RECIPIENT_UNKNOWN},
    {FOUND_ERROR, SUPPRESSION_HARD, TEMPFAIL, RECIPIENT_UNKNOWN},
    {FOUND_ERROR, SUPPRESSION_MANUAL, ACCEPT, RECIPIENT_PASS},
};

START_TEST(each_answer_of_the_list_has_its_ruling)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct setting_value settings[SETTING_COUNT] = {0};

		settings[SETTING_SUPPRESSION_ON_ERROR].number = rows[i].on_error;
		ck_assert_msg(recipient_rule(settings, rows[i].found, rows[i].reason) ==
				  rows[i].ruling,
			      "row %zu", i);
	}
}
END_TEST

START_TEST(a_tenant_may_leave_the_list_alone)
{
	struct setting_value settings[SETTING_COUNT] = {0};

	ck_assert(!recipient_is_checked(settings));
	settings[SETTING_SUPPRESSION_CHECK].number = 1;
	ck_assert(recipient_is_checked(settings));
}
END_TEST

UNIT_MAIN("tenant_recipient", each_answer_of_the_list_has_its_ruling,
	  a_tenant_may_leave_the_list_alone)
