/* SPDX-License-Identifier: BSD-2-Clause */
/* easymail-tracker: reads Postfix's log and keeps in the journal what became of each message. */
#include "common/daemon.h"
#include "common/service.h"
#include "common/status.h"
#include "common/unix_socket.h"
#include "services/tracker/tracker.h"
#include <string.h>
#include <unistd.h>

#define CLIENTS_MAX 16

/* The daemon's parts. */
struct daemon {
	struct tracker *tracker;
	int listen_fd;
	struct socketmap_server *server;
	time_t started;
};

static void put_figures(struct json *status, const struct tracker_figures *figures)
{
	json_put_text(status, "source", figures->source);
	json_put_number(status, "lines", (int64_t)figures->counts.lines);
	json_put_number(status, "deliveries", (int64_t)figures->counts.deliveries);
	json_put_number(status, "decisions", (int64_t)figures->counts.decisions);
	json_put_number(status, "spooled", (int64_t)figures->spooled);
	json_put_number(status, "lag_bytes", figures->lag_bytes);
	if (figures->last_at != 0)
		json_put_time(status, "last_line", (time_t)figures->last_at);
	else
		json_put_text(status, "last_line", NULL);
	json_put_text(status, "journal_error",
		      figures->journal_error[0] != '\0' ? figures->journal_error : NULL);
	json_put_text(status, "log_error",
		      figures->log_error[0] != '\0' ? figures->log_error : NULL);
	json_put_text(status, "rules_error",
		      figures->rules_error[0] != '\0' ? figures->rules_error : NULL);
}

static void answer_status(const struct daemon *daemon, struct socketmap_reply *reply)
{
	struct json *status = status_new("easymail-tracker");
	struct tracker_figures figures;

	tracker_figures(daemon->tracker, &figures);
	json_put_time(status, "started", daemon->started);
	put_figures(status, &figures);
	status_reply(reply, status);
}

static void answer(void *context, const char *map, const char *key, struct socketmap_reply *reply)
{
	(void)key;
	if (strcmp(map, "status") == 0)
		answer_status(context, reply);
	else
		socketmap_reply_set(reply, FOUND_ERROR, "no map %.64s here: status", map);
}

/* After false too the caller calls daemon_stop. */
static bool daemon_start(struct daemon *daemon, const struct config *config, struct error *err)
{
	*daemon = (struct daemon){.listen_fd = -1, .started = time(NULL)};
	return tracker_new(config, &daemon->tracker, err) &&
	       unix_listen(config_text(config, "tracker.control_socket"), 0660, &daemon->listen_fd,
			   err) &&
	       socketmap_server_new(daemon->listen_fd, CLIENTS_MAX, answer, daemon, &daemon->server,
				    err);
}

static void daemon_stop(struct daemon *daemon)
{
	socketmap_server_free(daemon->server);
	if (daemon->listen_fd >= 0)
		close(daemon->listen_fd);
	tracker_free(daemon->tracker);
}

static int turn(void *context)
{
	struct daemon *daemon = context;

	return tracker_turn_ms(daemon->tracker);
}

static bool tracker_live(const struct config *config, const char *config_path, struct error *err)
{
	struct daemon daemon;
	sigset_t ends;
	bool done;

	(void)config_path;
	service_block_signals(&ends);
	done = daemon_start(&daemon, config, err) &&
	       daemon_run(&ends, daemon.server, turn, &daemon, err);
	daemon_stop(&daemon);
	return done;
}

int main(int argc, char **argv)
{
	const struct daemon_program program = {.name = "easymail-tracker", .live = tracker_live};

	return daemon_main(argc, argv, &program);
}
