/* SPDX-License-Identifier: BSD-2-Clause */
/* The socketmap server and client over real sockets, with well-behaved and hostile peers. */
#include "common/socketmap_wire.h"
#include "common/unix_socket.h"
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAX_CLIENTS 8
#define ASK_MS      2000

static struct fixture {
	char directory[64], path[96];
	int listen_fd;
	struct socketmap_server *server;
	pthread_t thread;
	struct socketmap_stats last; /* as of the last look-up of map `stats` */
} fix;

/* Map echo: the key; none: NOTFOUND; broken: TEMP; big: 16 000 octets; stats: keeps the figures. */
static void answer(void *context, const char *map, const char *key, struct socketmap_reply *reply)
{
	struct fixture *fixture = context;

	if (strcmp(map, "echo") == 0) {
		socketmap_reply_set(reply, FOUND_ONE, "%s", key);
	} else if (strcmp(map, "none") == 0) {
		socketmap_reply_set(reply, FOUND_NONE, "not sent");
	} else if (strcmp(map, "big") == 0) {
		socketmap_reply_set(reply, FOUND_ONE, "%0*d", 16000, 7);
	} else if (strcmp(map, "stats") == 0) {
		fixture->last = *socketmap_server_stats(fixture->server);
		socketmap_reply_set(reply, FOUND_ONE, "noted");
	} else {
		socketmap_reply_set(reply, FOUND_ERROR, "map %s is broken", map);
	}
}

static void *serve(void *argument)
{
	struct fixture *fixture = argument;

	socketmap_server_run(fixture->server, 0, NULL);
	return NULL;
}

static void start(void)
{
	struct error err;

	snprintf(fix.directory, sizeof(fix.directory), "/tmp/easymail-socketmap-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(fix.directory));
	snprintf(fix.path, sizeof(fix.path), "%s/s", fix.directory);
	ck_assert_msg(unix_listen(fix.path, 0600, &fix.listen_fd, &err), "%s", err.text);
	ck_assert_msg(
	    socketmap_server_new(fix.listen_fd, MAX_CLIENTS, answer, &fix, &fix.server, &err), "%s",
	    err.text);
	ck_assert_int_eq(pthread_create(&fix.thread, NULL, serve, &fix), 0);
}

static void stop(void)
{
	socketmap_server_stop(fix.server);
	ck_assert_int_eq(pthread_join(fix.thread, NULL), 0);
	socketmap_server_free(fix.server);
	close(fix.listen_fd);
	unlink(fix.path);
	rmdir(fix.directory);
}

static int dial(void)
{
	struct timeval limit = {ASK_MS / 1000, 0};
	struct error err;
	int fd;

	ck_assert_msg(unix_connect(fix.path, ASK_MS, &fd, &err), "%s", err.text);
	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	return fd;
}

static void put(int fd, const char *text)
{
	ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Reads exactly `expected`. */
static void expect(int fd, const char *expected)
{
	char got[512] = "";
	size_t used = 0;

	while (used < strlen(expected)) {
		ssize_t count = recv(fd, got + used, strlen(expected) - used, 0);

		ck_assert_msg(count > 0, "wanted \"%s\", got \"%s\" and then %zd (%s)", expected,
			      got, count, strerror(errno));
		used += (size_t)count;
	}
	ck_assert_str_eq(got, expected);
}

static void expect_closed(int fd)
{
	char octet;
	ssize_t got = recv(fd, &octet, 1, 0);

	ck_assert_msg(got == 0 || (got < 0 && errno == ECONNRESET), "still open: %zd %s", got,
		      strerror(errno));
	close(fd);
}

static enum found ask(const char *map, const char *key, struct socketmap_reply *reply)
{
	struct error err;

	return socketmap_ask(fix.path, map, key, ASK_MS, reply, &err);
}

START_TEST(tells_found_none_and_error_apart)
{
	struct socketmap_reply reply;

	ck_assert_int_eq(ask("echo", "a key with blanks", &reply), FOUND_ONE);
	ck_assert_str_eq(reply.text, "a key with blanks");
	ck_assert_int_eq(ask("echo", "", &reply), FOUND_ONE);
	ck_assert_str_eq(reply.text, "");
	ck_assert_int_eq(ask("none", "x", &reply), FOUND_NONE);
	ck_assert_str_eq(reply.text, "");
	ck_assert_int_eq(ask("other", "x", &reply), FOUND_ERROR);
	ck_assert_str_eq(reply.text, "map other is broken");
}
END_TEST

START_TEST(answers_pipelined_requests_in_order)
{
	int fd = dial();

	put(fd, "6:echo a,6:none b,6:echo c,");
	expect(fd, "4:OK a,9:NOTFOUND ,4:OK c,");
	close(fd);
}
END_TEST

START_TEST(puts_a_request_together_from_single_octets)
{
	const char *request = "9:echo abcd,";
	int fd = dial();

	for (size_t i = 0; i < strlen(request); i++) {
		ck_assert_int_eq(send(fd, request + i, 1, MSG_NOSIGNAL), 1);
		usleep(500);
	}
	expect(fd, "7:OK abcd,");
	close(fd);
}
END_TEST

START_TEST(answers_before_it_closes_a_half_closed_connection)
{
	int fd = dial();

	put(fd, "6:echo a,3:ec");
	ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
	expect(fd, "4:OK a,");
	expect_closed(fd);
}
END_TEST

static const char *const garbage[] = {
    "GET / HTTP/1.0\r\n\r\n",
    "4294967296:x",
    "18446744073709551615:x",
    "4097:",
    "-1:x",
    ":",
    "00:,",
    "01:a,",
    "6:echo a;",
    " 6:echo a,",
};

START_TEST(closes_a_connection_that_does_not_speak_netstrings)
{
	int fd = dial();

	put(fd, garbage[_i]);
	expect_closed(fd);
}
END_TEST

START_TEST(serves_the_others_when_one_sends_garbage)
{
	struct socketmap_reply reply;
	int hostile = dial();
	int good = dial();

	put(hostile, "99999999999:");
	expect_closed(hostile);
	put(good, "6:echo a,");
	expect(good, "4:OK a,");
	close(good);
	ck_assert_int_eq(ask("stats", "", &reply), FOUND_ONE);
	ck_assert_uint_eq(fix.last.broken, 1);
}
END_TEST

START_TEST(takes_the_longest_request_and_no_longer_one)
{
	static char request[SOCKETMAP_REQUEST_MAX + NETSTRING_EXTRA + 1];
	char octet;
	int fd = dial();

	snprintf(request, sizeof(request), "%d:none %0*d,", SOCKETMAP_REQUEST_MAX,
		 SOCKETMAP_REQUEST_MAX - 5, 0);
	put(fd, request);
	expect(fd, "9:NOTFOUND ,");
	snprintf(request, sizeof(request), "%d:", SOCKETMAP_REQUEST_MAX + 1);
	put(fd, request);
	ck_assert_int_eq(recv(fd, &octet, 1, 0), 0);
	close(fd);
}
END_TEST

START_TEST(answers_temp_to_a_request_that_is_not_map_and_key)
{
	static const char nul[] = "7:echo \0a,";
	const char *reply = "50:TEMP a request is a map's name, a blank, a key,";
	char expected[128];
	int fd = dial();

	snprintf(expected, sizeof(expected), "%zu:%s", strlen(reply) - 4, reply + 3);
	put(fd, "4:echo,");
	expect(fd, expected);
	ck_assert_int_eq(send(fd, nul, sizeof(nul) - 1, MSG_NOSIGNAL), sizeof(nul) - 1);
	expect(fd, expected);
	put(fd, "6:echo a,");
	expect(fd, "4:OK a,");
	close(fd);
}
END_TEST

/* Sends requests for big replies until the socket takes no more; how many octets it took. */
static size_t flood(int fd)
{
	const char *request = "5:big x,";
	size_t total = 0;

	for (int idle = 0; idle < 50;) {
		ssize_t sent = send(fd, request, strlen(request), MSG_NOSIGNAL | MSG_DONTWAIT);

		ck_assert_msg(sent == (ssize_t)strlen(request) || (sent < 0 && errno == EAGAIN),
			      "%zd %s", sent, strerror(errno));
		if (sent > 0) {
			total += (size_t)sent;
			idle = 0;
			continue;
		}
		idle++;
		usleep(2000);
	}
	return total / strlen(request);
}

/* Reads `count` big replies to the last octet. */
static void drain(int fd, size_t count)
{
	static char buffer[65536];
	size_t left = count * (strlen("16003:OK ,") + 16000);

	while (left > 0) {
		size_t want = left < sizeof(buffer) ? left : sizeof(buffer);
		ssize_t got = recv(fd, buffer, want, 0);

		ck_assert_msg(got > 0, "%zu octets missing: %s", left, strerror(errno));
		left -= (size_t)got;
	}
	ck_assert_int_eq(buffer[0] != '\0', 1);
}

START_TEST(stops_reading_from_a_client_that_does_not_read_and_serves_the_others)
{
	struct socketmap_reply reply;
	int fd = dial();
	size_t requests = flood(fd);

	ck_assert_int_eq(ask("stats", "", &reply), FOUND_ONE);
	ck_assert_msg(fix.last.requests < requests, "%zu of %zu requests answered unread",
		      (size_t)fix.last.requests, requests);
	drain(fd, requests);
	put(fd, "6:echo a,");
	expect(fd, "4:OK a,");
	close(fd);
}
END_TEST

START_TEST(closes_the_least_recent_client_for_a_new_one)
{
	struct socketmap_reply reply;
	int fds[MAX_CLIENTS];

	for (int i = 0; i < MAX_CLIENTS; i++) {
		fds[i] = dial();
		put(fds[i], "6:echo a,");
		expect(fds[i], "4:OK a,");
	}
	put(fds[0], "6:echo b,"); /* now the most recent */
	expect(fds[0], "4:OK b,");
	ck_assert_int_eq(ask("stats", "", &reply), FOUND_ONE);
	ck_assert_uint_eq(fix.last.evicted, 1);
	expect_closed(fds[1]);
	for (int i = 0; i < MAX_CLIENTS; i++) {
		if (i == 1)
			continue;
		put(fds[i], "6:echo c,");
		expect(fds[i], "4:OK c,");
		close(fds[i]);
	}
}
END_TEST

START_TEST(serves_on_after_1000_connections)
{
	struct socketmap_reply reply;

	for (int i = 0; i < 1000; i++) {
		int fd = dial();

		put(fd, i % 2 == 0 ? "6:echo a," : "6:ec");
		close(fd);
	}
	ck_assert_int_eq(ask("echo", "still here", &reply), FOUND_ONE);
	ck_assert_str_eq(reply.text, "still here");
}
END_TEST

START_TEST(answers_what_has_arrived_before_it_stops)
{
	int fd = dial();

	put(fd, "6:echo a,");
	expect(fd, "4:OK a,");
	put(fd, "6:echo b,");
	socketmap_server_stop(fix.server);
	expect(fd, "4:OK b,");
	close(fd);
}
END_TEST

START_TEST(refuses_a_path_that_is_served)
{
	struct error err;
	int fd;

	ck_assert(!unix_listen(fix.path, 0600, &fd, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "another process serves it"));
}
END_TEST

START_TEST(replaces_a_stale_socket_with_the_mode_asked_for)
{
	char path[128];
	struct stat status;
	struct error err;
	int fd;

	snprintf(path, sizeof(path), "%s/stale", fix.directory);
	ck_assert_msg(unix_listen(path, 0600, &fd, &err), "%s", err.text);
	close(fd);
	ck_assert_msg(unix_listen(path, 0666, &fd, &err), "%s", err.text);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_int_eq(status.st_mode & 0777, 0666);
	close(fd);
	unlink(path);
}
END_TEST

START_TEST(leaves_a_file_of_another_kind_alone)
{
	char path[128];
	struct error err;
	FILE *file;
	int fd;

	snprintf(path, sizeof(path), "%s/file", fix.directory);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fclose(file);
	ck_assert(!unix_listen(path, 0600, &fd, &err));
	ck_assert_int_eq(access(path, F_OK), 0);
	unlink(path);
}
END_TEST

START_TEST(gives_up_on_a_server_that_does_not_answer)
{
	struct socketmap_reply reply;
	struct timespec before, after;
	char path[128];
	struct error err;
	int fd;

	snprintf(path, sizeof(path), "%s/mute", fix.directory);
	ck_assert_msg(unix_listen(path, 0600, &fd, &err), "%s", err.text);
	clock_gettime(CLOCK_MONOTONIC, &before);
	ck_assert_int_eq(socketmap_ask(path, "echo", "a", 100, &reply, &err), FOUND_ERROR);
	clock_gettime(CLOCK_MONOTONIC, &after);
	ck_assert_int_le(after.tv_sec - before.tv_sec, 1);
	ck_assert_ptr_nonnull(strstr(err.text, "no answer in time"));
	close(fd);
	unlink(path);
}
END_TEST

START_TEST(writes_no_control_character_into_a_reply)
{
	struct socketmap_reply reply;

	socketmap_reply_set(&reply, FOUND_ERROR, "a\r\nb\tc\x7f");
	ck_assert_str_eq(reply.text, "a??b?c?");
}
END_TEST

START_TEST(reads_octal_modes_only)
{
	static const char *const wrong[] = {"", "8", "1777", "rw", "0660 ", "-1", " 600"};
	struct error err;
	mode_t mode;

	ck_assert(unix_mode_parse("0660", &mode, &err));
	ck_assert_uint_eq(mode, 0660);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!unix_mode_parse(wrong[i], &mode, &err), "%s", wrong[i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("socketmap");
	TCase *tests = tcase_create("server and client");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tests, start, stop);
	tcase_set_timeout(tests, 30);
	tcase_add_test(tests, tells_found_none_and_error_apart);
	tcase_add_test(tests, answers_pipelined_requests_in_order);
	tcase_add_test(tests, puts_a_request_together_from_single_octets);
	tcase_add_test(tests, answers_before_it_closes_a_half_closed_connection);
	tcase_add_loop_test(tests, closes_a_connection_that_does_not_speak_netstrings, 0,
			    (int)(sizeof(garbage) / sizeof(garbage[0])));
	tcase_add_test(tests, serves_the_others_when_one_sends_garbage);
	tcase_add_test(tests, takes_the_longest_request_and_no_longer_one);
	tcase_add_test(tests, answers_temp_to_a_request_that_is_not_map_and_key);
	tcase_add_test(tests, stops_reading_from_a_client_that_does_not_read_and_serves_the_others);
	tcase_add_test(tests, closes_the_least_recent_client_for_a_new_one);
	tcase_add_test(tests, serves_on_after_1000_connections);
	tcase_add_test(tests, answers_what_has_arrived_before_it_stops);
	tcase_add_test(tests, refuses_a_path_that_is_served);
	tcase_add_test(tests, replaces_a_stale_socket_with_the_mode_asked_for);
	tcase_add_test(tests, reads_octal_modes_only);
	tcase_add_test(tests, leaves_a_file_of_another_kind_alone);
	tcase_add_test(tests, gives_up_on_a_server_that_does_not_answer);
	tcase_add_test(tests, writes_no_control_character_into_a_reply);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
