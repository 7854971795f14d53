/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Postfix's socketmap protocol (socketmap_table(5)) over Unix sockets: netstrings, a request "map
 * key", a reply "OK value", "NOTFOUND ", "TEMP reason", "TIMEOUT reason" or "PERM reason".
 *
 * mapd serves Postfix with it; mapd and the milter answer easymailctl with it too (maps `status` and
 * `decision`), so `postmap -q KEY socketmap:unix:PATH:MAP` can ask anything.
 */
#ifndef EASYMAIL_SOCKETMAP_H
#define EASYMAIL_SOCKETMAP_H

#include "common/error.h"
#include "common/unix_socket.h"
#include <stddef.h>
#include <stdint.h>

/* Octets of a request's netstring; longer ones end the connection. */
#define SOCKETMAP_REQUEST_MAX 4096

struct socketmap_reply {
	enum found found; /* FOUND_ERROR: TEMP, with the text as its reason */
	size_t length;
	char text[16384]; /* NUL-terminated */
};

/* Fills a reply in; the text is cut at its size, control characters become `?`. */
void socketmap_reply_set(struct socketmap_reply *reply, enum found found, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull(1, 3)));

/* Answers one request. Called from the server's thread only; must not block for long. */
typedef void (*socketmap_lookup)(void *context, const char *map, const char *key,
				 struct socketmap_reply *reply);

/* Since the start, and now. */
struct socketmap_stats {
	unsigned clients;  /* connected now */
	uint64_t accepted; /* connections */
	uint64_t evicted;  /* closed to make room for a new one */
	uint64_t broken;   /* closed because they did not speak the protocol */
	uint64_t requests;
	uint64_t errors; /* requests answered TEMP */
};

/*
 * A server on a listening socket that the caller made (systemd's or unix_listen's) and closes after
 * socketmap_server_free: one thread, epoll, several requests in flight on each connection.
 *
 * A client that does not read its replies is no longer read from; buffers are bounded. There is always
 * room for a new client: beyond max_clients, or when the process is out of descriptors, the one
 * whose last request is longest ago is closed. (Postfix connects anew when an idle connection is gone.)
 */
struct socketmap_server;
bool socketmap_server_new(int listen_fd, unsigned max_clients, socketmap_lookup lookup,
			  void *context, struct socketmap_server **server_r, struct error *err)
    __attribute__((nonnull(3, 5, 6), warn_unused_result));

/*
 * Until socketmap_server_stop, which any thread or signal handler may call; then requests that have
 * arrived are answered, within a second. tick is called about every tick_ms, NULL for none.
 */
void socketmap_server_run(struct socketmap_server *server, int tick_ms, void (*tick)(void *context))
    __attribute__((nonnull(1)));
void socketmap_server_stop(struct socketmap_server *server) __attribute__((nonnull));

/* Runs it in a thread of its own, without ticks, until socketmap_server_join; once. */
bool socketmap_server_start(struct socketmap_server *server, struct error *err)
    __attribute__((nonnull, warn_unused_result));
/* Stops it and waits for that thread; nothing when there is none. */
void socketmap_server_join(struct socketmap_server *server) __attribute__((nonnull));
/* Takes NULL; joins first. */
void socketmap_server_free(struct socketmap_server *server);

/* From a look-up or a tick: the server's own thread. */
const struct socketmap_stats *socketmap_server_stats(const struct socketmap_server *server)
    __attribute__((nonnull));

/* One question as a client, within timeout_ms. FOUND_ERROR also for TEMP, TIMEOUT and PERM replies. */
enum found socketmap_ask(const char *socket_path, const char *map, const char *key, int timeout_ms,
			 struct socketmap_reply *reply_r, struct error *err)
    __attribute__((nonnull));

#endif
