/* SPDX-License-Identifier: BSD-2-Clause */
/* Who waits for SPF, how long, and for whom no room is; the evaluations are scripted. */
#include "common/clock.h"
#include "common/egress_choice.h"
#include "common/log.h"
#include "tests/unit/unit.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Senders of pass.example … get that result; those of hang.example wait until `open`. */
static struct script {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool open;
	unsigned evaluated;
	struct spf_preflight *preflight;
	struct ip address;
} script = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void evaluate(void *context, const struct spf_question *question,
		     struct spf_outcome *outcome_r)
{
	const char *domain = strchr(question->sender, '@') + 1;
	char client[IP_TEXT_SIZE];

	(void)context;
	ip_format(&question->client, client);
	*outcome_r = (struct spf_outcome){.result = SPF_TEMPERROR, .ttl = 60, .is_dns_down = true};
	pthread_mutex_lock(&script.lock);
	script.evaluated++;
	while (strncmp(domain, "hang", 4) == 0 && !script.open)
		pthread_cond_wait(&script.changed, &script.lock);
	pthread_mutex_unlock(&script.lock);
	if (strncmp(domain, "dead", 4) == 0)
		return;
	outcome_r->is_dns_down = false;
	outcome_r->result = strcmp(client, "192.0.2.9") == 0 ? SPF_PASS : SPF_FAIL;
	outcome_r->record = strdup("v=spf1 -all");
}

static void let_go(void *context)
{
	(void)context;
	pthread_mutex_lock(&script.lock);
	script.open = true;
	pthread_cond_broadcast(&script.changed);
	pthread_mutex_unlock(&script.lock);
}

static void nothing(void *context)
{
	(void)context;
}

static void start(void)
{
	static const struct spf_evaluator evaluator = {evaluate, let_go, nothing, NULL};
	struct error err;

	log_open("test_spf_preflight", LOG_TARGET_STDERR);
	ck_assert(ip_parse("192.0.2.9", &script.address, &err));
	ck_assert_msg(spf_preflight_with(&evaluator, 4096, &script.preflight, &err), "%s",
		      err.text);
}

static struct mailbox sender_of(const char *text)
{
	struct mailbox sender;
	struct error err;

	ck_assert_msg(mailbox_parse(text, &sender, &err), "%s", err.text);
	return sender;
}

static enum spf_result peek(const char *text)
{
	struct mailbox sender = sender_of(text);

	return spf_preflight_peek(script.preflight, &sender, &script.address);
}

static enum spf_result ask(const char *text, int wait_ms)
{
	struct mailbox sender = sender_of(text);

	return spf_preflight_ask(script.preflight, &sender, &script.address, clock_ms() + wait_ms);
}

static unsigned evaluated(void)
{
	unsigned count;

	pthread_mutex_lock(&script.lock);
	count = script.evaluated;
	pthread_mutex_unlock(&script.lock);
	return count;
}

START_TEST(a_peek_asks_and_is_answered_later)
{
	int64_t until = clock_ms() + 10000;

	start();
	ck_assert_int_eq(peek("a@x.example"), SPF_TEMPERROR);
	while (peek("b@x.example") != SPF_PASS && clock_ms() < until)
		usleep(1000);
	ck_assert_int_eq(peek("c@x.example"), SPF_PASS);
	ck_assert_uint_eq(evaluated(), 1);
	spf_preflight_free(script.preflight);
}
END_TEST

START_TEST(who_asks_gets_the_answer_that_a_peek_has_asked_for)
{
	start();
	peek("a@x.example");
	ck_assert_int_eq(ask("b@x.example", 10000), SPF_PASS);
	ck_assert_uint_eq(evaluated(), 1);
	spf_preflight_free(script.preflight);
}
END_TEST

START_TEST(an_evaluation_that_hangs_is_waited_for_once)
{
	int64_t before;

	start();
	before = clock_ms();
	ck_assert_int_eq(ask("a@hang.example", 100), SPF_TEMPERROR);
	ck_assert_int_ge(clock_ms() - before, 100);
	before = clock_ms();
	ck_assert_int_eq(ask("a@hang.example", 30000), SPF_TEMPERROR);
	ck_assert_int_lt(clock_ms() - before, 10000);
	let_go(NULL);
	before = clock_ms();
	while (peek("a@hang.example") != SPF_PASS && clock_ms() - before < 10000)
		usleep(1000);
	ck_assert_int_eq(ask("a@hang.example", 0), SPF_PASS);
	spf_preflight_free(script.preflight);
}
END_TEST

START_TEST(nobody_waits_while_dns_answers_for_no_domain)
{
	int64_t before;

	start();
	for (int i = 0; i < 3; i++) {
		char text[32];

		snprintf(text, sizeof(text), "a@dead%d.example", i);
		ck_assert_int_eq(ask(text, 10000), SPF_TEMPERROR);
	}
	before = clock_ms();
	ck_assert_int_eq(ask("a@hang.example", 30000), SPF_TEMPERROR);
	ck_assert_int_lt(clock_ms() - before, 10000);
	let_go(NULL);
	before = clock_ms();
	while (peek("a@hang.example") != SPF_PASS && clock_ms() - before < 10000)
		usleep(1000);
	ck_assert_int_eq(ask("a@alive.example", 10000), SPF_PASS);
	spf_preflight_free(script.preflight);
}
END_TEST

START_TEST(one_broken_domain_is_no_dead_dns)
{
	start();
	for (int i = 0; i < 5; i++) {
		struct mailbox sender = sender_of("a@dead.example");
		struct ip other = script.address;

		other.bytes[15] = (unsigned char)(100 + i);
		spf_preflight_ask(script.preflight, &sender, &other, clock_ms() + 10000);
	}
	ck_assert_uint_eq(evaluated(), 5);
	ck_assert_int_eq(ask("a@x.example", 10000), SPF_PASS);
	spf_preflight_free(script.preflight);
}
END_TEST

START_TEST(the_queue_is_bounded_and_what_is_dropped_comes_again)
{
	char text[32];

	start();
	for (int i = 0; i < SPF_QUEUE_MAX + 100; i++) {
		snprintf(text, sizeof(text), "a@hang%d.example", i);
		ck_assert_int_eq(peek(text), SPF_TEMPERROR);
	}
	ck_assert_int_eq(ask("a@late.example", 30000), SPF_TEMPERROR); /* no room: no wait */
	let_go(NULL);
	for (int64_t until = clock_ms() + 10000; clock_ms() < until; usleep(1000)) {
		if (peek("a@late.example") == SPF_PASS)
			break;
	}
	ck_assert_int_eq(peek("a@late.example"), SPF_PASS);
	spf_preflight_free(script.preflight);
}
END_TEST

START_TEST(the_end_waits_for_nobody)
{
	int64_t before;

	start();
	peek("a@hang.example");
	while (evaluated() == 0)
		usleep(1000);
	before = clock_ms();
	spf_preflight_free(script.preflight);
	ck_assert_int_lt(clock_ms() - before, 5000);
	spf_preflight_free(NULL);
}
END_TEST

START_TEST(the_record_of_a_fail_is_kept)
{
	struct mailbox sender = sender_of("a@x.example");
	struct ip other;
	struct error err;
	char *record;

	start();
	ck_assert(ip_parse("192.0.2.8", &other, &err));
	ck_assert_ptr_null(spf_preflight_record(script.preflight, &sender, &other));
	ck_assert_int_eq(spf_preflight_ask(script.preflight, &sender, &other, clock_ms() + 10000),
			 SPF_FAIL);
	record = spf_preflight_record(script.preflight, &sender, &other);
	ck_assert_str_eq(record, "v=spf1 -all");
	free(record);
	spf_preflight_free(script.preflight);
}
END_TEST

START_TEST(the_choice_is_an_address_that_passes)
{
	static const char *const texts[] = {"192.0.2.7", "192.0.2.8", "192.0.2.9"};
	struct egress_set *set = egress_set_new(COUNT(texts));
	struct mailbox sender = sender_of("a@x.example");
	struct egress_choice choice;
	struct error err;

	start();
	for (size_t i = 0; i < COUNT(texts); i++) {
		ck_assert(ip_parse(texts[i], &set->ips[i].address, &err));
		set->ips[i].weight = 100;
	}
	egress_choose(script.preflight, set, &sender, 10000, &choice);
	ck_assert_ptr_eq(choice.ip, &set->ips[2]);
	ck_assert_int_eq(choice.spf, SPF_PASS);
	set->ips[2].state = EGRESS_DOWN;
	egress_choose(script.preflight, set, &sender, 10000, &choice);
	ck_assert_ptr_eq(choice.ip, egress_select(set, "a@x.example"));
	ck_assert_int_eq(choice.spf, SPF_FAIL);
	egress_choose(NULL, set, &sender, 10000, &choice);
	ck_assert_ptr_eq(choice.ip, egress_select(set, "a@x.example"));
	ck_assert_int_eq(choice.spf, SPF_TEMPERROR);
	set->ips[0].state = set->ips[1].state = EGRESS_DOWN;
	egress_choose(script.preflight, set, &sender, 0, &choice);
	ck_assert_ptr_null(choice.ip);
	egress_set_free(set);
	spf_preflight_free(script.preflight);
}
END_TEST

static void *ask_many(void *context)
{
	char text[32];

	(void)context;
	for (int i = 0; i < 2000; i++) {
		snprintf(text, sizeof(text), "a@x%d.example", i % 50);
		ck_assert_int_eq(i % 2 ? ask(text, 10000) : (peek(text), SPF_PASS), SPF_PASS);
	}
	return NULL;
}

START_TEST(many_threads_may_ask)
{
	pthread_t threads[6];

	start();
	for (size_t i = 0; i < COUNT(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_many, NULL), 0);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(evaluated(), 50);
	spf_preflight_free(script.preflight);
}
END_TEST

UNIT_MAIN("spf_preflight", a_peek_asks_and_is_answered_later,
	  who_asks_gets_the_answer_that_a_peek_has_asked_for,
	  an_evaluation_that_hangs_is_waited_for_once, nobody_waits_while_dns_answers_for_no_domain,
	  one_broken_domain_is_no_dead_dns, the_queue_is_bounded_and_what_is_dropped_comes_again,
	  the_end_waits_for_nobody, the_record_of_a_fail_is_kept,
	  the_choice_is_an_address_that_passes, many_threads_may_ask)
