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

START_TEST(a_tenant_may_leave_the_list_alone_or_to_its_bulk_mail)
{
	struct setting_value settings[SETTING_COUNT] = {0};

	for (int bulk = 0; bulk < 2; bulk++) {
		settings[SETTING_SUPPRESSION_CHECK].number = SUPPRESSION_CHECK_OFF;
		ck_assert(!recipient_is_checked(settings, bulk));
		settings[SETTING_SUPPRESSION_CHECK].number = SUPPRESSION_CHECK_ON;
		ck_assert(recipient_is_checked(settings, bulk));
		settings[SETTING_SUPPRESSION_CHECK].number = SUPPRESSION_CHECK_BULK;
		ck_assert(recipient_is_checked(settings, bulk) == (bulk != 0));
	}
}
END_TEST

enum client {
	TENANTS,
	STRANGER,
};

static const struct {
	enum client client;
	bool is_return;
	size_t recipients;
	enum return_address address;
	enum recipient_ruling ruling;
} directions[] = {
    /* a tenant's mail goes out, unless it is a bounce for us */
    {TENANTS, 0, 0, RETURN_ADDRESS_ELSEWHERE, RECIPIENT_PASS},
    {TENANTS, 0, 3, RETURN_ADDRESS_ELSEWHERE, RECIPIENT_PASS},
    {TENANTS, 0, 0, RETURN_ADDRESS_GENUINE, RECIPIENT_RETURN},
    {TENANTS, 0, 0, RETURN_ADDRESS_COMPLAINTS, RECIPIENT_RETURN},
    {TENANTS, 1, 2, RETURN_ADDRESS_GENUINE, RECIPIENT_RETURN},
    /* never both in one message */
    {TENANTS, 1, 1, RETURN_ADDRESS_ELSEWHERE, RECIPIENT_APART},
    {TENANTS, 0, 1, RETURN_ADDRESS_GENUINE, RECIPIENT_APART},
    {TENANTS, 0, 0, RETURN_ADDRESS_FORGED, RECIPIENT_FORGED},
    {TENANTS, 0, 0, RETURN_ADDRESS_EXPIRED, RECIPIENT_EXPIRED},
    {TENANTS, 0, 0, RETURN_ADDRESS_UNKNOWN, RECIPIENT_UNVERIFIED},
    /* a stranger reaches our return paths, and nothing else */
    {STRANGER, 0, 0, RETURN_ADDRESS_ELSEWHERE, RECIPIENT_STRANGER},
    {STRANGER, 1, 1, RETURN_ADDRESS_ELSEWHERE, RECIPIENT_STRANGER},
    {STRANGER, 0, 0, RETURN_ADDRESS_GENUINE, RECIPIENT_RETURN},
    {STRANGER, 1, 1, RETURN_ADDRESS_GENUINE, RECIPIENT_RETURN},
    {STRANGER, 0, 0, RETURN_ADDRESS_COMPLAINTS, RECIPIENT_RETURN},
    {STRANGER, 0, 0, RETURN_ADDRESS_FORGED, RECIPIENT_FORGED},
    {STRANGER, 1, 1, RETURN_ADDRESS_FORGED, RECIPIENT_FORGED},
    {STRANGER, 0, 0, RETURN_ADDRESS_EXPIRED, RECIPIENT_EXPIRED},
    {STRANGER, 0, 0, RETURN_ADDRESS_UNKNOWN, RECIPIENT_UNVERIFIED},
};

START_TEST(each_recipient_has_its_direction)
{
	for (size_t i = 0; i < COUNT(directions); i++) {
		struct recipient_facts facts = {directions[i].client == STRANGER,
						directions[i].is_return, directions[i].recipients,
						directions[i].address};

		ck_assert_msg(recipient_rule_direction(&facts) == directions[i].ruling, "row %zu",
			      i);
	}
}
END_TEST

UNIT_MAIN("tenant_recipient", each_recipient_has_its_direction,
	  each_answer_of_the_list_has_its_ruling,
	  a_tenant_may_leave_the_list_alone_or_to_its_bulk_mail)
