/* SPDX-License-Identifier: BSD-2-Clause */
/* easymail-mapd: answers Postfix's questions about clients and senders from tenants.db. */
#include "common/config.h"
#include "common/log.h"
#include "common/service.h"
#include "services/mapd/mapd.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define DESCRIPTORS_SPARE 64 /* beside the clients' */

struct options {
	const char *config_path;
	bool only_test;
};

/* False: the process ends with *status_r. */
static bool read_options(int argc, char **argv, struct options *options_r, int *status_r)
{
	int option;

	*options_r = (struct options){.config_path = CONFIG_DEFAULT_PATH};
	*status_r = 0;
	while ((option = getopt(argc, argv, "c:tV")) != -1) {
		if (option == 'V') {
			printf("easymail-mapd %s\n", EASYMAIL_VERSION);
			return false;
		}
		if (option == 'c')
			options_r->config_path = optarg;
		options_r->only_test = options_r->only_test || option == 't';
		*status_r = option == '?' ? 2 : *status_r;
	}
	if (optind < argc || *status_r != 0) {
		fputs("usage: easymail-mapd [-tV] [-c CONFIG]\n", stderr);
		*status_r = 2;
		return false;
	}
	return true;
}

/* A descriptor for every client that the configuration allows, as far as the hard limit goes. */
static void raise_descriptor_limit(rlim_t wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < wanted)
		log_warning("%ju descriptors wanted, %ju allowed: fewer clients fit",
			    (uintmax_t)wanted, (uintmax_t)limit.rlim_cur);
}

/* The service manager's socket, or one of our own. */
static bool open_socket(const struct config *config, int *fd_r, struct error *err)
{
	int first, count;
	mode_t mode;

	if (!service_listen_fds(&first, &count))
		return error_set(err, "LISTEN_FDS: what the service manager handed over is not a "
				      "listening stream socket");
	if (count > 1)
		return error_set(err, "LISTEN_FDS: %d sockets handed over, 1 wanted", count);
	*fd_r = first;
	if (count == 1)
		return true;
	if (!unix_mode_parse(config_text(config, "mapd.socket_mode"), &mode, err))
		return error_prefix(err, "mapd.socket_mode: ");
	return unix_listen(config_text(config, "mapd.socket"), mode, fd_r, err);
}

static void mapd_stop(struct mapd *mapd)
{
	socketmap_server_free(mapd->server);
	if (mapd->listen_fd >= 0)
		close(mapd->listen_fd);
	upkeep_free(mapd->upkeep);
	maps_free(mapd->maps);
	spf_preflight_free(mapd->preflight);
	policy_store_free(mapd->store);
}

/* Without a resolver mail flows all the same. */
static void start_preflight(struct mapd *mapd, const struct config *config)
{
	struct error err;

	if (!spf_preflight_new(config_text(config, "dns.servers"),
			       (int)config_number(config, "dns.timeout"), &mapd->preflight, &err))
		log_warning("SPF of senders is not looked up: %s", err.text);
}

/* After false too the caller calls mapd_stop. */
static bool mapd_start(struct mapd *mapd, const struct config *config, struct error *err)
{
	const char *database = config_text(config, "database");
	int busy_ms = (int)config_number(config, "database.busy_timeout");
	int64_t clients = config_number(config, "mapd.max_clients");

	*mapd = (struct mapd){.listen_fd = -1, .started = time(NULL)};
	raise_descriptor_limit((rlim_t)clients + DESCRIPTORS_SPARE);
	if (!policy_store_new(database, 1, busy_ms, &mapd->store, err))
		return false;
	start_preflight(mapd, config);
	mapd->maps = maps_new(mapd->store, mapd->preflight, config_text(config, "bulk.key_file"));
	mapd->upkeep = upkeep_new(database, busy_ms);
	return open_socket(config, &mapd->listen_fd, err) &&
	       socketmap_server_new(mapd->listen_fd, (unsigned)clients, mapd_lookup, mapd,
				    &mapd->server, err);
}

static void *serve(void *context)
{
	struct mapd *mapd = context;

	socketmap_server_run(mapd->server, 0, NULL);
	return NULL;
}

/* Serves until a signal of `ends` comes; the upkeep runs between. */
static bool mapd_run(struct mapd *mapd, const sigset_t *ends, struct error *err)
{
	struct timespec wait = {0};
	pthread_t server;
	int reason = pthread_create(&server, NULL, serve, mapd);

	if (reason != 0)
		return error_set(err, "thread: %s", strerror(reason));
	service_ready();
	log_info("started, version %s", EASYMAIL_VERSION);
	while (sigtimedwait(ends, NULL, &wait) < 0) {
		int next_ms = upkeep_turn(mapd->upkeep);

		wait.tv_sec = next_ms / 1000;
		wait.tv_nsec = (next_ms % 1000) * 1000000L;
	}
	service_stopping();
	socketmap_server_stop(mapd->server);
	pthread_join(server, NULL);
	log_info("stopped");
	return true;
}

/* The daemon's life. False: it could not begin. */
static bool mapd_live(const struct config *config, struct error *err)
{
	struct mapd mapd;
	sigset_t ends;
	bool done;

	service_block_signals(&ends);
	done = mapd_start(&mapd, config, err) && mapd_run(&mapd, &ends, err);
	mapd_stop(&mapd);
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
		fprintf(stderr, "easymail-mapd: %s\n", err.text);
		return 1;
	}
	if (!options.only_test) {
		log_open("easymail-mapd", (enum log_target)config_number(config, "log.target"));
		status = mapd_live(config, &err) ? 0 : 1;
		if (status != 0)
			log_error("%s", err.text);
	}
	config_free(config);
	return status;
}
