/* SPDX-License-Identifier: BSD-2-Clause */
/* The chain behind the runner, driven by a fake libmilter: whatever comes in whatever order. */
#include "common/log.h"
#include "milters/chain/headers.h"
#include "milters/chain/runner.h"
#include "tests/chain/fake_milter.h"
#include "tests/chain/script_filter.h"
#include <check.h>
#include <libmilter/mfdef.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* SMFIF_ADDHDRS and SMFIF_CHGHDRS */
#define ADD_HEADERS    0x01ul
#define CHANGE_HEADERS 0x10ul

static const struct filter *const filters[] = {&script_filter, &count_filter};
static const struct chain_limits usual_limits = {100, 8, 5000, 200000, 1000000};
static struct chain *chain;

static void start_chain(const struct filter *const *table, size_t count, struct chain_limits limits)
{
	/* No filter of these tests asks the context for anything. */
	static const struct filter_context context;
	struct error err;

	script_reset();
	ck_assert_msg(chain_new(table, count, &context, &limits, &chain, &err), "%s", err.text);
	ck_assert_msg(runner_open(chain, 0, &err), "%s", err.text);
}

static void start_usual(void)
{
	log_open("test_chain", LOG_TARGET_STDERR);
	ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
	start_chain(filters, 2, usual_limits);
}

static void stop(void)
{
	ck_assert_uint_eq(gate_sessions(chain->gate), 0);
	ck_assert_uint_eq(gate_busy(chain->gate), 0);
	ck_assert_int_eq(script_news, script_frees);
	chain_free(chain);
	chain = NULL;
}

static struct fake_session *open_session(void)
{
	struct fake_session *session = fake_session_new();

	ck_assert_int_eq(fake_negotiate(session, 0, 0), FAKE_CONTINUE);
	fake_connect(session, "192.0.2.1");
	fake_helo(session, "mail.example.org");
	session->queue_id = "4X1";
	return session;
}

static void close_session(struct fake_session *session)
{
	fake_close(session);
	fake_session_free(session);
}

/* From MAIL to the end of data. */
static enum fake_answer send_message(struct fake_session *session)
{
	fake_headers_clear(session);
	if (fake_mail(session, "<a@example.org>") != FAKE_CONTINUE)
		return FAKE_OTHER;
	fake_rcpt(session, "<good@example.net>");
	fake_data(session);
	fake_header(session, "From", " a@example.org");
	fake_header(session, "Subject", " one");
	fake_eoh(session);
	fake_body(session, "text\r\n");
	return fake_eom(session);
}

static void expect_decision(const char *queue_id, enum decision_verdict verdict, const char *filter)
{
	struct decision decision;

	ck_assert(recent_find(chain->recent, queue_id, &decision));
	ck_assert_str_eq(decision_verdict_name(decision.verdict), decision_verdict_name(verdict));
	ck_assert_str_eq(decision.filter, filter);
}

START_TEST(lets_a_message_pass_and_keeps_its_decision)
{
	struct fake_session *session = open_session();
	struct decision decision;

	ck_assert_int_eq(send_message(session), FAKE_CONTINUE);
	expect_decision("4X1", DECISION_ACCEPT, "");
	ck_assert(recent_find(chain->recent, "4X1", &decision));
	ck_assert_str_eq(decision.sender, "a@example.org");
	ck_assert_str_eq(decision.client, "192.0.2.1");
	ck_assert_str_eq(decision.helo, "mail.example.org");
	ck_assert_uint_eq(decision.recipients, 1);
	ck_assert_int_eq(decision.code, 250);
	close_session(session);
}
END_TEST

START_TEST(serves_several_messages_in_a_session)
{
	struct fake_session *session = open_session();

	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(send_message(session), FAKE_CONTINUE);
	ck_assert_int_eq(script_news, 5);
	ck_assert_int_eq(script_frees, 5);
	ck_assert_int_eq(script_calls[SCRIPT_EOM], 5);
	close_session(session);
}
END_TEST

/* One step of a session; the sender and the rest are always the same. */
static enum fake_answer step(struct fake_session *session, int event)
{
	switch (event) {
	case 0:
		return fake_mail(session, "<a@example.org>");
	case 1:
		return fake_rcpt(session, "<b@example.net>");
	case 2:
		return fake_data(session);
	case 3:
		return fake_header(session, "From", " a@example.org");
	case 4:
		return fake_eoh(session);
	case 5:
		return fake_body(session, "x");
	case 6:
		return fake_eom(session);
	default:
		fake_abort(session);
		return FAKE_NOREPLY;
	}
}

/* Runs the events that the digits of `sequence` (base 8) say; counts the MAILs. */
static int run_sequence(int sequence, int length)
{
	struct fake_session *session = open_session();
	bool in_message = false;
	int mails = 0;

	for (int i = 0; i < length; i++, sequence /= 8) {
		int event = sequence % 8;
		enum fake_answer answer = step(session, event);

		if (event == 0) {
			mails++;
			in_message = answer == FAKE_CONTINUE;
		}
		/* Nothing passes that the filters have not seen from MAIL on. */
		if (event == 6 && !in_message)
			ck_assert_int_ne(answer, FAKE_CONTINUE);
		if (event == 6 || event == 7 ||
		    ((event == 4 || event == 2) && answer != FAKE_CONTINUE))
			in_message = false;
	}
	close_session(session);
	return mails;
}

START_TEST(survives_every_order_of_events)
{
	int mails = 0;

	for (int sequence = 0; sequence < 8 * 8 * 8 * 8 * 8; sequence++)
		mails += run_sequence(sequence, 5);
	ck_assert_int_eq(script_news, mails);
	ck_assert_uint_eq(chain->messages, (uint64_t)mails);
}
END_TEST

START_TEST(survives_every_order_of_events_with_a_verdict_anywhere)
{
	int mails = 0;

	script.verdict[_i / 3] = (enum verdict)(VERDICT_REJECT + _i % 3);
	for (int sequence = 0; sequence < 8 * 8 * 8 * 8; sequence++)
		mails += run_sequence(sequence, 4);
	ck_assert_int_eq(script_news, mails);
	ck_assert_uint_eq(chain->messages, (uint64_t)mails);
}
END_TEST

/* What the MTA hears, and at which event, when a filter refuses at each one. */
static const struct {
	enum script_event at;
	int answered_at; /* as in step */
} places[] = {
    {SCRIPT_MAIL, 0}, {SCRIPT_DATA, 2}, {SCRIPT_EOH, 4}, {SCRIPT_BODY, 6}, {SCRIPT_EOM, 6},
};

START_TEST(tells_a_verdict_where_the_mta_listens)
{
	struct fake_session *session = open_session();

	script.verdict[places[_i].at] = VERDICT_REJECT;
	script.text = "100% spam";
	for (int event = 0; event <= places[_i].answered_at; event++) {
		enum fake_answer answer = step(session, event);

		if (event == places[_i].answered_at)
			ck_assert_int_eq(answer, FAKE_REJECT);
		else
			ck_assert(answer == FAKE_CONTINUE || answer == FAKE_NOREPLY);
	}
	ck_assert_str_eq(session->code, "550");
	ck_assert_str_eq(session->status, "5.7.9");
	ck_assert_str_eq(session->text, "100%% spam");
	expect_decision("4X1", DECISION_REJECT, "script");
	ck_assert_int_eq(script_frees, 1);
	ck_assert_int_eq(script_calls[SCRIPT_EOM], 0);
	close_session(session);
}
END_TEST

START_TEST(refuses_one_recipient_only)
{
	struct fake_session *session = open_session();
	struct decision decision;

	script.verdict[SCRIPT_RCPT] = VERDICT_REJECT;
	script.text = "no such user";
	ck_assert_int_eq(fake_mail(session, "<a@example.org>"), FAKE_CONTINUE);
	ck_assert_int_eq(fake_rcpt(session, "<good@example.net>"), FAKE_CONTINUE);
	ck_assert_int_eq(fake_rcpt(session, "<bad@example.net>"), FAKE_REJECT);
	ck_assert_str_eq(session->text, "no such user");
	ck_assert_int_eq(fake_rcpt(session, "<not an address"), FAKE_REJECT);
	ck_assert_str_eq(session->status, "5.1.3");
	ck_assert_int_eq(fake_rcpt(session, "<good@example.net>"), FAKE_CONTINUE);
	fake_data(session);
	fake_eoh(session);
	ck_assert_int_eq(fake_eom(session), FAKE_CONTINUE);
	expect_decision("4X1", DECISION_ACCEPT, "");
	ck_assert(recent_find(chain->recent, "4X1", &decision));
	ck_assert_uint_eq(decision.recipients, 2);
	ck_assert_str_eq(decision.text, "");
	close_session(session);
}
END_TEST

START_TEST(records_a_message_that_the_client_left)
{
	struct fake_session *session = open_session();

	fake_mail(session, "<a@example.org>");
	fake_data(session);
	fake_header(session, "From", " a@example.org");
	close_session(session);
	expect_decision("4X1", DECISION_NONE, "");
}
END_TEST

START_TEST(mail_after_mail_ends_the_first)
{
	struct fake_session *session = open_session();

	fake_mail(session, "<a@example.org>");
	session->queue_id = "4X2";
	fake_mail(session, "<a@example.org>");
	ck_assert_int_eq(script_frees, 1);
	expect_decision("4X1", DECISION_NONE, "");
	ck_assert(!recent_find(chain->recent, "4X2", &(struct decision){.code = 0}));
	close_session(session);
}
END_TEST

START_TEST(filters_see_the_end_of_headers_even_if_the_mta_leaves_it_out)
{
	struct fake_session *session = open_session();

	script.verdict[SCRIPT_EOH] = VERDICT_REJECT;
	fake_mail(session, "<a@example.org>");
	ck_assert_int_eq(fake_eom(session), FAKE_REJECT);
	close_session(session);
}
END_TEST

START_TEST(a_client_without_address_is_451)
{
	struct fake_session *session = fake_session_new();

	fake_negotiate(session, 0, 0);
	fake_connect(session, _i == 0 ? NULL : "a unix socket");
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(fake_mail(session, "<a@example.org>"), FAKE_TEMPFAIL);
		ck_assert_str_eq(session->code, "451");
		ck_assert_str_eq(session->status, "4.3.0");
	}
	ck_assert_int_eq(script_calls[SCRIPT_MAIL], 0);
	close_session(session);
}
END_TEST

START_TEST(a_sender_that_is_no_address_is_550)
{
	static const char *const senders[] = {"<root>", "<a@[192.0.2.1]>", "<a@b", "a@b@c.example",
					      "<\"a@example.org>"};
	struct fake_session *session = open_session();

	ck_assert_int_eq(fake_mail(session, senders[_i]), FAKE_REJECT);
	ck_assert_str_eq(session->status, "5.1.7");
	expect_decision("4X1", DECISION_REJECT, "chain");
	close_session(session);
}
END_TEST

START_TEST(an_event_without_a_message_is_451)
{
	struct fake_session *session = open_session();

	ck_assert_int_eq(fake_eoh(session), FAKE_TEMPFAIL);
	ck_assert_int_eq(fake_eom(session), FAKE_TEMPFAIL);
	ck_assert_int_eq(send_message(session), FAKE_CONTINUE);
	ck_assert_int_eq(fake_eom(session), FAKE_TEMPFAIL);
	close_session(session);
}
END_TEST

START_TEST(a_session_without_connect_is_451)
{
	struct fake_session *session = fake_session_new();

	fake_negotiate(session, 0, 0);
	fake_helo(session, "x");
	ck_assert_int_eq(fake_mail(session, "<a@example.org>"), FAKE_TEMPFAIL);
	ck_assert_int_eq(fake_eom(session), FAKE_TEMPFAIL);
	close_session(session);
}
END_TEST

START_TEST(sessions_beyond_the_limit_are_451)
{
	struct fake_session *sessions[3];

	chain_free(chain);
	start_chain(filters, 2, (struct chain_limits){2, 8, 5000, 200000, 1000000});
	for (int i = 0; i < 3; i++)
		sessions[i] = open_session();
	ck_assert_int_eq(send_message(sessions[1]), FAKE_CONTINUE);
	ck_assert_int_eq(fake_mail(sessions[2], "<a@example.org>"), FAKE_TEMPFAIL);
	ck_assert_str_eq(sessions[2]->status, "4.3.2");
	ck_assert_int_eq(fake_rcpt(sessions[2], "<good@example.net>"), FAKE_TEMPFAIL);
	ck_assert_int_eq(fake_eom(sessions[2]), FAKE_TEMPFAIL);
	for (int i = 0; i < 3; i++)
		close_session(sessions[i]);
	sessions[0] = open_session();
	ck_assert_int_eq(send_message(sessions[0]), FAKE_CONTINUE);
	close_session(sessions[0]);
}
END_TEST

START_TEST(refuses_too_many_octets_of_headers)
{
	struct fake_session *session = open_session();
	static char value[100001];

	memset(value, 'x', sizeof(value) - 1);
	fake_mail(session, "<a@example.org>");
	fake_header(session, "X-One", value);
	ck_assert_int_eq(script_frees, 0);
	fake_header(session, "X-Two", value);
	ck_assert_int_eq(script_frees, 1);
	fake_header(session, "X-Three", "after the verdict");
	ck_assert_int_eq(fake_eoh(session), FAKE_REJECT);
	ck_assert_str_eq(session->status, "5.3.4");
	expect_decision("4X1", DECISION_REJECT, "chain");
	ck_assert_int_eq(send_message(session), FAKE_CONTINUE);
	close_session(session);
}
END_TEST

START_TEST(refuses_too_many_headers)
{
	struct fake_session *session = open_session();

	fake_mail(session, "<a@example.org>");
	for (int i = 0; i < HEADERS_COUNT_MAX; i++)
		fake_header(session, "X", " y");
	ck_assert_int_eq(script_frees, 0);
	fake_header(session, "X", " y");
	ck_assert_int_eq(fake_eoh(session), FAKE_REJECT);
	close_session(session);
}
END_TEST

static void expect_headers(const struct fake_session *session, const char *expected)
{
	char *text = fake_headers_text(session);

	ck_assert_str_eq(text, expected);
	free(text);
}

/* Sends these headers, which `change` then changes. */
static void send_headers(struct fake_session *session, void (*change)(struct message *message))
{
	script.change = change;
	fake_mail(session, "<a@example.org>");
	fake_rcpt(session, "<good@example.com>");
	fake_header(session, "Received", " one");
	fake_header(session, "X-A", " 1");
	fake_header(session, "x-a", "\t2");
	fake_header(session, "X-B", " folded\n\tvalue ");
	fake_header(session, "X-A", "3");
	fake_eoh(session);
}

static void change_all_kinds(struct message *message)
{
	size_t at;

	ck_assert(message_header_find(message, "x-A", 2, &at));
	ck_assert_uint_eq(at, 2);
	message_header_replace(message, 4, "three");
	message_header_delete(message, 1);
	message_header_insert(message, 0, "X-Top", "top");
	message_header_insert(message, 2, "X-Mid", "folded\n value\r\nInjected: no");
	message_header_add(message, "X-End", "end");
	message_header_insert(message, 1, "X-Gone", "gone");
	message_header_delete(message, 1);
	ck_assert_uint_eq(message_header_count(message), 7);
	ck_assert_str_eq(message_header_at(message, 3)->value, "\t2");
	ck_assert_ptr_null(message_header_at(message, 7));
}

START_TEST(changes_headers_and_leaves_the_others_octet_for_octet)
{
	struct fake_session *session = open_session();

	send_headers(session, change_all_kinds);
	ck_assert_int_eq(fake_eom(session), FAKE_CONTINUE);
	expect_headers(session, "X-Top: top\nReceived: one\nX-Mid: folded\n value Injected: no\n"
				"x-a:\t2\nX-B: folded\n\tvalue \nX-A: three\nX-End: end\n");
	close_session(session);
}
END_TEST

static void delete_all(struct message *message)
{
	while (message_header_count(message) > 0)
		message_header_delete(message, 0);
	message_header_insert(message, 9, "X-Only", "one");
}

START_TEST(deletes_every_header)
{
	struct fake_session *session = open_session();

	send_headers(session, delete_all);
	ck_assert_int_eq(fake_eom(session), FAKE_CONTINUE);
	expect_headers(session, "X-Only: one\n");
	close_session(session);
}
END_TEST

START_TEST(changes_nothing_of_a_refused_message)
{
	struct fake_session *session = open_session();

	script.verdict[SCRIPT_EOM] = VERDICT_REJECT;
	send_headers(session, delete_all);
	ck_assert_int_eq(fake_eom(session), FAKE_REJECT);
	ck_assert_uint_eq(session->header_count, 5);
	close_session(session);
}
END_TEST

START_TEST(a_change_that_fails_is_451)
{
	struct fake_session *session = open_session();

	send_headers(session, change_all_kinds);
	session->refuse_edits = true;
	ck_assert_int_eq(fake_eom(session), FAKE_TEMPFAIL);
	expect_decision("4X1", DECISION_TEMPFAIL, "chain");
	close_session(session);
}
END_TEST

static void quarantine(struct message *message)
{
	(void)message_quarantine(message, "first %s", "reason");
	(void)message_quarantine(message, "second reason");
}

START_TEST(quarantines_with_the_first_reason)
{
	struct fake_session *session = open_session();

	send_headers(session, quarantine);
	ck_assert_int_eq(fake_eom(session), FAKE_CONTINUE);
	ck_assert_str_eq(session->quarantined, "first reason");
	expect_decision("4X1", DECISION_QUARANTINE, "script");
	close_session(session);
}
END_TEST

static void give_return_path(struct message *message)
{
	message_set_return_path(message, "first@bounce.example");
	message_set_return_path(message, "b-2@bounce.example");
}

START_TEST(a_message_leaves_with_its_return_path_or_not_at_all)
{
	struct fake_session *session = open_session();
	struct decision decision;

	send_headers(session, give_return_path);
	ck_assert_int_eq(fake_eom(session), FAKE_CONTINUE);
	ck_assert_str_eq(session->sender, "<b-2@bounce.example>");
	ck_assert(recent_find(chain->recent, "4X1", &decision));
	ck_assert_str_eq(decision.sender, "a@example.org");
	ck_assert_str_eq(decision.return_path, "b-2@bounce.example");
	send_headers(session, NULL);
	ck_assert_int_eq(fake_eom(session), FAKE_CONTINUE);
	ck_assert(recent_find(chain->recent, "4X1", &decision));
	ck_assert_str_eq(decision.return_path, "");
	session->refuse_edits = true;
	send_headers(session, give_return_path);
	ck_assert_int_eq(fake_eom(session), FAKE_TEMPFAIL);
	close_session(session);
}
END_TEST

static void redirect(struct message *message)
{
	ck_assert_uint_eq(message_recipient_count(message), 1);
	ck_assert_str_eq(message_recipient_at(message, 0), "good@example.com");
	message_recipients_delete(message);
	message_recipient_add(message, "new@example.net");
	message_recipient_add(message, "NEW@example.net");
	message_replace_body(message, strdup("other\r\n"), 7);
	ck_assert_ptr_null(message_recipient_at(message, 1));
}

START_TEST(tells_the_mta_another_body_and_other_recipients)
{
	struct fake_session *session = open_session();

	send_headers(session, redirect);
	ck_assert_int_eq(fake_eom(session), FAKE_CONTINUE);
	ck_assert_str_eq(session->body, "other\r\n");
	ck_assert_str_eq(session->recipients, "-<good@example.com> +<new@example.net> ");
	close_session(session);
}
END_TEST

static void copy_back(struct message *message)
{
	message_recipients_delete(message);
	message_recipient_add(message, "good@example.com");
	message_replace_body(message, strdup("x"), 1);
	message_replace_body(message, strdup("y"), 1);
}

START_TEST(a_recipient_that_comes_back_is_no_change)
{
	struct fake_session *session = open_session();

	send_headers(session, copy_back);
	ck_assert_int_eq(fake_eom(session), FAKE_CONTINUE);
	ck_assert_str_eq(session->body, "y");
	ck_assert_str_eq(session->recipients, "");
	close_session(session);
}
END_TEST

START_TEST(replies_are_one_printable_line)
{
	struct fake_session *session = open_session();
	static char text[2000];

	memset(text, '%', sizeof(text) - 1);
	memcpy(text, "a\r\n550 b\x80", 9);
	script.verdict[SCRIPT_MAIL] = VERDICT_TEMPFAIL;
	script.text = text;
	ck_assert_int_eq(fake_mail(session, "<a@example.org>"), FAKE_TEMPFAIL);
	ck_assert_int_eq(strncmp(session->text, "a??550 b?%%%%", 13), 0);
	ck_assert_uint_gt(strlen(session->text), 400);
	close_session(session);
}
END_TEST

START_TEST(refuses_an_mta_that_lacks_what_it_needs)
{
	struct fake_session *session = fake_session_new();

	ck_assert_int_eq(fake_negotiate(session, 0, SMFIP_HDR_LEADSPC), FAKE_REJECT);
	ck_assert_int_eq(fake_negotiate(session, CHANGE_HEADERS, 0), FAKE_REJECT);
	fake_session_free(session);
}
END_TEST

START_TEST(asks_for_no_more_than_the_filters_need)
{
	static const struct filter *const headers_only[] = {&count_filter};
	struct fake_session *session = fake_session_new();

	fake_negotiate(session, 0, 0);
	ck_assert_uint_eq(session->protocol & (SMFIP_NOBODY | SMFIP_NR_RCPT | SMFIP_NR_DATA), 0);
	chain_free(chain);
	start_chain(headers_only, 1, usual_limits);
	fake_negotiate(session, 0, 0);
	ck_assert_uint_eq(session->protocol & (SMFIP_NOBODY | SMFIP_NR_RCPT | SMFIP_NR_DATA),
			  SMFIP_NOBODY | SMFIP_NR_RCPT | SMFIP_NR_DATA);
	ck_assert_uint_eq(session->actions, ADD_HEADERS | CHANGE_HEADERS);
	fake_session_free(session);
}
END_TEST

static void *send_many(void *result)
{
	*(int *)result = 0;
	for (int i = 0; i < 6; i++) {
		struct fake_session *session = open_session();

		for (int sent = 0; sent < 10; sent++)
			*(int *)result += send_message(session) == FAKE_CONTINUE;
		close_session(session);
	}
	return NULL;
}

START_TEST(serves_many_sessions_at_once)
{
	pthread_t threads[16];
	int passed[16];

	for (int i = 0; i < 16; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, send_many, &passed[i]), 0);
	for (int i = 0; i < 16; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_int_eq(passed[i], 60);
	}
	ck_assert_uint_eq(chain->messages, 16 * 60);
}
END_TEST

static sem_t at_work, may_end;

static void work_until_told(void)
{
	sem_post(&at_work);
	sem_wait(&may_end);
}

static void *send_mail(void *answer)
{
	struct fake_session *session = open_session();

	*(enum fake_answer *)answer = fake_mail(session, "<a@example.org>");
	close_session(session);
	return NULL;
}

/* A chain that works on one message at a time, for whose turn others wait that long, and which works on one. */
static pthread_t start_at_work(int wait_ms, enum fake_answer *answer)
{
	pthread_t thread;

	chain_free(chain);
	start_chain(filters, 2, (struct chain_limits){10, 1, wait_ms, 200000, 1000000});
	sem_init(&at_work, 0, 0);
	sem_init(&may_end, 0, 0);
	script.work = work_until_told;
	ck_assert_int_eq(pthread_create(&thread, NULL, send_mail, answer), 0);
	sem_wait(&at_work);
	return thread;
}

START_TEST(work_beyond_the_limit_waits_and_then_is_451)
{
	enum fake_answer first, second;
	pthread_t thread = start_at_work(300, &first);

	send_mail(&second);
	ck_assert_int_eq(second, FAKE_TEMPFAIL);
	sem_post(&may_end);
	pthread_join(thread, NULL);
	ck_assert_int_eq(first, FAKE_CONTINUE);
}
END_TEST

START_TEST(work_beyond_the_limit_gets_its_turn)
{
	enum fake_answer first, second;
	pthread_t threads[2];

	threads[0] = start_at_work(60000, &first);
	ck_assert_int_eq(pthread_create(&threads[1], NULL, send_mail, &second), 0);
	nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
	ck_assert_int_ne(sem_trywait(&at_work), 0); /* it waits */
	sem_post(&may_end);
	sem_wait(&at_work);
	sem_post(&may_end);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(first, FAKE_CONTINUE);
	ck_assert_int_eq(second, FAKE_CONTINUE);
}
END_TEST

START_TEST(keeps_the_newest_decisions)
{
	struct decision decision = {.queue_id = ""};

	recent_put(chain->recent, &decision);
	ck_assert(!recent_find(chain->recent, "", &decision));
	for (int i = 0; i <= RECENT_COUNT; i++) {
		snprintf(decision.queue_id, sizeof(decision.queue_id), "4A%d", i);
		recent_put(chain->recent, &decision);
	}
	ck_assert(!recent_find(chain->recent, "4A0", &decision));
	ck_assert(recent_find(chain->recent, "4A1", &decision));
	decision.code = 550;
	recent_put(chain->recent, &decision);
	decision.code = 0;
	ck_assert(recent_find(chain->recent, "4A1", &decision));
	ck_assert_int_eq(decision.code, 550);
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_checked_fixture(tests, start_usual, stop);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, lets_a_message_pass_and_keeps_its_decision);
	tcase_add_test(tests, serves_several_messages_in_a_session);
	tcase_add_test(tests, survives_every_order_of_events);
	tcase_add_loop_test(tests, survives_every_order_of_events_with_a_verdict_anywhere, 0,
			    SCRIPT_EVENTS * 3);
	tcase_add_loop_test(tests, tells_a_verdict_where_the_mta_listens, 0,
			    sizeof(places) / sizeof(places[0]));
	tcase_add_test(tests, refuses_one_recipient_only);
	tcase_add_test(tests, records_a_message_that_the_client_left);
	tcase_add_test(tests, mail_after_mail_ends_the_first);
	tcase_add_test(tests, filters_see_the_end_of_headers_even_if_the_mta_leaves_it_out);
	tcase_add_loop_test(tests, a_client_without_address_is_451, 0, 2);
	tcase_add_loop_test(tests, a_sender_that_is_no_address_is_550, 0, 5);
	tcase_add_test(tests, an_event_without_a_message_is_451);
	tcase_add_test(tests, a_session_without_connect_is_451);
	tcase_add_test(tests, sessions_beyond_the_limit_are_451);
	tcase_add_test(tests, refuses_too_many_octets_of_headers);
	tcase_add_test(tests, refuses_too_many_headers);
	tcase_add_test(tests, changes_headers_and_leaves_the_others_octet_for_octet);
	tcase_add_test(tests, deletes_every_header);
	tcase_add_test(tests, changes_nothing_of_a_refused_message);
	tcase_add_test(tests, a_change_that_fails_is_451);
	tcase_add_test(tests, quarantines_with_the_first_reason);
	tcase_add_test(tests, a_message_leaves_with_its_return_path_or_not_at_all);
	tcase_add_test(tests, tells_the_mta_another_body_and_other_recipients);
	tcase_add_test(tests, a_recipient_that_comes_back_is_no_change);
	tcase_add_test(tests, replies_are_one_printable_line);
	tcase_add_test(tests, refuses_an_mta_that_lacks_what_it_needs);
	tcase_add_test(tests, asks_for_no_more_than_the_filters_need);
	tcase_add_test(tests, serves_many_sessions_at_once);
	tcase_add_test(tests, keeps_the_newest_decisions);
	tcase_add_test(tests, work_beyond_the_limit_waits_and_then_is_451);
	tcase_add_test(tests, work_beyond_the_limit_gets_its_turn);
}

int main(void)
{
	Suite *suite = suite_create("chain");
	TCase *tests = tcase_create("chain");
	SRunner *runner = srunner_create(suite);
	int failed;

	add_tests(tests);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
