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
#include <stddef.h>
#include <sys/types.h>

#define SOCKETMAP_REQUEST_MAX \
	4096 /* octets of a request's netstring; longer ones end the connection */
#define SOCKETMAP_REPLY_MAX 100000 /* what Postfix takes */

struct socketmap_reply {
	enum found found; /* FOUND_ERROR: TEMP, with the text as its reason */
	size_t length;
	char text[16384]; /* NUL-terminated */
};

/* Splits off one netstring. 1: there, *content_r and *length_r point into data, *used_r octets are spent;
 * 0: not complete yet; -1: not a netstring, or over `max`. */
int netstring_take(const char *data, size_t size, size_t max, const char **content_r,
		   size_t *length_r, size_t *used_r) __attribute__((nonnull));

/* Answers one request. Called from the server's thread only; must not block for long. */
typedef void (*socketmap_lookup)(void *context, const char *map, const char *key,
				 struct socketmap_reply *reply);

/*
 * A server on a listening socket that the caller made (systemd's or unix_listen's): one thread, epoll,
 * any number of connections up to max_clients, several requests in flight on each.
 */
struct socketmap_server;
bool socketmap_server_new(int listen_fd, unsigned max_clients, socketmap_lookup lookup,
			  void *context, struct socketmap_server **server_r, struct error *err)
    __attribute__((nonnull(3, 5, 6), warn_unused_result));
/* Until socketmap_server_stop, which any thread or signal handler may call. tick is called about
 * every tick_ms, NULL for none. */
void socketmap_server_run(struct socketmap_server *server, int tick_ms, void (*tick)(void *context))
    __attribute__((nonnull(1)));
void socketmap_server_stop(struct socketmap_server *server) __attribute__((nonnull));
void socketmap_server_free(struct socketmap_server *server);

/* A Unix socket at `path`, mode as given; replaces a stale one, refuses a live one. */
bool unix_listen(const char *path, mode_t mode, int *fd_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* One question as a client, within timeout_ms. FOUND_ERROR also for TEMP, TIMEOUT and PERM replies. */
enum found socketmap_ask(const char *socket_path, const char *map, const char *key, int timeout_ms,
			 struct socketmap_reply *reply_r, struct error *err)
    __attribute__((nonnull));

#endif
