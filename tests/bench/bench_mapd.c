/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long a running easymail-mapd takes to answer on one connection, as Postfix asks: one question
 * after the other, each client and sender another one.
 *
 * usage: bench_mapd [--json] [--count N] SOCKET
 *
 * Clients are 10.0.0.0/8 and senders user@tNNN.example; what the answers say does not matter, but an
 * answer TEMP fails the run.
 */
#include "common/json.h"
#include "common/socketmap_wire.h"
#include "common/unix_socket.h"
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REPLY_SIZE (sizeof(((struct socketmap_reply *)0)->text) + SOCKETMAP_REPLY_EXTRA)
#define CONNECT_MS 2000
#define DISTINCT   100000

struct row {
	const char *name;
	void (*make_key)(unsigned at, char *key_r, size_t size);
	double p50_us, p99_us;
};

static void client_key(unsigned at, char *key_r, size_t size)
{
	snprintf(key_r, size, "10.%u.%u.%u", at >> 16 & 0xff, at >> 8 & 0xff, at & 0xff);
}

static void egress_key(unsigned at, char *key_r, size_t size)
{
	snprintf(key_r, size, "user@t%u.example", at);
}

/* Sends one request and waits for its reply. */
static bool ask(int fd, const char *map, const char *key, struct error *err)
{
	static char buffer[REPLY_SIZE];
	static struct socketmap_reply reply;
	char request[SOCKETMAP_REQUEST_MAX];
	const char *content;
	size_t used = 0, length, spent;
	int size = snprintf(request, sizeof(request), "%zu:%s %s,", strlen(map) + 1 + strlen(key),
			    map, key);

	if (send(fd, request, (size_t)size, MSG_NOSIGNAL) != size)
		return error_set(err, "send: %s", strerror(errno));
	while (netstring_take(buffer, used, REPLY_SIZE, &content, &length, &spent) == 0) {
		ssize_t got = recv(fd, buffer + used, sizeof(buffer) - used, 0);

		if (got <= 0)
			return error_set(err, "receive: %s", got < 0 ? strerror(errno) : "closed");
		used += (size_t)got;
	}
	if (!socketmap_reply_read(content, length, &reply) || reply.found == FOUND_ERROR)
		return error_set(err, "%s %s: %s", map, key, reply.text);
	return true;
}

static int compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Asks `count` questions, after a tenth of that to warm up, and fills the row in. */
static bool measure(int fd, struct row *row, size_t count, struct error *err)
{
	int64_t *took = calloc(count, sizeof(*took));
	size_t warm = count / 10;
	bool done = took != NULL || error_set(err, "out of memory");
	unsigned at = 1;

	for (size_t i = 0; done && i < warm + count; i++) {
		char key[64];
		int64_t before;

		at = (at * 1103515245u + 12345u) & 0x7fffffff;
		row->make_key(at % DISTINCT, key, sizeof(key));
		before = now_ns();
		done = ask(fd, row->name, key, err);
		if (i >= warm)
			took[i - warm] = now_ns() - before;
	}
	if (done) {
		qsort(took, count, sizeof(*took), compare);
		row->p50_us = (double)took[count / 2] / 1000;
		row->p99_us = (double)took[count * 99 / 100] / 1000;
	}
	free(took);
	return done;
}

static void print_rows(const struct row *rows, size_t count, bool as_json)
{
	struct json *list = json_new_array();
	char *text;

	for (size_t i = 0; i < count; i++) {
		struct json *row = json_new_object();

		json_put_text(row, "name", rows[i].name);
		json_put_number(row, "p50_ns", (int64_t)(rows[i].p50_us * 1000));
		json_put_number(row, "p99_ns", (int64_t)(rows[i].p99_us * 1000));
		json_append(list, row);
		if (!as_json)
			printf("%-8s p50 %7.1f us  p99 %7.1f us\n", rows[i].name, rows[i].p50_us,
			       rows[i].p99_us);
	}
	text = json_write(list);
	if (as_json)
		puts(text);
	free(text);
	json_drop(list);
}

/* All rows on one connection. */
static bool bench(const char *path, size_t count, bool as_json, struct error *err)
{
	struct row rows[] = {{.name = "clients", .make_key = client_key},
			     {.name = "egress", .make_key = egress_key}};
	size_t row_count = sizeof(rows) / sizeof(rows[0]);
	bool done = true;
	int fd;

	if (!unix_connect(path, CONNECT_MS, &fd, err))
		return false;
	for (size_t i = 0; done && i < row_count; i++)
		done = measure(fd, &rows[i], count, err);
	close(fd);
	if (done)
		print_rows(rows, row_count, as_json);
	return done;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"json", no_argument, NULL, 'j'}, {"count", required_argument, NULL, 'n'}, {0}};
	size_t count = 20000;
	bool as_json = false;
	struct error err;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		as_json = as_json || option == 'j';
		if (option == 'n')
			count = strtoul(optarg, NULL, 10);
		if (option == '?')
			return 2;
	}
	if (optind + 1 != argc || count == 0) {
		fprintf(stderr, "usage: %s [--json] [--count N] SOCKET\n", argv[0]);
		return 2;
	}
	if (bench(argv[optind], count, as_json, &err))
		return 0;
	fprintf(stderr, "bench_mapd: %s\n", err.text);
	return 1;
}
