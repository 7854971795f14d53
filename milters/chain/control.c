/* SPDX-License-Identifier: BSD-2-Clause */
/* Status and decisions for easymailctl. */
#include "milters/chain/control.h"
#include "common/status.h"
#include "milters/chain/memory.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_CLIENTS 16

struct control {
	struct chain *chain;
	struct policy_store *policies;
	struct socketmap_server *server;
	time_t started;
};

static void put_filters(struct json *json, const struct chain *chain)
{
	struct json *names = json_new_array();

	for (size_t i = 0; i < chain->count; i++)
		json_append_text(names, chain->slots[i].filter->name);
	json_put(json, "filters", names);
}

/* What filters tell of themselves. */
static void put_reports(struct json *json, const struct chain *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		const struct filter_slot *slot = &chain->slots[i];

		if (slot->filter->report != NULL)
			slot->filter->report(slot->process, json);
	}
}

/* The generation, or why it is not known. */
static void put_generation(struct json *json, struct policy_store *policies)
{
	int64_t generation;
	struct error err;

	if (policy_generation(policies, &generation, &err))
		json_put_number(json, "generation", generation);
	else
		json_put_text(json, "database_error", err.text);
}

static struct json *status_of(const struct control *control)
{
	struct chain *chain = control->chain;
	struct json *json = status_new("easymail-milter");

	json_put_time(json, "started", control->started);
	put_filters(json, chain);
	json_put_number(json, "sessions", gate_sessions(chain->gate));
	json_put_number(json, "max_sessions", chain->limits.max_sessions);
	json_put_number(json, "busy", gate_busy(chain->gate));
	json_put_number(json, "max_busy", chain->limits.max_busy);
	json_put_number(json, "messages",
			(int64_t)__atomic_load_n(&chain->messages, __ATOMIC_RELAXED));
	put_generation(json, control->policies);
	put_reports(json, chain);
	return json;
}

static void look_up(void *context, const char *map, const char *key, struct socketmap_reply *reply)
{
	struct control *control = context;
	struct decision decision;

	if (strcmp(map, "status") == 0)
		status_reply(reply, status_of(control));
	else if (strcmp(map, "decision") != 0)
		socketmap_reply_set(reply, FOUND_ERROR, "no such map: status or decision");
	else if (recent_find(control->chain->recent, key, &decision))
		status_reply(reply, decision_to_json(&decision));
	else
		socketmap_reply_set(reply, FOUND_NONE, "%s", "");
}

bool control_start(int listen_fd, struct chain *chain, struct policy_store *policies,
		   struct control **control_r, struct error *err)
{
	struct control *control = memory_new(1, sizeof(*control));

	control->chain = chain;
	control->policies = policies;
	control->started = time(NULL);
	if (!socketmap_server_new(listen_fd, MAX_CLIENTS, look_up, control, &control->server,
				  err) ||
	    !socketmap_server_start(control->server, err)) {
		control_stop(control);
		return false;
	}
	*control_r = control;
	return true;
}

void control_stop(struct control *control)
{
	if (control == NULL)
		return;
	socketmap_server_free(control->server);
	free(control);
}
