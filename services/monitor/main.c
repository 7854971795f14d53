/* SPDX-License-Identifier: BSD-2-Clause */
/* easymail-monitor: supervises the egress IPs, and moves mail away from those that are not well. */
#include "common/daemon.h"
#include "common/log.h"
#include "common/privileges.h"
#include "common/service.h"
#include "common/store.h"
#include "services/monitor/monitor.h"
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define DESCRIPTORS 4096 /* connections that are tried */

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

static int turn(void *context)
{
	monitor_turn(context);
	return MONITOR_TURN_MS;
}

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
	if (done &&
	    monitor.helper != NULL) /* the one before may have been killed before it asked */
		helper_ask(monitor.helper);
	done = done && daemon_run(&ends, NULL, turn, &monitor, err);
	monitor_stop(&monitor);
	return done;
}

static bool monitor_check(const struct config *config, struct error *err)
{
	struct monitor_settings settings;

	return monitor_settings_read(config, &settings, err);
}

int main(int argc, char **argv)
{
	const struct daemon_program program = {
	    .name = "easymail-monitor", .check = monitor_check, .live = monitor_live};

	return daemon_main(argc, argv, &program);
}
