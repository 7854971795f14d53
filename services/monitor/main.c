/* SPDX-License-Identifier: BSD-2-Clause */
/* easymail-monitor: supervises the egress IPs, and moves mail away from those that are not well. */
#include "common/config.h"
#include "common/log.h"
#include "common/privileges.h"
#include "common/service.h"
#include "common/store.h"
#include "services/monitor/monitor.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DESCRIPTORS 4096 /* connections that are tried */

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
			printf("easymail-monitor %s\n", EASYMAIL_VERSION);
			return false;
		}
		if (option == 'c')
			options_r->config_path = optarg;
		options_r->only_test = options_r->only_test || option == 't';
		*status_r = option == '?' ? 2 : *status_r;
	}
	if (optind < argc || *status_r != 0) {
		fputs("usage: easymail-monitor [-tV] [-c CONFIG]\n", stderr);
		*status_r = 2;
		return false;
	}
	return true;
}

/* After false too the caller calls monitor_stop. The helper and the socket are made while we may. */
static bool monitor_start(struct monitor *monitor, const struct config *config, struct error *err)
{
	const struct monitor_settings *settings = &monitor->settings;

	if (!service_raise_descriptors(DESCRIPTORS))
		log_warning(
		    "%d descriptors wanted, fewer allowed: fewer connections are tried at a time",
		    DESCRIPTORS);
	if (!control_new(config_text(config, "monitor.control_socket"), &monitor->control, err) ||
	    !privileges_drop("monitor.user", config_text(config, "monitor.user"), err))
		return false;
	srandom((unsigned)time(NULL) ^ (unsigned)getpid());
	monitor->resolvers = resolvers_new(settings->dns_servers, settings->dns_timeout_ms);
	monitor->tallies = tallies_new();
	monitor->children = child_queue_new();
	monitor->looks = (struct looks){.settings = settings,
					.dns = resolvers_get(monitor->resolvers, ""),
					.interfaces = interfaces_new()};
	if (!control_start(monitor->control, err))
		return false;
	return monitor->looks.dns == NULL ||
	       domains_new(settings, monitor->looks.dns, monitor->control, &monitor->domains, err);
}

static void monitor_stop(struct monitor *monitor)
{
	if (monitor->resolvers != NULL)
		resolvers_cancel(monitor->resolvers);
	domains_free(monitor->domains);
	control_free(monitor->control);
	fleet_free(monitor->fleet);
	interfaces_free(monitor->looks.interfaces);
	tallies_free(monitor->tallies);
	child_queue_free(monitor->children);
	store_close(monitor->db);
	resolvers_free(monitor->resolvers);
	helper_free(monitor->helper);
}

static void monitor_run(struct monitor *monitor, const sigset_t *ends)
{
	struct timespec wait = {.tv_nsec = MONITOR_TURN_MS * 1000000L};

	service_ready();
	log_info("started, version %s", EASYMAIL_VERSION);
	if (monitor->helper != NULL) /* the one before may have been killed before it asked */
		helper_ask(monitor->helper);
	do
		monitor_turn(monitor);
	while (sigtimedwait(ends, NULL, &wait) < 0);
	service_stopping();
	log_info("stopped");
}

/* The daemon's life. False: it could not begin. */
static bool monitor_live(const struct config *config, const char *config_path, struct error *err)
{
	struct monitor monitor = {0};
	sigset_t ends;
	bool done;

	if (!monitor_settings_read(config, &monitor.settings, err) ||
	    !helper_new(config_text(config, "monitor.easymailctl"), config_path, &monitor.helper,
			err))
		return false;
	service_block_signals(&ends);
	done = monitor_start(&monitor, config, err);
	if (done)
		monitor_run(&monitor, &ends);
	monitor_stop(&monitor);
	return done;
}

/* With -t only what the configuration says is read. */
static bool run(const struct options *options, const struct config *config, struct error *err)
{
	struct monitor_settings settings;

	return options->only_test ? monitor_settings_read(config, &settings, err)
				  : monitor_live(config, options->config_path, err);
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
		fprintf(stderr, "easymail-monitor: %s\n", err.text);
		return 1;
	}
	log_open("easymail-monitor", (enum log_target)config_number(config, "log.target"));
	status = run(&options, config, &err) ? 0 : 1;
	if (status != 0)
		log_error("%s", err.text);
	config_free(config);
	return status;
}
