/* SPDX-License-Identifier: BSD-2-Clause */
/* Status as JSON over socketmap. */
#include "services/monitor/control.h"
#include "common/clock.h"
#include "common/status.h"
#include "common/unix_socket.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONTROL_CLIENTS 16
#define PUBLISH_MS      1000

struct figures {
	bool known; /* the policy has been read */
	size_t ips, lists, lists_bad, things, bad, unknown;
	size_t states[EGRESS_DOWN + 1];
	size_t under_way;
	uint64_t looks;
	int64_t provider;
	char error[512];
};

struct control {
	int listen_fd;
	struct socketmap_server *server;
	int64_t published_ms;
	pthread_mutex_t lock; /* of what follows */
	struct figures figures;
	uint64_t moves, domains;
};

static void put_figures(const struct figures *figures, struct json *status)
{
	struct json *states = json_new_object();

	json_put_text(status, "error",
		      figures->error[0] != '\0' ? figures->error
		      : figures->known          ? NULL
						: "the policy has not been read yet");
	json_put_number(status, "generation", figures->provider);
	json_put_number(status, "addresses", (int64_t)figures->ips);
	for (int i = 0; i <= EGRESS_DOWN; i++)
		json_put_number(states, egress_state_name((enum egress_state)i),
				(int64_t)figures->states[i]);
	json_put(status, "states", states);
	json_put_number(status, "blocklists", (int64_t)figures->lists);
	json_put_number(status, "blocklists_not_counted", (int64_t)figures->lists_bad);
	json_put_number(status, "watched", (int64_t)figures->things);
	json_put_number(status, "bad", (int64_t)figures->bad);
	json_put_number(status, "under_way", (int64_t)figures->under_way);
	json_put_number(status, "looks", (int64_t)figures->looks);
}

static void answer_status(struct control *control, struct socketmap_reply *reply)
{
	struct json *status = status_new("easymail-monitor");

	pthread_mutex_lock(&control->lock);
	put_figures(&control->figures, status);
	json_put_number(status, "moves", (int64_t)control->moves);
	json_put_number(status, "domains_checked", (int64_t)control->domains);
	pthread_mutex_unlock(&control->lock);
	status_reply(reply, status);
}

static void lookup(void *context, const char *map, const char *key, struct socketmap_reply *reply)
{
	(void)key;
	if (strcmp(map, "status") == 0)
		answer_status(context, reply);
	else
		socketmap_reply_set(reply, FOUND_ERROR, "no map %.64s here: status", map);
}

bool control_new(const char *path, struct control **control_r, struct error *err)
{
	struct control *control = calloc(1, sizeof(*control));

	if (control == NULL)
		abort();
	control->listen_fd = -1;
	pthread_mutex_init(&control->lock, NULL);
	*control_r = control;
	return unix_listen(path, 0660, &control->listen_fd, err) &&
	       socketmap_server_new(control->listen_fd, CONTROL_CLIENTS, lookup, control,
				    &control->server, err);
}

bool control_start(struct control *control, struct error *err)
{
	return socketmap_server_start(control->server, err);
}

void control_free(struct control *control)
{
	if (control == NULL)
		return;
	socketmap_server_free(control->server);
	if (control->listen_fd >= 0)
		close(control->listen_fd);
	pthread_mutex_destroy(&control->lock);
	free(control);
}

static void count_ip(const struct watched_ip *ip, struct figures *figures)
{
	figures->states[ip->row.ip.state]++;
	figures->things += ip->item_count;
	for (size_t i = 0; i < ip->item_count; i++)
		figures->bad += ip->items[i].evidence.bad;
}

void control_publish(struct control *control, const struct looks *looks, const struct fleet *fleet,
		     const char *error)
{
	struct figures figures = {.known = true,
				  .ips = fleet->ip_count,
				  .lists = fleet->list_count,
				  .under_way = looks->under_way,
				  .looks = looks->done,
				  .provider = fleet->provider};

	if (clock_ms() < control->published_ms + PUBLISH_MS)
		return;
	control->published_ms = clock_ms();
	for (size_t i = 0; i < fleet->ip_count; i++)
		count_ip(&fleet->ips[i], &figures);
	for (size_t i = 0; i < fleet->list_count; i++)
		figures.lists_bad += fleet->lists[i].row.health != BLOCKLIST_GOOD;
	snprintf(figures.error, sizeof(figures.error), "%s", error);
	pthread_mutex_lock(&control->lock);
	control->figures = figures;
	pthread_mutex_unlock(&control->lock);
}

void control_count_move(struct control *control)
{
	pthread_mutex_lock(&control->lock);
	control->moves++;
	pthread_mutex_unlock(&control->lock);
}

void control_count_domain(struct control *control)
{
	pthread_mutex_lock(&control->lock);
	control->domains++;
	pthread_mutex_unlock(&control->lock);
}
