/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients from their connection to their answer. */
#include "services/scanner/dispatcher.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/spool.h"
#include "services/scanner/pool.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MS      5000 /* for a client to send its request */
#define SPARE_CLIENTS   64   /* beside those that wait and those that are scanned */
#define TICK_MS         50
#define TICK_AT_REST_MS 1000

enum client_state {
	CLIENT_ASKING,
	CLIENT_QUEUED,
	CLIENT_SCANNED, /* a worker has its message; it stays until the answer, gone or not */
};

struct client {
	struct watch watch;
	TAILQ_ENTRY(client) link;
	struct dispatcher *dispatcher;
	enum client_state state;
	int message_fd;
	int64_t deadline_ms; /* while asking or queued */
	struct scan_request request;
};

TAILQ_HEAD(client_list, client);

struct dispatcher {
	struct watch watch; /* the listening socket */
	struct loop *loop;
	const struct scanner_settings *settings;
	struct figures *figures;
	struct pool *pool;
	struct client_list asking; /* those of each state, in the order they came into it */
	struct client_list queued;
	struct client_list scanned;
	unsigned clients;
	int64_t next_tick_ms;
	bool draining;
};

static struct client_list *list_of(struct dispatcher *dispatcher, enum client_state state)
{
	switch (state) {
	case CLIENT_ASKING:
		return &dispatcher->asking;
	case CLIENT_QUEUED:
		return &dispatcher->queued;
	case CLIENT_SCANNED:
		break;
	}
	return &dispatcher->scanned;
}

static void client_move(struct client *client, enum client_state state)
{
	struct dispatcher *dispatcher = client->dispatcher;

	TAILQ_REMOVE(list_of(dispatcher, client->state), client, link);
	TAILQ_INSERT_TAIL(list_of(dispatcher, state), client, link);
	dispatcher->figures->queued += state == CLIENT_QUEUED;
	dispatcher->figures->queued -= client->state == CLIENT_QUEUED;
	client->state = state;
}

static void client_free(struct client *client)
{
	struct dispatcher *dispatcher = client->dispatcher;

	TAILQ_REMOVE(list_of(dispatcher, client->state), client, link);
	dispatcher->figures->queued -= client->state == CLIENT_QUEUED;
	dispatcher->clients--;
	loop_close(dispatcher->loop, &client->watch);
	if (client->message_fd >= 0)
		close(client->message_fd);
	free(client);
}

/* A client that does not take its answer has none: it calls that unknown. */
static void client_answer(struct client *client, const struct scan_answer *answer, int facts_fd)
{
	client->dispatcher->figures->verdicts[answer->verdict]++;
	if (client->watch.fd >= 0)
		(void)scan_send(client->watch.fd, answer, sizeof(*answer), facts_fd);
	client_free(client);
}

static void client_answer_busy(struct client *client, const char *why)
{
	struct scan_answer answer;

	scan_answer_busy(&answer, "%s", why);
	client_answer(client, &answer, -1);
}

static void client_answer_unknown(struct client *client, const char *why)
{
	struct scan_answer answer;

	scan_answer_unknown(&answer, "%.180s", why);
	client_answer(client, &answer, -1);
}

/* The pool's answer to a job. */
static void on_answered(void *context, void *job, const struct scan_answer *answer, int facts_fd)
{
	(void)context;
	client_answer(job, answer, facts_fd);
}

/* To a worker, into the queue, or back. */
static void client_enter(struct client *client)
{
	struct dispatcher *dispatcher = client->dispatcher;

	if (TAILQ_EMPTY(&dispatcher->queued) &&
	    pool_submit(dispatcher->pool, client, &client->request, client->message_fd)) {
		client_move(client, CLIENT_SCANNED);
	} else if (pool_has_failed(dispatcher->pool)) {
		client_answer_unknown(client, dispatcher->figures->error);
	} else if (dispatcher->draining ||
		   dispatcher->figures->queued >= dispatcher->settings->queue_limit) {
		client_answer_busy(client, "too many messages wait to be scanned");
	} else {
		client->deadline_ms = clock_ms() + dispatcher->settings->queue_timeout_ms;
		client_move(client, CLIENT_QUEUED);
	}
}

static void client_read(struct client *client)
{
	size_t limit = client->dispatcher->settings->max_message_bytes;
	struct error err;
	size_t length;

	switch (scan_receive(client->watch.fd, &client->request, sizeof(client->request),
			     &client->message_fd)) {
	case SCAN_RECEIVED:
		break;
	case SCAN_RECEIVED_AGAIN:
		return;
	case SCAN_RECEIVED_END:
	case SCAN_RECEIVED_BROKEN:
		client_free(client);
		return;
	}
	scan_request_tame(&client->request);
	if (client->request.version != SCAN_PROTOCOL_VERSION)
		client_answer_unknown(client, "the request is of another version");
	else if (client->message_fd < 0)
		client_answer_unknown(client, "no message came with the request");
	else if (!spool_check(client->message_fd, limit, &length, &err))
		client_answer_unknown(client, err.text);
	else
		client_enter(client);
}

/* Asking: the request. Later there is nothing to come but the end of the connection. */
static void client_ready(struct watch *watch)
{
	struct client *client = (struct client *)watch;

	switch (client->state) {
	case CLIENT_ASKING:
		client_read(client);
		break;
	case CLIENT_QUEUED:
		client_free(client);
		break;
	case CLIENT_SCANNED:
		loop_close(client->dispatcher->loop, watch);
		break;
	}
}

static void client_new(struct dispatcher *dispatcher, int fd)
{
	struct client *client = calloc(1, sizeof(*client));
	struct error err;

	if (client == NULL) {
		close(fd);
		return;
	}
	client->watch = (struct watch){.fd = fd, .ready = client_ready};
	client->dispatcher = dispatcher;
	client->message_fd = -1;
	client->state = CLIENT_ASKING;
	client->deadline_ms = clock_ms() + REQUEST_MS;
	TAILQ_INSERT_TAIL(&dispatcher->asking, client, link);
	dispatcher->clients++;
	if (!loop_add(dispatcher->loop, &client->watch, &err)) {
		client_answer_unknown(client, err.text);
		return;
	}
	/* queued and scanned ones have limits of their own: it is silent ones that are too many */
	if (dispatcher->clients >
	    dispatcher->settings->queue_limit + dispatcher->settings->workers + SPARE_CLIENTS)
		client_free(TAILQ_FIRST(&dispatcher->asking));
}

static void on_connection(struct watch *watch)
{
	struct dispatcher *dispatcher = (struct dispatcher *)watch;
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0)
		client_new(dispatcher, fd);
	else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		log_warning("accept: %s", strerror(errno));
}

bool dispatcher_new(struct loop *loop, const struct scanner_settings *settings,
		    struct figures *figures, int listen_fd, struct dispatcher **dispatcher_r,
		    struct error *err)
{
	struct dispatcher *dispatcher = calloc(1, sizeof(*dispatcher));

	if (dispatcher == NULL)
		return error_set(err, "out of memory");
	dispatcher->watch = (struct watch){.fd = listen_fd, .ready = on_connection};
	dispatcher->loop = loop;
	dispatcher->settings = settings;
	dispatcher->figures = figures;
	figures->queue_limit = settings->queue_limit;
	TAILQ_INIT(&dispatcher->asking);
	TAILQ_INIT(&dispatcher->queued);
	TAILQ_INIT(&dispatcher->scanned);
	if (!loop_add(loop, &dispatcher->watch, err) ||
	    !pool_new(loop, settings, figures, on_answered, dispatcher, &dispatcher->pool)) {
		dispatcher_free(dispatcher);
		return error_set(err, "the workers' pool does not start");
	}
	*dispatcher_r = dispatcher;
	return true;
}

static void free_all(struct client_list *list)
{
	while (!TAILQ_EMPTY(list))
		client_free(TAILQ_FIRST(list));
}

void dispatcher_free(struct dispatcher *dispatcher)
{
	if (dispatcher == NULL)
		return;
	pool_free(dispatcher->pool);
	free_all(&dispatcher->asking);
	free_all(&dispatcher->queued);
	free_all(&dispatcher->scanned);
	loop_close(dispatcher->loop, &dispatcher->watch);
	free(dispatcher);
}

/* The longest waiting first, while workers are idle; all of them when there will be none. */
static void serve_queue(struct dispatcher *dispatcher)
{
	struct client *client;

	while ((client = TAILQ_FIRST(&dispatcher->queued)) != NULL) {
		if (pool_submit(dispatcher->pool, client, &client->request, client->message_fd))
			client_move(client, CLIENT_SCANNED);
		else if (pool_has_failed(dispatcher->pool))
			client_answer_unknown(client, dispatcher->figures->error);
		else if (dispatcher->draining || clock_ms() >= client->deadline_ms)
			client_answer_busy(client, "all workers were busy for too long");
		else
			return;
	}
}

static void drop_silent(struct dispatcher *dispatcher)
{
	struct client *client;

	while ((client = TAILQ_FIRST(&dispatcher->asking)) != NULL &&
	       (dispatcher->draining || clock_ms() >= client->deadline_ms))
		client_free(client);
}

int dispatcher_turn(struct dispatcher *dispatcher)
{
	int64_t now_ms = clock_ms();

	if (now_ms >= dispatcher->next_tick_ms) {
		pool_tick(dispatcher->pool);
		drop_silent(dispatcher);
		dispatcher->next_tick_ms = now_ms + TICK_MS;
	}
	serve_queue(dispatcher);
	return pool_is_at_rest(dispatcher->pool) ? TICK_AT_REST_MS : TICK_MS;
}

void dispatcher_reload(struct dispatcher *dispatcher)
{
	pool_reload(dispatcher->pool);
}

void dispatcher_drain(struct dispatcher *dispatcher)
{
	dispatcher->draining = true;
	loop_close(dispatcher->loop, &dispatcher->watch);
	drop_silent(dispatcher);
	serve_queue(dispatcher);
}

bool dispatcher_is_done(const struct dispatcher *dispatcher)
{
	return TAILQ_EMPTY(&dispatcher->scanned) && TAILQ_EMPTY(&dispatcher->queued);
}
