/* SPDX-License-Identifier: BSD-2-Clause */
/* What a bounce does: once for its message and recipient, and only as much as it proves. */
#include "common/bounces.h"
#include "tests/unit/store_fixture.h"
#include "tests/unit/unit.h"

#define NOW 1795500000

static struct config *config;
static struct suppressions *list;
static struct bounce_limits limits;

static void start(void)
{
	char text[1024];

	fixture_make_directory();
	snprintf(text, sizeof(text),
		 "suppression = %s/list.db\nsuppression.key_file = %s/key\n"
		 "suppression.key_file_group = nogroup\n",
		 fixture_directory, fixture_directory);
	ck_ok(config_parse("test", text, strlen(text), &config, &fixture_error));
	ck_ok(suppressions_open(config, STORE_CREATE, &list, &fixture_error));
	limits = (struct bounce_limits){.now = NOW, .soft = 3, .soft_days = 7, .keep_days = 30};
}

static void stop(void)
{
	suppressions_close(list);
	config_free(config);
	fixture_stop();
}

/* A bounce about jane's copy of this message of tenant 1. */
static enum bounce_effect take(uint64_t message, enum bounce_class class, bool sure)
{
	struct return_path path = {.tenant_id = 1, .message = message};
	struct bounce_finding finding = {.path = &path, .class = class, .sure = sure, .note = "no"};
	enum bounce_effect effect;
	struct mailbox jane;

	ck_ok(mailbox_parse("jane@example.net", &jane, &fixture_error));
	finding.address = &jane;
	ck_ok(bounces_take(list, &limits, &finding, &effect, &fixture_error));
	return effect;
}

static bool is_suppressed(int64_t tenant_id, enum suppression_reason *reason_r)
{
	struct mailbox jane;
	enum found found;

	ck_ok(mailbox_parse("jane@example.net", &jane, &fixture_error));
	ck_ok(suppressions_begin(list, &fixture_error));
	found = suppressions_find(list, tenant_id, &jane, reason_r, &fixture_error);
	ck_ok(suppressions_commit(list, &fixture_error));
	return found == FOUND_ONE;
}

static const struct {
	enum bounce_class class;
	bool sure;
	unsigned soft;
	bool suppresses;
	enum suppression_reason reason;
} decisions[] = {
    {BOUNCE_OTHER, 1, 9, 0, SUPPRESSION_SOFT},
    {BOUNCE_AUTOMATIC, 1, 9, 0, SUPPRESSION_SOFT},
    {BOUNCE_POLICY, 1, 9, 0, SUPPRESSION_SOFT},
    {BOUNCE_SOFT, 1, 2, 0, SUPPRESSION_SOFT},
    {BOUNCE_SOFT, 1, 3, 1, SUPPRESSION_SOFT},
    {BOUNCE_HARD, 1, 0, 1, SUPPRESSION_HARD},
    {BOUNCE_UNWANTED, 1, 0, 1, SUPPRESSION_COMPLAINT},
    /* of a recipient that the message may not have had */
    {BOUNCE_HARD, 0, 2, 0, SUPPRESSION_SOFT},
    {BOUNCE_UNWANTED, 0, 1, 0, SUPPRESSION_SOFT},
    {BOUNCE_HARD, 0, 3, 1, SUPPRESSION_SOFT},
};

START_TEST(each_class_has_its_decision)
{
	struct bounce_limits three = {.soft = 3};

	for (size_t i = 0; i < COUNT(decisions); i++) {
		enum suppression_reason reason = SUPPRESSION_SOFT;
		bool suppresses = bounce_suppresses(&three, decisions[i].class, decisions[i].sure,
						    decisions[i].soft, &reason);

		ck_assert_msg(suppresses == decisions[i].suppresses, "row %zu", i);
		ck_assert_msg(!suppresses || reason == decisions[i].reason, "row %zu", i);
	}
}
END_TEST

START_TEST(without_a_limit_soft_bounces_never_suppress)
{
	struct bounce_limits none = {.soft = 0};
	enum suppression_reason reason;

	ck_assert(!bounce_suppresses(&none, BOUNCE_SOFT, true, 1000, &reason));
}
END_TEST

START_TEST(soft_bounces_of_different_messages_add_up_within_their_days)
{
	enum suppression_reason reason;

	start();
	ck_assert_int_eq(take(1, BOUNCE_SOFT, true), BOUNCE_RECORDED);
	limits.now += 8 * 86400; /* the first is too old now */
	ck_assert_int_eq(take(2, BOUNCE_SOFT, true), BOUNCE_RECORDED);
	ck_assert_int_eq(take(3, BOUNCE_SOFT, true), BOUNCE_RECORDED);
	ck_assert(!is_suppressed(1, &reason));
	ck_assert_int_eq(take(4, BOUNCE_SOFT, true), BOUNCE_SUPPRESSED);
	ck_assert(is_suppressed(1, &reason));
	ck_assert_int_eq(reason, SUPPRESSION_SOFT);
	ck_assert(!is_suppressed(2, &reason));
	stop();
}
END_TEST

START_TEST(a_bounce_that_is_replayed_counts_once)
{
	enum suppression_reason reason;

	start();
	ck_assert_int_eq(take(1, BOUNCE_SOFT, true), BOUNCE_RECORDED);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(take(1, BOUNCE_SOFT, true), BOUNCE_REPEATED);
	ck_assert(!is_suppressed(1, &reason));
	stop();
}
END_TEST

START_TEST(a_later_word_that_says_more_counts_and_one_that_says_less_does_not)
{
	enum suppression_reason reason;

	start();
	ck_assert_int_eq(take(1, BOUNCE_SOFT, true), BOUNCE_RECORDED);
	ck_assert_int_eq(take(1, BOUNCE_HARD, true), BOUNCE_SUPPRESSED);
	ck_assert_int_eq(take(1, BOUNCE_SOFT, true), BOUNCE_REPEATED);
	ck_assert_int_eq(take(1, BOUNCE_UNWANTED, true), BOUNCE_SUPPRESSED);
	ck_assert(is_suppressed(1, &reason));
	ck_assert_int_eq(reason, SUPPRESSION_COMPLAINT);
	stop();
}
END_TEST

START_TEST(what_says_nothing_of_the_address_is_not_recorded)
{
	start();
	ck_assert_int_eq(take(1, BOUNCE_OTHER, true), BOUNCE_IGNORED);
	ck_assert_int_eq(take(1, BOUNCE_AUTOMATIC, true), BOUNCE_IGNORED);
	ck_assert_int_eq(take(1, BOUNCE_POLICY, true), BOUNCE_RECORDED);
	stop();
}
END_TEST

START_TEST(an_unproven_recipient_is_never_more_than_softly_bounced)
{
	enum suppression_reason reason;

	start();
	ck_assert_int_eq(take(1, BOUNCE_HARD, false), BOUNCE_RECORDED);
	ck_assert_int_eq(take(1, BOUNCE_UNWANTED, false), BOUNCE_REPEATED);
	ck_assert(!is_suppressed(1, &reason));
	stop();
}
END_TEST

START_TEST(an_address_that_was_let_off_is_not_caught_by_old_bounces)
{
	enum suppression_reason reason;
	struct mailbox jane;

	start();
	ck_ok(mailbox_parse("jane@example.net", &jane, &fixture_error));
	ck_assert_int_eq(take(1, BOUNCE_HARD, true), BOUNCE_SUPPRESSED);
	ck_assert_int_eq(take(2, BOUNCE_SOFT, true), BOUNCE_RECORDED);
	ck_ok(suppressions_begin(list, &fixture_error));
	ck_assert_int_eq(suppressions_remove(list, 1, &jane, &fixture_error), FOUND_ONE);
	ck_ok(suppressions_commit(list, &fixture_error));
	ck_assert_int_eq(take(1, BOUNCE_HARD, true), BOUNCE_REPEATED);
	ck_assert_int_eq(take(3, BOUNCE_SOFT, true), BOUNCE_RECORDED);
	ck_assert_int_eq(take(4, BOUNCE_SOFT, true), BOUNCE_RECORDED);
	ck_assert(!is_suppressed(1, &reason));
	ck_assert_int_eq(take(5, BOUNCE_HARD, true), BOUNCE_SUPPRESSED);
	stop();
}
END_TEST

static void count_row(const struct bounce_row *row, void *context)
{
	unsigned *count = context;

	ck_assert_str_eq(row->address, "jane@example.net");
	++*count;
}

static unsigned listed(void)
{
	unsigned count = 0;

	ck_ok(suppressions_begin(list, &fixture_error));
	ck_ok(bounces_list(list, 0, 100, count_row, &count, &fixture_error));
	ck_ok(suppressions_commit(list, &fixture_error));
	return count;
}

START_TEST(old_bounces_go_and_an_erased_persons_too)
{
	struct mailbox jane;
	size_t rows;

	start();
	take(1, BOUNCE_POLICY, true);
	take(2, BOUNCE_POLICY, true);
	ck_assert_uint_eq(listed(), 2);
	limits.now += 31 * 86400;
	take(3, BOUNCE_POLICY, true);
	ck_assert_uint_eq(listed(), 1);
	ck_ok(mailbox_parse("jane@example.net", &jane, &fixture_error));
	ck_ok(suppressions_erase(list, &jane, true, &rows, &fixture_error));
	ck_assert_uint_eq(listed(), 0);
	stop();
}
END_TEST

UNIT_MAIN("bounces", each_class_has_its_decision, without_a_limit_soft_bounces_never_suppress,
	  soft_bounces_of_different_messages_add_up_within_their_days,
	  a_bounce_that_is_replayed_counts_once,
	  a_later_word_that_says_more_counts_and_one_that_says_less_does_not,
	  what_says_nothing_of_the_address_is_not_recorded,
	  an_unproven_recipient_is_never_more_than_softly_bounced,
	  an_address_that_was_let_off_is_not_caught_by_old_bounces,
	  old_bounces_go_and_an_erased_persons_too)
