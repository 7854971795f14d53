/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers that make no sense are unknown, packets arrive whole, and a scanner that is away is unknown. */
#include "common/scan_client.h"
#include "common/scan_protocol.h"
#include "common/unix_socket.h"
#include "tests/unit/unit.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct scan_request question = {.id = "id"};

static struct scan_answer answer_of(uint32_t verdict, uint32_t flags, const char *signature)
{
	struct scan_answer answer = {
	    .version = SCAN_PROTOCOL_VERSION, .verdict = verdict, .flags = flags};

	snprintf(answer.signature, sizeof(answer.signature), "%s", signature);
	return answer;
}

static uint32_t tamed(struct scan_answer answer)
{
	scan_answer_tame(&answer);
	return answer.verdict;
}

START_TEST(keeps_answers_that_make_sense)
{
	ck_assert_uint_eq(tamed(answer_of(SCAN_CLEAN, 0, "")), SCAN_CLEAN);
	ck_assert_uint_eq(tamed(answer_of(SCAN_INFECTED, SCAN_MACROS, "X")), SCAN_INFECTED);
	ck_assert_uint_eq(tamed(answer_of(SCAN_FLAGGED, SCAN_PARTIAL, "")), SCAN_FLAGGED);
	ck_assert_uint_eq(tamed(answer_of(SCAN_UNKNOWN, SCAN_OVER_LIMIT, "")), SCAN_UNKNOWN);
	ck_assert_uint_eq(tamed(answer_of(SCAN_BUSY, 0, "")), SCAN_BUSY);
}
END_TEST

START_TEST(takes_nothing_else_for_clean)
{
	struct scan_answer zero = {0}, old = answer_of(SCAN_CLEAN, 0, "");

	old.version++;
	ck_assert_uint_eq(tamed(zero), SCAN_UNKNOWN);
	ck_assert_uint_eq(tamed(old), SCAN_UNKNOWN);
	ck_assert_uint_eq(tamed(answer_of(SCAN_CLEAN, SCAN_MACROS, "")), SCAN_UNKNOWN);
	ck_assert_uint_eq(tamed(answer_of(SCAN_FLAGGED, 0, "")), SCAN_UNKNOWN);
	ck_assert_uint_eq(tamed(answer_of(SCAN_FLAGGED, SCAN_OVER_LIMIT, "")), SCAN_UNKNOWN);
	ck_assert_uint_eq(tamed(answer_of(SCAN_FLAGGED, 0x100, "")), SCAN_UNKNOWN);
	ck_assert_uint_eq(tamed(answer_of(SCAN_INFECTED, 0, "")), SCAN_UNKNOWN);
	ck_assert_uint_eq(tamed(answer_of(SCAN_BUSY + 1, 0, "")), SCAN_UNKNOWN);
}
END_TEST

START_TEST(ends_texts_and_makes_them_printable)
{
	struct scan_answer answer = answer_of(SCAN_INFECTED, 0, "X");

	memset(answer.part_name, 'x', sizeof(answer.part_name));
	answer.part_name[3] = '\n';
	scan_answer_tame(&answer);
	ck_assert_uint_eq(strlen(answer.part_name), sizeof(answer.part_name) - 1);
	ck_assert_int_eq(answer.part_name[3], '?');
}
END_TEST

START_TEST(takes_no_flag_of_a_client_but_two)
{
	struct scan_request request = {.flags = UINT32_MAX};

	scan_request_tame(&request);
	ck_assert_uint_eq(request.flags, SCAN_REQUEST_FACTS | SCAN_REQUEST_UNSCANNED);
}
END_TEST

START_TEST(takes_no_nonsense_about_facts)
{
	struct scan_answer answer = answer_of(SCAN_CLEAN, 0, "");

	answer.facts = SCAN_FACTS_MISSING + 1;
	ck_assert_uint_eq(tamed(answer), SCAN_UNKNOWN);
}
END_TEST

START_TEST(names_flags)
{
	char text[128];

	scan_flags_format(SCAN_ENCRYPTED_ARCHIVE | SCAN_MACROS, text, sizeof(text));
	ck_assert_str_eq(text, "encrypted_archive,macros");
	scan_flags_format(0, text, sizeof(text));
	ck_assert_str_eq(text, "");
	scan_flags_format(SCAN_FLAGS_ALL, text, 10);
	ck_assert_uint_lt(strlen(text), 10);
}
END_TEST

START_TEST(takes_whole_packets_only)
{
	char buffer[8];
	int ends[2], fd;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
	ck_assert_int_eq(scan_receive(ends[1], buffer, 8, &fd), SCAN_RECEIVED_AGAIN);
	ck_assert(scan_send(ends[0], "12345678", 8, ends[0]));
	ck_assert_int_eq(scan_receive(ends[1], buffer, 8, &fd), SCAN_RECEIVED);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert(scan_send(ends[0], "123", 3, ends[0]));
	ck_assert_int_eq(scan_receive(ends[1], buffer, 8, &fd), SCAN_RECEIVED_BROKEN);
	ck_assert_int_eq(fd, -1);
	ck_assert(scan_send(ends[0], "123456789", 9, -1));
	ck_assert_int_eq(scan_receive(ends[1], buffer, 8, NULL), SCAN_RECEIVED_BROKEN);
	close(ends[0]);
	ck_assert_int_eq(scan_receive(ends[1], buffer, 8, &fd), SCAN_RECEIVED_END);
	close(ends[1]);
}
END_TEST

/* A scanner that answers one request with `answer`, or closes the connection when that is NULL. */
struct fake {
	int listen_fd;
	const struct scan_answer *answer;
	int delay_ms;
};

static void *fake_serve(void *context)
{
	struct fake *fake = context;
	struct scan_request request;
	int connection = accept(fake->listen_fd, NULL, NULL);
	int fd;

	if (scan_receive(connection, &request, sizeof(request), &fd) == SCAN_RECEIVED)
		close(fd);
	usleep((useconds_t)fake->delay_ms * 1000);
	if (fake->answer != NULL)
		(void)scan_send(connection, fake->answer, sizeof(*fake->answer), -1);
	close(connection);
	return NULL;
}

static struct scan_answer ask_fake(const struct scan_answer *answer, int delay_ms, int timeout_ms)
{
	char path[] = "/tmp/easymail-test-scan-XXXXXX";
	char socket_path[64];
	struct fake fake = {.answer = answer, .delay_ms = delay_ms};
	struct scan_answer got;
	struct spool *spool;
	struct error err;
	pthread_t thread;

	ck_assert_ptr_nonnull(mkdtemp(path));
	snprintf(socket_path, sizeof(socket_path), "%s/s", path);
	ck_assert_msg(unix_listen(socket_path, 0600, &fake.listen_fd, &err), "%s", err.text);
	ck_assert(spool_new(100, &spool, &err) && spool_append(spool, "x", 1, &err) &&
		  spool_seal(spool, &err));
	ck_assert_int_eq(pthread_create(&thread, NULL, fake_serve, &fake), 0);
	scan_client_ask(socket_path, spool, &question, timeout_ms, &got, NULL);
	pthread_join(thread, NULL);
	spool_free(spool);
	close(fake.listen_fd);
	unlink(socket_path);
	rmdir(path);
	return got;
}

START_TEST(client_hands_on_what_the_scanner_says)
{
	struct scan_answer infected = answer_of(SCAN_INFECTED, 0, "Eicar");

	ck_assert_str_eq(ask_fake(&infected, 0, 5000).signature, "Eicar");
}
END_TEST

START_TEST(client_calls_every_failure_unknown)
{
	struct scan_answer nonsense = {0}, clean = answer_of(SCAN_CLEAN, 0, "");
	struct scan_answer got;
	struct spool *spool;
	struct error err;

	ck_assert_uint_eq(ask_fake(&nonsense, 0, 5000).verdict, SCAN_UNKNOWN);
	ck_assert_uint_eq(ask_fake(NULL, 0, 5000).verdict, SCAN_UNKNOWN);
	got = ask_fake(&clean, 500, 50);
	ck_assert_uint_eq(got.verdict, SCAN_UNKNOWN);
	ck_assert_str_eq(got.why, "the scanner gave no answer in time");
	ck_assert(spool_new(1, &spool, &err) && spool_seal(spool, &err));
	scan_client_ask("/nonexistent/socket", spool, &question, 1000, &got, NULL);
	ck_assert_uint_eq(got.verdict, SCAN_UNKNOWN);
	spool_free(spool);
}
END_TEST

UNIT_MAIN("scan_protocol", keeps_answers_that_make_sense, takes_nothing_else_for_clean,
	  ends_texts_and_makes_them_printable, takes_no_flag_of_a_client_but_two,
	  takes_no_nonsense_about_facts, names_flags, takes_whole_packets_only,
	  client_hands_on_what_the_scanner_says, client_calls_every_failure_unknown)
