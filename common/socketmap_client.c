/* SPDX-License-Identifier: BSD-2-Clause */
/* One question to a socketmap server, with one limit of time for all of it. */
#include "common/clock.h"
#include "common/socketmap_wire.h"
#include "common/unix_socket.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REPLY_SIZE (sizeof(((struct socketmap_reply *)0)->text) + SOCKETMAP_REPLY_EXTRA)

/* Waits for `events` until the deadline. */
static bool wait_for(int fd, short events, int64_t deadline_ms, struct error *err)
{
	struct pollfd wait = {.fd = fd, .events = events};
	int ready;

	do {
		int64_t left = deadline_ms - clock_ms();

		ready = left > 0 ? poll(&wait, 1, (int)left) : 0;
	} while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return error_set(err, "poll: %s", strerror(errno));
	return ready > 0 || error_set(err, "no answer in time");
}

static bool send_all(int fd, const char *data, size_t length, int64_t deadline_ms,
		     struct error *err)
{
	while (length > 0) {
		ssize_t sent;

		if (!wait_for(fd, POLLOUT, deadline_ms, err))
			return false;
		sent = send(fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			return error_set(err, "send: %s", strerror(errno));
		data += sent > 0 ? sent : 0;
		length -= sent > 0 ? (size_t)sent : 0;
	}
	return true;
}

/* Reads until one netstring is complete; it points into `buffer`. */
static bool receive_netstring(int fd, char *buffer, int64_t deadline_ms, const char **content_r,
			      size_t *length_r, struct error *err)
{
	size_t used = 0, spent;

	for (;;) {
		int state = netstring_take(buffer, used, REPLY_SIZE - NETSTRING_EXTRA, content_r,
					   length_r, &spent);
		ssize_t got;

		if (state == 1)
			return true;
		if (state < 0 || used == REPLY_SIZE)
			return error_set(err, "the answer is no netstring, or too long");
		if (!wait_for(fd, POLLIN, deadline_ms, err))
			return false;
		got = recv(fd, buffer + used, REPLY_SIZE - used, MSG_DONTWAIT);
		if (got == 0)
			return error_set(err, "the server closed the connection");
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return error_set(err, "receive: %s", strerror(errno));
		used += got > 0 ? (size_t)got : 0;
	}
}

/* Sends the request and reads the reply on a connection. */
static bool exchange(int fd, const char *request, int64_t deadline_ms,
		     struct socketmap_reply *reply_r, struct error *err)
{
	char *buffer = malloc(REPLY_SIZE);
	const char *content;
	size_t length;
	bool done;

	if (buffer == NULL)
		return error_set(err, "out of memory");
	done = send_all(fd, request, strlen(request), deadline_ms, err) &&
	       receive_netstring(fd, buffer, deadline_ms, &content, &length, err);
	if (done && !socketmap_reply_read(content, length, reply_r))
		done = error_set(err, "the answer is not socketmap's");
	free(buffer);
	return done;
}

enum found socketmap_ask(const char *socket_path, const char *map, const char *key, int timeout_ms,
			 struct socketmap_reply *reply_r, struct error *err)
{
	int64_t deadline_ms = clock_ms() + timeout_ms;
	char request[SOCKETMAP_REQUEST_MAX + NETSTRING_EXTRA];
	size_t length = strlen(map) + 1 + strlen(key);
	bool done;
	int fd;

	reply_r->found = FOUND_ERROR;
	reply_r->length = 0;
	reply_r->text[0] = '\0';
	if (length > SOCKETMAP_REQUEST_MAX || strchr(map, ' ') != NULL) {
		error_set(err, "%s: map %s: the key is too long, or the map's name has a blank",
			  socket_path, map);
		return FOUND_ERROR;
	}
	snprintf(request, sizeof(request), "%zu:%s %s,", length, map, key);
	if (!unix_connect(socket_path, timeout_ms, &fd, err))
		return FOUND_ERROR;
	done = exchange(fd, request, deadline_ms, reply_r, err);
	close(fd);
	if (!done)
		error_prefix(err, "%s: ", socket_path);
	else if (reply_r->found == FOUND_ERROR)
		error_set(err, "%s: map %s: %s", socket_path, map, reply_r->text);
	return done ? reply_r->found : FOUND_ERROR;
}
