/* SPDX-License-Identifier: BSD-2-Clause */
/* easymail-tracker: reads Postfix's log and keeps in the journal what became of each message. */
#include "common/json.h"
#include "common/log.h"
#include "common/service.h"
#include "common/socketmap.h"
#include "services/tracker/tracker.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLIENTS_MAX 16

struct options {
	const char *config_path;
	bool only_test;
};

/* The daemon's parts. */
struct daemon {
	struct tracker *tracker;
	int listen_fd;
	struct socketmap_server *server;
	time_t started;
};

/* False: the process ends with *status_r. */
static bool read_options(int argc, char **argv, struct options *options_r, int *status_r)
{
	int option;

	*options_r = (struct options){.config_path = CONFIG_DEFAULT_PATH};
	*status_r = 0;
	while ((option = getopt(argc, argv, "c:tV")) != -1) {
		if (option == 'V') {
			printf("easymail-tracker %s\n", EASYMAIL_VERSION);
			return false;
		}
		if (option == 'c')
			options_r->config_path = optarg;
		options_r->only_test = options_r->only_test || option == 't';
		*status_r = option == '?' ? 2 : *status_r;
	}
	if (optind < argc || *status_r != 0) {
		fputs("usage: easymail-tracker [-tV] [-c CONFIG]\n", stderr);
		*status_r = 2;
		return false;
	}
	return true;
}

static void put_time(struct json *status, const char *key, time_t when)
{
	char text[sizeof("2026-01-31T12:00:00Z")] = "";
	struct tm utc;

	if (when != 0 && gmtime_r(&when, &utc) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	json_put_text(status, key, when != 0 ? text : NULL);
}

static void put_figures(struct json *status, const struct tracker_figures *figures)
{
	json_put_text(status, "source", figures->source);
	json_put_number(status, "lines", (int64_t)figures->counts.lines);
	json_put_number(status, "deliveries", (int64_t)figures->counts.deliveries);
	json_put_number(status, "decisions", (int64_t)figures->counts.decisions);
	json_put_number(status, "spooled", (int64_t)figures->spooled);
	json_put_number(status, "lag_bytes", figures->lag_bytes);
	put_time(status, "last_line", (time_t)figures->last_at);
	json_put_text(status, "journal_error",
		      figures->journal_error[0] != '\0' ? figures->journal_error : NULL);
	json_put_text(status, "log_error",
		      figures->log_error[0] != '\0' ? figures->log_error : NULL);
	json_put_text(status, "rules_error",
		      figures->rules_error[0] != '\0' ? figures->rules_error : NULL);
}

static void answer_status(const struct daemon *daemon, struct socketmap_reply *reply)
{
	struct json *status = json_new_object();
	struct tracker_figures figures;
	char *text;

	tracker_figures(daemon->tracker, &figures);
	json_put_text(status, "program", "easymail-tracker");
	json_put_text(status, "version", EASYMAIL_VERSION);
	json_put_number(status, "pid", getpid());
	put_time(status, "started", daemon->started);
	put_figures(status, &figures);
	text = json_write(status);
	socketmap_reply_set(reply, FOUND_ONE, "%s", text);
	free(text);
	json_drop(status);
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

static void *serve(void *context)
{
	struct daemon *daemon = context;

	socketmap_server_run(daemon->server, 0, NULL);
	return NULL;
}

/* Reads until a signal of `ends` comes. */
static bool daemon_run(struct daemon *daemon, const sigset_t *ends, struct error *err)
{
	struct timespec wait = {0};
	pthread_t server;
	int reason = pthread_create(&server, NULL, serve, daemon);

	if (reason != 0)
		return error_set(err, "thread: %s", strerror(reason));
	service_ready();
	log_info("started, version %s", EASYMAIL_VERSION);
	while (sigtimedwait(ends, NULL, &wait) < 0) {
		int next_ms = tracker_turn_ms(daemon->tracker);

		wait.tv_sec = next_ms / 1000;
		wait.tv_nsec = (next_ms % 1000) * 1000000L;
	}
	service_stopping();
	socketmap_server_stop(daemon->server);
	pthread_join(server, NULL);
	log_info("stopped");
	return true;
}

static bool daemon_live(const struct config *config, struct error *err)
{
	struct daemon daemon;
	sigset_t ends;
	bool done;

	service_block_signals(&ends);
	done = daemon_start(&daemon, config, err) && daemon_run(&daemon, &ends, err);
	daemon_stop(&daemon);
	return done;
}

int main(int argc, char **argv)
{
	struct options options;
	struct config *config;
	struct error err;
	int status;

	if (!read_options(argc, argv, &options, &status))
		return status;
	if (!config_load(options.config_path, &config, &err)) {
		fprintf(stderr, "easymail-tracker: %s\n", err.text);
		return 1;
	}
	if (!options.only_test) {
		log_open("easymail-tracker", (enum log_target)config_number(config, "log.target"));
		status = daemon_live(config, &err) ? 0 : 1;
		if (status != 0)
			log_error("%s", err.text);
	}
	config_free(config);
	return status;
}
