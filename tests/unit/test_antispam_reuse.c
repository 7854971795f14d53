/* SPDX-License-Identifier: BSD-2-Clause */
/* Within which bounds a clean verdict serves others. */
#include "milters/content/antispam_reuse.h"
#include "tests/unit/unit.h"
#include <string.h>

static const struct reuse_bounds bounds = {.lifetime_ms = 1000, .messages = 10, .sample = 1000000};

static void make_print(unsigned char print_r[CRYPTO_HASH_BYTES], unsigned number)
{
	memset(print_r, 7, CRYPTO_HASH_BYTES);
	memcpy(print_r, &number, sizeof(number));
}

/* A table in which campaign 1 is proven at now_ms. */
static struct reuse *proven(int64_t now_ms)
{
	struct reuse *reuse = reuse_new();
	unsigned char print[CRYPTO_HASH_BYTES];

	make_print(print, 1);
	for (int i = 0; i < REUSE_PROOFS; i++) {
		ck_assert(!reuse_may(reuse, print, &bounds, now_ms));
		reuse_report(reuse, print, &bounds, true, now_ms);
	}
	return reuse;
}

static bool may(struct reuse *reuse, unsigned number, int64_t now_ms)
{
	unsigned char print[CRYPTO_HASH_BYTES];

	make_print(print, number);
	return reuse_may(reuse, print, &bounds, now_ms);
}

static void report(struct reuse *reuse, bool is_clean, int64_t now_ms)
{
	unsigned char print[CRYPTO_HASH_BYTES];

	make_print(print, 1);
	reuse_report(reuse, print, &bounds, is_clean, now_ms);
}

START_TEST(serves_its_own_campaign_once_that_is_proven)
{
	struct reuse *reuse = proven(5000);

	ck_assert(may(reuse, 1, 5000));
	ck_assert(!may(reuse, 2, 5000));
	reuse_free(reuse);
}
END_TEST

START_TEST(serves_no_longer_than_its_lifetime)
{
	struct reuse *reuse = proven(5000);

	ck_assert(may(reuse, 1, 5999));
	ck_assert(!may(reuse, 1, 6000));
	report(reuse, true, 6000);
	ck_assert_msg(!may(reuse, 1, 6001), "old proofs count no more");
	reuse_free(reuse);
}
END_TEST

START_TEST(serves_no_more_messages_than_its_bound)
{
	struct reuse *reuse = proven(5000);

	for (unsigned i = 0; i < bounds.messages; i++)
		ck_assert(may(reuse, 1, 5000));
	ck_assert(!may(reuse, 1, 5000));
	report(reuse, true, 5001);
	ck_assert(may(reuse, 1, 5001));
	reuse_free(reuse);
}
END_TEST

START_TEST(an_answer_that_is_not_clean_ends_it_and_is_remembered)
{
	struct reuse *reuse = proven(5000);

	report(reuse, false, 5100);
	ck_assert(!may(reuse, 1, 5100));
	for (int i = 0; i < 10; i++)
		report(reuse, true, 5200);
	ck_assert(!may(reuse, 1, 5200));
	for (int i = 0; i < REUSE_PROOFS; i++)
		report(reuse, true, 5100 + REUSE_DISTRUST_MS);
	ck_assert(may(reuse, 1, 5100 + REUSE_DISTRUST_MS));
	reuse_free(reuse);
}
END_TEST

START_TEST(some_are_asked_for_all_the_same)
{
	const struct reuse_bounds often = {.lifetime_ms = 1000, .messages = 1000000, .sample = 10};
	struct reuse *reuse = proven(5000);
	unsigned char print[CRYPTO_HASH_BYTES];
	unsigned asked = 0, gap = 0, gaps[64] = {0};

	make_print(print, 1);
	for (int i = 0; i < 20000; i++) {
		gap++;
		if (reuse_may(reuse, print, &often, 5000))
			continue;
		asked++;
		gaps[gap < COUNT(gaps) ? gap : COUNT(gaps) - 1]++;
		gap = 0;
	}
	ck_assert_msg(asked > 1600 && asked < 2400, "%u of 20000", asked);
	ck_assert_msg(gaps[1] > 50 && gaps[10] < 400, "not by counting: %u, %u", gaps[1], gaps[10]);
	reuse_free(reuse);
}
END_TEST

START_TEST(nothing_is_reused_where_the_setting_says_so)
{
	const struct reuse_bounds never = {.lifetime_ms = 0, .messages = 10, .sample = 1000};
	struct reuse *reuse = proven(5000);
	unsigned char print[CRYPTO_HASH_BYTES];

	make_print(print, 1);
	ck_assert(!reuse_may(reuse, print, &never, 5000));
	reuse_report(reuse, print, &never, true, 5000);
	reuse_free(reuse);
}
END_TEST

START_TEST(other_campaigns_take_no_more_than_their_places)
{
	struct reuse *reuse = proven(5000);
	unsigned char print[CRYPTO_HASH_BYTES];
	unsigned kept = 0;

	for (unsigned number = 2; number < 10 * REUSE_CAMPAIGNS_MAX; number++) {
		make_print(print, number);
		for (int i = 0; i < REUSE_PROOFS; i++)
			reuse_report(reuse, print, &bounds, true, 5000 + number / 1000);
	}
	for (unsigned number = 2; number < 10 * REUSE_CAMPAIGNS_MAX; number++)
		kept += may(reuse, number, 5100);
	ck_assert_uint_le(kept, REUSE_CAMPAIGNS_MAX);
	ck_assert_uint_gt(kept, REUSE_CAMPAIGNS_MAX / 2);
	reuse_free(reuse);
}
END_TEST

START_TEST(what_is_distrusted_is_not_forgotten_for_others)
{
	struct reuse *reuse = proven(5000);
	unsigned char print[CRYPTO_HASH_BYTES];

	report(reuse, false, 5000);
	for (unsigned number = 2; number < 10 * REUSE_CAMPAIGNS_MAX; number++) {
		make_print(print, number);
		reuse_report(reuse, print, &bounds, number % 2 == 0, 5001 + number / 1000);
	}
	for (int i = 0; i < REUSE_PROOFS; i++)
		report(reuse, true, 5300);
	ck_assert(!may(reuse, 1, 5300));
	reuse_free(reuse);
}
END_TEST

UNIT_MAIN("antispam_reuse", serves_its_own_campaign_once_that_is_proven,
	  serves_no_longer_than_its_lifetime, serves_no_more_messages_than_its_bound,
	  an_answer_that_is_not_clean_ends_it_and_is_remembered, some_are_asked_for_all_the_same,
	  nothing_is_reused_where_the_setting_says_so,
	  other_campaigns_take_no_more_than_their_places,
	  what_is_distrusted_is_not_forgotten_for_others)
