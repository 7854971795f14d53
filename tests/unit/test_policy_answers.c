/* SPDX-License-Identifier: BSD-2-Clause */
/* Kept answers: given while nothing has changed, to the very question, and as many as are asked for. */
#include "common/policy_answers.h"
#include "tests/unit/unit.h"
#include <pthread.h>
#include <stdio.h>

static const struct ip client = {{[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1}};
static const struct ip other_client = {{[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 2}};

static struct policy_kept kept_of(enum tenant_state best)
{
	return (struct policy_kept){.client = FOUND_ONE, .best = best};
}

static bool given(struct policy_answers *answers, const struct policy_question *question)
{
	struct policy_kept kept = {0};

	return policy_answers_get(answers, question, &kept) && kept.client == FOUND_ONE;
}

START_TEST(gives_the_answer_to_the_very_question_only)
{
	static const struct policy_question kept_ones[] = {
	    {&client, "a.example", 7, 1}, {&client, NULL, 7, 1}, {&client, "", 7, 1}};
	static const struct policy_question others[] = {
	    {&other_client, "a.example", 7, 1}, {&client, "a.exampl", 7, 1},
	    {&client, "a.examplex", 7, 1},      {&other_client, NULL, 7, 1},
	    {&other_client, "", 7, 1},          {&client, "b.example", 7, 1}};
	struct policy_answers *answers = policy_answers_new();
	struct policy_kept kept;

	for (size_t i = 0; i < COUNT(kept_ones); i++) {
		ck_assert(!given(answers, &kept_ones[i]));
		kept = kept_of((enum tenant_state)i);
		policy_answers_put(answers, &kept_ones[i], &kept);
	}
	for (size_t i = 0; i < COUNT(kept_ones); i++) {
		ck_assert(policy_answers_get(answers, &kept_ones[i], &kept));
		ck_assert_int_eq(kept.best, (enum tenant_state)i);
	}
	for (size_t i = 0; i < COUNT(others); i++)
		ck_assert_msg(!given(answers, &others[i]), "%zu", i);
	policy_answers_free(answers);
}
END_TEST

START_TEST(an_answer_ends_with_its_generation_and_its_file)
{
	struct policy_answers *answers = policy_answers_new();
	struct policy_kept kept = kept_of(TENANT_ACTIVE);
	struct policy_question question = {&client, "a.example", 7, 1};

	policy_answers_put(answers, &question, &kept);
	question.generation = 8;
	ck_assert(!given(answers, &question));
	question.generation = 7;
	question.epoch = 2;
	ck_assert(!given(answers, &question));
	question.epoch = 1;
	ck_assert(given(answers, &question));
	question.generation = 8;
	policy_answers_put(answers, &question, &kept);
	ck_assert(given(answers, &question));
	question.generation = 7;
	ck_assert(!given(answers, &question));
	policy_answers_free(answers);
}
END_TEST

START_TEST(nothing_is_known_before_the_first_file)
{
	struct policy_answers *answers = policy_answers_new();
	struct policy_question question = {&(struct ip){{0}}, "", 0, 0};

	ck_assert(!given(answers, &question));
	policy_answers_free(answers);
}
END_TEST

START_TEST(a_domain_too_long_to_be_kept_is_asked_anew)
{
	struct policy_answers *answers = policy_answers_new();
	struct policy_kept kept = kept_of(TENANT_ACTIVE);
	char domain[254];
	struct policy_question question = {&client, domain, 7, 1};

	snprintf(domain, sizeof(domain), "%0249d.com", 1);
	policy_answers_put(answers, &question, &kept);
	ck_assert(!given(answers, &question));
	policy_answers_free(answers);
}
END_TEST

static struct policy_question numbered(unsigned at, char domain[32])
{
	snprintf(domain, 32, "t%u.example", at);
	return (struct policy_question){&client, domain, 7, 1};
}

/* Asks `count` questions, keeping the answers that are not there; how many were. */
static unsigned ask_all(struct policy_answers *answers, unsigned from, unsigned count)
{
	struct policy_kept kept = kept_of(TENANT_ACTIVE);
	unsigned there = 0;
	char domain[32];

	for (unsigned at = from; at < from + count; at++) {
		struct policy_question question = numbered(at, domain);

		if (given(answers, &question))
			there++;
		else
			policy_answers_put(answers, &question, &kept);
	}
	return there;
}

START_TEST(keeps_two_answers_for_each_of_100000_tenants)
{
	struct policy_answers *answers = policy_answers_new();

	ck_assert_uint_eq(ask_all(answers, 0, 200000), 0);
	ck_assert_uint_ge(ask_all(answers, 0, 200000), 198000);
	ck_assert_uint_ge(ask_all(answers, 0, 200000), 199000);
	policy_answers_free(answers);
}
END_TEST

START_TEST(makes_room_when_there_are_more_than_it_may_keep)
{
	struct policy_answers *answers = policy_answers_new();

	ask_all(answers, 0, 900000);
	ck_assert_uint_ge(ask_all(answers, 890000, 10000), 9500);
	policy_answers_free(answers);
}
END_TEST

static void *ask_on(void *context)
{
	ask_all(context, 0, 50000);
	ask_all(context, 0, 50000);
	return NULL;
}

START_TEST(threads_ask_while_it_grows)
{
	struct policy_answers *answers = policy_answers_new();
	pthread_t threads[4];

	for (size_t i = 0; i < COUNT(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_on, answers), 0);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_ge(ask_all(answers, 0, 50000), 49500);
	policy_answers_free(answers);
}
END_TEST

UNIT_MAIN("policy_answers", gives_the_answer_to_the_very_question_only,
	  an_answer_ends_with_its_generation_and_its_file, nothing_is_known_before_the_first_file,
	  a_domain_too_long_to_be_kept_is_asked_anew, keeps_two_answers_for_each_of_100000_tenants,
	  makes_room_when_there_are_more_than_it_may_keep, threads_ask_while_it_grows)
