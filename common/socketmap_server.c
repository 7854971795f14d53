/* SPDX-License-Identifier: BSD-2-Clause */
/* A socketmap server: one thread, epoll, bounded buffers. */
#include "common/clock.h"
#include "common/socketmap_wire.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_PER_WAIT   64
#define ACCEPTS_PER_EVENT 64
#define OUT_PAUSE         16384 /* octets of unread replies at which a client is no longer read from */
#define REPLY_SPACE       (sizeof(((struct socketmap_reply *)0)->text) + SOCKETMAP_REPLY_EXTRA)
#define STOP_MS           1000 /* for the last replies */

struct client {
	struct client *newer, *older; /* by last request */
	int fd;
	bool ended;      /* sends no more, may still read */
	uint32_t events; /* that epoll watches */
	size_t in_used;
	char *out; /* NULL when nothing waits */
	size_t out_at, out_end;
	char in[SOCKETMAP_REQUEST_MAX + NETSTRING_EXTRA];
};

struct socketmap_server {
	int listen_fd, epoll_fd, wake_fd;
	unsigned max_clients;
	socketmap_lookup lookup;
	void *context;
	bool stopping, accept_due;
	bool threaded; /* `thread` runs it */
	pthread_t thread;
	struct client *newest, *oldest;
	struct socketmap_stats stats;
	struct socketmap_reply reply;
	char request[SOCKETMAP_REQUEST_MAX + 1];
};

static void list_remove(struct socketmap_server *server, struct client *client)
{
	*(client->newer != NULL ? &client->newer->older : &server->newest) = client->older;
	*(client->older != NULL ? &client->older->newer : &server->oldest) = client->newer;
}

static void list_add_newest(struct socketmap_server *server, struct client *client)
{
	client->newer = NULL;
	client->older = server->newest;
	*(server->newest != NULL ? &server->newest->newer : &server->oldest) = client;
	server->newest = client;
}

static void client_close(struct socketmap_server *server, struct client *client)
{
	list_remove(server, client);
	server->stats.clients--;
	/* A child that is between fork and exec holds a copy, and close alone would leave it watched. */
	(void)epoll_ctl(server->epoll_fd, EPOLL_CTL_DEL, client->fd, NULL);
	close(client->fd);
	free(client->out);
	free(client);
}

static size_t client_unsent(const struct client *client)
{
	return client->out_end - client->out_at;
}

/* Sends what the socket takes. False: the client is gone. */
static bool client_flush(struct client *client)
{
	while (client_unsent(client) > 0) {
		ssize_t sent = send(client->fd, client->out + client->out_at, client_unsent(client),
				    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0)
			return errno == EAGAIN || errno == EINTR;
		client->out_at += (size_t)sent;
	}
	free(client->out);
	client->out = NULL;
	client->out_at = client->out_end = 0;
	return true;
}

/* Answers a request's content into the client's buffer. False: no memory. */
static bool client_answer(struct socketmap_server *server, struct client *client,
			  const char *content, size_t length)
{
	struct socketmap_reply *reply = &server->reply;
	const char *map, *key;

	if (client->out == NULL)
		client->out = malloc(OUT_PAUSE + REPLY_SPACE);
	if (client->out == NULL)
		return false;
	reply->found = FOUND_ERROR;
	reply->length = 0;
	reply->text[0] = '\0';
	if (socketmap_request_read(content, length, server->request, &map, &key))
		server->lookup(server->context, map, key, reply);
	else
		socketmap_reply_set(reply, FOUND_ERROR,
				    "a request is a map's name, a blank, a key");
	server->stats.requests++;
	server->stats.errors += reply->found == FOUND_ERROR;
	client->out_end += socketmap_reply_write(reply, client->out + client->out_end);
	list_remove(server, client);
	list_add_newest(server, client);
	return true;
}

/* Makes room for a reply. False: the client is gone; *room_r: is there any? */
static bool client_make_room(struct client *client, bool *room_r)
{
	if (client->out_end >= OUT_PAUSE && !client_flush(client))
		return false;
	*room_r = client->out_end < OUT_PAUSE;
	return true;
}

/* Answers the requests that are complete, as far as there is room for replies. False: close. */
static bool client_answer_all(struct socketmap_server *server, struct client *client)
{
	size_t at = 0, length, used;
	const char *content;
	bool room;
	int state;

	for (;;) {
		if (!client_make_room(client, &room))
			return false;
		state = !room ? 0
			      : netstring_take(client->in + at, client->in_used - at,
					       SOCKETMAP_REQUEST_MAX, &content, &length, &used);
		if (state != 1)
			break;
		if (!client_answer(server, client, content, length))
			return false;
		at += used;
	}
	memmove(client->in, client->in + at, client->in_used - at);
	client->in_used -= at;
	server->stats.broken += state < 0;
	/* Without room EPOLLOUT must call again: what is left of `in` brings no event of its own. */
	return state == 0 && (!room || client_flush(client));
}

/* Reads what is there, once. False: the client is gone. */
static bool client_read(struct client *client)
{
	size_t room = sizeof(client->in) - client->in_used;
	ssize_t got =
	    room == 0 ? -1 : recv(client->fd, client->in + client->in_used, room, MSG_DONTWAIT);

	if (room == 0)
		return true;
	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	client->ended = got == 0;
	client->in_used += (size_t)got;
	return true;
}

/* Watches for what can happen next. False: epoll refuses, or nothing can. */
static bool client_watch(struct socketmap_server *server, struct client *client)
{
	struct epoll_event event = {.data.ptr = client};

	if (!client->ended && client->out_end < OUT_PAUSE)
		event.events |= EPOLLIN;
	if (client_unsent(client) > 0)
		event.events |= EPOLLOUT;
	if (event.events == client->events)
		return event.events != 0;
	client->events = event.events;
	return event.events != 0 &&
	       epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, client->fd, &event) == 0;
}

/* One event of one client; closes it when it is done with. */
static void client_serve(struct socketmap_server *server, struct client *client, uint32_t events)
{
	bool alive = true;

	if ((client->events & EPOLLIN) != 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
		alive = client_read(client);
	else if ((events & (EPOLLHUP | EPOLLERR)) != 0)
		alive = false;
	alive = alive && client_flush(client) && client_answer_all(server, client) &&
		client_watch(server, client);
	if (!alive)
		client_close(server, client);
}

static void client_open(struct socketmap_server *server, int fd)
{
	struct client *client = calloc(1, sizeof(*client));
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};

	if (client == NULL || epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		free(client);
		close(fd);
		return;
	}
	client->fd = fd;
	client->events = EPOLLIN;
	list_add_newest(server, client);
	server->stats.clients++;
	server->stats.accepted++;
}

/* Closes the client whose last request is longest ago. False: there is none. */
static bool evict_oldest(struct socketmap_server *server)
{
	if (server->oldest == NULL)
		return false;
	client_close(server, server->oldest);
	server->stats.evicted++;
	return true;
}

/* Takes new clients, making room where there is none. */
static void accept_clients(struct socketmap_server *server)
{
	for (int i = 0; i < ACCEPTS_PER_EVENT; i++) {
		int fd = accept4(server->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			if (server->stats.clients >= server->max_clients)
				evict_oldest(server);
			client_open(server, fd);
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno == EAGAIN)
			return;
		if (!evict_oldest(server))
			poll(NULL, 0, 10); /* nobody to serve, and the event stays: do not spin */
	}
}

/* Waits up to wait_ms and handles what has come: clients first, since accepting may close some. */
static int server_turn(struct socketmap_server *server, int wait_ms)
{
	struct epoll_event events[EVENTS_PER_WAIT];
	int count = epoll_wait(server->epoll_fd, events, EVENTS_PER_WAIT, wait_ms);

	for (int i = 0; i < count; i++) {
		if (events[i].data.ptr == &server->wake_fd)
			server->stopping = true;
		else if (events[i].data.ptr == &server->listen_fd)
			server->accept_due = true;
		else
			client_serve(server, events[i].data.ptr, events[i].events);
	}
	if (server->accept_due)
		accept_clients(server);
	server->accept_due = false;
	return count;
}

static bool has_unsent(const struct socketmap_server *server)
{
	for (const struct client *client = server->newest; client != NULL; client = client->older) {
		if (client_unsent(client) > 0)
			return true;
	}
	return false;
}

/* Answers what has arrived and waits for it to be taken. */
static void server_finish(struct socketmap_server *server)
{
	int64_t deadline_ms = clock_ms() + STOP_MS;

	epoll_ctl(server->epoll_fd, EPOLL_CTL_DEL, server->listen_fd, NULL);
	epoll_ctl(server->epoll_fd, EPOLL_CTL_DEL, server->wake_fd, NULL);
	while (clock_ms() < deadline_ms) {
		if (server_turn(server, 0) > 0)
			continue;
		if (!has_unsent(server))
			return;
		server_turn(server, (int)(deadline_ms - clock_ms()));
	}
}

void socketmap_server_run(struct socketmap_server *server, int tick_ms, void (*tick)(void *context))
{
	int64_t next_ms = clock_ms() + tick_ms;

	while (!server->stopping) {
		int64_t left_ms = next_ms - clock_ms();

		if (tick != NULL && left_ms <= 0) {
			tick(server->context);
			next_ms = clock_ms() + tick_ms;
			continue;
		}
		server_turn(server, tick == NULL ? -1 : (int)left_ms);
	}
	server_finish(server);
}

void socketmap_server_stop(struct socketmap_server *server)
{
	eventfd_write(server->wake_fd, 1);
}

static void *serve(void *server)
{
	socketmap_server_run(server, 0, NULL);
	return NULL;
}

bool socketmap_server_start(struct socketmap_server *server, struct error *err)
{
	int reason = pthread_create(&server->thread, NULL, serve, server);

	server->threaded = reason == 0;
	return server->threaded || error_set(err, "thread: %s", strerror(reason));
}

void socketmap_server_join(struct socketmap_server *server)
{
	if (!server->threaded)
		return;
	socketmap_server_stop(server);
	pthread_join(server->thread, NULL);
	server->threaded = false;
}

/* Watches a descriptor of the server's own; its address tells it from a client. */
static bool watch_own(struct socketmap_server *server, int *fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = fd};

	return epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, *fd, &event) == 0;
}

bool socketmap_server_new(int listen_fd, unsigned max_clients, socketmap_lookup lookup,
			  void *context, struct socketmap_server **server_r, struct error *err)
{
	struct socketmap_server *server = calloc(1, sizeof(*server));
	int flags = fcntl(listen_fd, F_GETFL);

	if (server == NULL)
		return error_set(err, "out of memory");
	server->listen_fd = listen_fd;
	server->max_clients = max_clients > 0 ? max_clients : 1;
	server->lookup = lookup;
	server->context = context;
	server->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (flags < 0 || fcntl(listen_fd, F_SETFL, flags | O_NONBLOCK) < 0 || server->wake_fd < 0 ||
	    server->epoll_fd < 0 || !watch_own(server, &server->listen_fd) ||
	    !watch_own(server, &server->wake_fd)) {
		error_set(err, "socketmap server: %s", strerror(errno));
		socketmap_server_free(server);
		return false;
	}
	*server_r = server;
	return true;
}

void socketmap_server_free(struct socketmap_server *server)
{
	if (server == NULL)
		return;
	socketmap_server_join(server);
	while (server->oldest != NULL)
		client_close(server, server->oldest);
	if (server->epoll_fd >= 0)
		close(server->epoll_fd);
	if (server->wake_fd >= 0)
		close(server->wake_fd);
	free(server);
}

const struct socketmap_stats *socketmap_server_stats(const struct socketmap_server *server)
{
	return &server->stats;
}
