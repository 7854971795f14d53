/* SPDX-License-Identifier: BSD-2-Clause */
/* A message's verdict and facts come of one request, or there are none and it is said why. */
#include "common/facts_builder.h"
#include "common/facts_wire.h"
#include "common/scan_protocol.h"
#include "common/unix_socket.h"
#include "milters/chain/headers.h"
#include "milters/chain/scan.h"
#include "tests/unit/unit.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define WHOLE "Subject: a\r\n b\r\n\r\nHello\r\n"

/* What a scanner that serves until its socket is closed gives beside a clean verdict. */
enum given {
	GIVES_FACTS,
	GIVES_NOTHING,        /* though the answer says so */
	GIVES_FACTS_OF_OTHER, /* another message's */
	GIVES_UNSEALED,
	SAYS_MISSING,
	SAYS_UNKNOWN,
};

struct fake {
	char directory[64], path[80];
	int listen_fd;
	enum given given;
	unsigned requests, wanted,
	    unscanned; /* how many, that asked for facts, and for them alone */
	pthread_t thread;
};

static struct spool *facts_of(size_t length, bool seal)
{
	struct facts_builder *builder = facts_builder_new(length);
	struct facts_part part = {.kind = FACTS_LEAF, .type = "text/plain"};
	struct spool *spool;
	struct error err;

	ck_assert_uint_eq(facts_builder_part(builder, &part), 1);
	ck_assert(spool_new(FACTS_WIRE_BYTES, &spool, &err));
	if (seal)
		ck_assert(facts_builder_write(builder, spool, &err));
	facts_builder_free(builder);
	return spool;
}

static void answer(const struct fake *fake, int connection, size_t length)
{
	struct scan_answer answer = {.version = SCAN_PROTOCOL_VERSION, .verdict = SCAN_CLEAN};
	struct spool *facts = NULL;

	answer.facts = SCAN_FACTS_GIVEN;
	if (fake->given == SAYS_UNKNOWN)
		scan_answer_unknown(&answer, "nothing works");
	else if (fake->given == SAYS_MISSING)
		scan_answer_no_facts(&answer, "no time");
	else if (fake->given != GIVES_NOTHING)
		facts = facts_of(length + (fake->given == GIVES_FACTS_OF_OTHER),
				 fake->given != GIVES_UNSEALED);
	(void)scan_send(connection, &answer, sizeof(answer), facts != NULL ? spool_fd(facts) : -1);
	spool_free(facts);
}

static void *serve(void *context)
{
	struct fake *fake = context;
	struct scan_request request;
	struct stat status;
	int connection, fd;

	while ((connection = accept(fake->listen_fd, NULL, NULL)) >= 0) {
		if (scan_receive(connection, &request, sizeof(request), &fd) == SCAN_RECEIVED &&
		    fstat(fd, &status) == 0) {
			fake->requests++;
			fake->wanted += (request.flags & SCAN_REQUEST_FACTS) != 0;
			fake->unscanned += (request.flags & SCAN_REQUEST_UNSCANNED) != 0;
			answer(fake, connection, (size_t)status.st_size);
			close(fd);
		}
		close(connection);
	}
	return NULL;
}

static void fake_start(struct fake *fake, enum given given)
{
	struct error err;

	*fake = (struct fake){.directory = "/tmp/easymail-test-facts-XXXXXX", .given = given};
	ck_assert_ptr_nonnull(mkdtemp(fake->directory));
	snprintf(fake->path, sizeof(fake->path), "%s/s", fake->directory);
	ck_assert_msg(unix_listen(fake->path, 0600, &fake->listen_fd, &err), "%s", err.text);
	ck_assert_int_eq(pthread_create(&fake->thread, NULL, serve, fake), 0);
}

static void fake_stop(struct fake *fake)
{
	shutdown(fake->listen_fd, SHUT_RDWR);
	pthread_join(fake->thread, NULL);
	close(fake->listen_fd);
	unlink(fake->path);
	rmdir(fake->directory);
}

static void message_begin(struct message *message, bool verdict, bool facts)
{
	*message = (struct message){.headers = headers_new(1000),
				    .copy = message_copy_new(1000, verdict, facts)};
	ck_assert(headers_receive(message->headers, "Subject", " a\n b"));
	message_copy_headers(message);
	message_copy_body(message, "Hello\r\n", 7);
}

static void message_end(struct message *message)
{
	message_copy_free(message->copy);
	headers_free(message->headers);
}

START_TEST(asks_once_for_verdict_and_facts)
{
	struct scan_source source = {.timeout_ms = 10000};
	struct message message;
	struct fake fake;

	fake_start(&fake, GIVES_FACTS);
	source.socket_path = fake.path;
	message_begin(&message, true, true);
	ck_assert_uint_eq(message_scan(&message, &source)->verdict, SCAN_CLEAN);
	ck_assert_ptr_nonnull(message_facts(&message, &source));
	ck_assert_str_eq(message_facts(&message, &source)->parts[0].type, "text/plain");
	message_end(&message);
	fake_stop(&fake);
	ck_assert_uint_eq(fake.requests, 1);
	ck_assert_uint_eq(fake.wanted, 1);
}
END_TEST

START_TEST(asks_for_no_facts_when_no_filter_needs_them)
{
	struct scan_source source = {.timeout_ms = 10000};
	struct message message;
	struct fake fake;

	fake_start(&fake, GIVES_FACTS);
	source.socket_path = fake.path;
	message_begin(&message, true, false);
	ck_assert_uint_eq(message_scan(&message, &source)->verdict, SCAN_CLEAN);
	message_end(&message);
	fake_stop(&fake);
	ck_assert_uint_eq(fake.wanted, 0);
}
END_TEST

START_TEST(asks_for_no_verdict_when_no_filter_needs_one)
{
	struct scan_source source = {.timeout_ms = 10000};
	struct message message;
	struct fake fake;

	fake_start(&fake, GIVES_FACTS);
	source.socket_path = fake.path;
	message_begin(&message, false, true);
	ck_assert_ptr_nonnull(message_facts(&message, &source));
	message_end(&message);
	fake_stop(&fake);
	ck_assert_uint_eq(fake.wanted, 1);
	ck_assert_uint_eq(fake.unscanned, 1);
}
END_TEST

START_TEST(says_why_there_are_no_facts)
{
	static const struct {
		enum given given;
		const char *why;
	} cases[] = {
	    {GIVES_NOTHING, "the facts did not come with the answer"},
	    {GIVES_FACTS_OF_OTHER, "the facts make no sense: another message"},
	    {GIVES_UNSEALED, "the facts did not come in a sealed memfd, or are too many"},
	    {SAYS_MISSING, "no time"},
	    {SAYS_UNKNOWN, "nothing works"},
	};
	struct scan_source source = {.timeout_ms = 10000};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct message message;
		struct fake fake;

		fake_start(&fake, cases[i].given);
		source.socket_path = fake.path;
		message_begin(&message, true, true);
		ck_assert_ptr_null(message_facts(&message, &source));
		ck_assert_str_eq(message_facts_why(&message), cases[i].why);
		message_end(&message);
		fake_stop(&fake);
	}
}
END_TEST

START_TEST(says_why_there_are_no_facts_without_a_scanner)
{
	struct scan_source source = {.socket_path = "/nonexistent/s", .timeout_ms = 100};
	struct message message;

	message_begin(&message, true, true);
	ck_assert_ptr_null(message_facts(&message, &source));
	ck_assert_str_eq(message_facts_why(&message), "the scanner cannot be reached");
	message_end(&message);
}
END_TEST

START_TEST(shows_the_message_as_scanned)
{
	struct message message;
	const char *data;
	size_t length;

	message_begin(&message, true, true);
	data = message_copy_data(&message, &length);
	ck_assert_ptr_nonnull(data);
	ck_assert_uint_eq(length, sizeof(WHOLE) - 1);
	ck_assert_mem_eq(data, WHOLE, length);
	ck_assert_ptr_eq(message_copy_data(&message, &length), data);
	message_end(&message);
}
END_TEST

START_TEST(shows_nothing_of_a_message_over_the_limit)
{
	struct scan_source source = {.socket_path = "/nonexistent/s", .timeout_ms = 100};
	char large[2000] = "";
	struct message message;
	size_t length;

	message_begin(&message, true, true);
	message_copy_body(&message, large, sizeof(large));
	ck_assert_ptr_null(message_copy_data(&message, &length));
	ck_assert_ptr_null(message_facts(&message, &source));
	ck_assert_uint_eq(message_scan(&message, &source)->flags, SCAN_OVER_LIMIT);
	ck_assert_str_eq(message_facts_why(&message), "the message is larger than 1000 octets");
	message_end(&message);
}
END_TEST

UNIT_MAIN("chain_scan", asks_once_for_verdict_and_facts,
	  asks_for_no_facts_when_no_filter_needs_them, asks_for_no_verdict_when_no_filter_needs_one,
	  says_why_there_are_no_facts, says_why_there_are_no_facts_without_a_scanner,
	  shows_the_message_as_scanned, shows_nothing_of_a_message_over_the_limit)
