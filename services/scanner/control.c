/* SPDX-License-Identifier: BSD-2-Clause */
/* Status as JSON over socketmap. */
#include "services/scanner/control.h"
#include "common/clock.h"
#include "common/status.h"
#include "common/unix_socket.h"
#include "services/scanner/jail.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONTROL_CLIENTS 16

struct control {
	int listen_fd;
	struct socketmap_server *server;
	void (*reload)(void *context);
	void *context;
	pthread_mutex_t lock; /* of figures */
	struct figures figures;
};

static void put_now(const struct figures *figures, struct json *status)
{
	const char *state = figures->workers > 0 ? "serving"
			    : figures->loading   ? "loading"
						 : "failed";

	json_put_text(status, "state", state);
	json_put_text(status, "error", figures->error[0] != '\0' ? figures->error : NULL);
	json_put_number(status, "generation", figures->generation);
	json_put_number(status, "signatures", figures->signatures);
	json_put_bool(status, "loading", figures->loading);
	json_put_number(status, "workers_wanted", figures->wanted);
	json_put_number(status, "workers", figures->workers);
	json_put_number(status, "busy", figures->busy);
	json_put_number(status, "queue", figures->queued);
	json_put_number(status, "queue_limit", figures->queue_limit);
	json_put_number(
	    status, "last_canary_seconds",
	    figures->last_canary_ms == 0 ? -1 : (clock_ms() - figures->last_canary_ms) / 1000);
}

static void put_jail(uint32_t features, struct json *status)
{
	static const struct {
		uint32_t feature;
		const char *name;
	} names[] = {
	    {JAIL_OWN_TMPFS, "own_tmpfs"},   {JAIL_NO_NETWORK, "no_network"},
	    {JAIL_LANDLOCK, "landlock"},     {JAIL_SECCOMP, "seccomp"},
	    {JAIL_NO_CAPS, "no_privileges"}, {JAIL_LIMITS, "limits"},
	};
	struct json *jail = json_new_object();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_put_bool(jail, names[i].name, (features & names[i].feature) != 0);
	json_put(status, "jail", jail);
}

static void put_counters(const struct figures *figures, struct json *status)
{
	struct json *verdicts = json_new_object();

	for (uint32_t verdict = SCAN_CLEAN; verdict <= SCAN_BUSY; verdict++)
		json_put_number(verdicts, scan_verdict_name(verdict),
				(int64_t)figures->verdicts[verdict]);
	json_put(status, "verdicts", verdicts);
	json_put_number(status, "workers_lost", (int64_t)figures->workers_lost);
	json_put_number(status, "canaries_found", (int64_t)figures->canaries_found);
	json_put_number(status, "canaries_missed", (int64_t)figures->canaries_missed);
	json_put_number(status, "loads", (int64_t)figures->loads);
	json_put_number(status, "loads_failed", (int64_t)figures->loads_failed);
}

static void answer_status(struct control *control, struct socketmap_reply *reply)
{
	struct json *status = status_new("easymail-scanner");
	struct figures figures;

	pthread_mutex_lock(&control->lock);
	figures = control->figures;
	pthread_mutex_unlock(&control->lock);
	put_now(&figures, status);
	put_jail(figures.features, status);
	put_counters(&figures, status);
	status_reply(reply, status);
}

static void lookup(void *context, const char *map, const char *key, struct socketmap_reply *reply)
{
	struct control *control = context;

	if (strcmp(map, "status") == 0) {
		answer_status(control, reply);
	} else if (strcmp(map, "command") == 0 && strcmp(key, "reload") == 0) {
		control->reload(control->context);
		socketmap_reply_set(reply, FOUND_ONE, "loading");
	} else {
		socketmap_reply_set(
		    reply, FOUND_ERROR,
		    "no such map: %s; there are status, and command with the key reload", map);
	}
}

bool control_new(const struct config *config, void (*reload)(void *context), void *context,
		 struct control **control_r, struct error *err)
{
	struct control *control = calloc(1, sizeof(*control));

	if (control == NULL)
		return error_set(err, "out of memory");
	control->listen_fd = -1;
	control->reload = reload;
	control->context = context;
	pthread_mutex_init(&control->lock, NULL);
	if (!unix_listen(config_text(config, "scanner.control_socket"), 0660, &control->listen_fd,
			 err) ||
	    !socketmap_server_new(control->listen_fd, CONTROL_CLIENTS, lookup, control,
				  &control->server, err)) {
		control_free(control);
		return false;
	}
	*control_r = control;
	return true;
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

bool control_start(struct control *control, struct error *err)
{
	return socketmap_server_start(control->server, err);
}

void control_publish(struct control *control, const struct figures *figures)
{
	pthread_mutex_lock(&control->lock);
	control->figures = *figures;
	pthread_mutex_unlock(&control->lock);
}
