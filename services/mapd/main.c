/* SPDX-License-Identifier: BSD-2-Clause */
/* easymail-mapd: answers Postfix's questions about clients and senders from tenants.db. */
#include "common/daemon.h"
#include "common/log.h"
#include "common/service.h"
#include "services/mapd/mapd.h"
#include <unistd.h>

#define DESCRIPTORS_SPARE 64 /* beside the clients' */

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
	if (!service_raise_descriptors((unsigned long)clients + DESCRIPTORS_SPARE))
		log_warning("LimitNOFILE is too low for mapd.max_clients (%lld): fewer fit",
			    (long long)clients);
	if (!policy_store_new(database, 1, busy_ms, &mapd->store, err))
		return false;
	start_preflight(mapd, config);
	mapd->maps = maps_new(mapd->store, mapd->preflight, config_text(config, "bulk.key_file"));
	mapd->upkeep = upkeep_new(database, busy_ms);
	return daemon_listen(config, "mapd.socket", &mapd->listen_fd, err) &&
	       socketmap_server_new(mapd->listen_fd, (unsigned)clients, mapd_lookup, mapd,
				    &mapd->server, err);
}

static int turn(void *context)
{
	struct mapd *mapd = context;

	return upkeep_turn(mapd->upkeep);
}

static bool mapd_live(const struct config *config, const char *config_path, struct error *err)
{
	struct mapd mapd;
	sigset_t ends;
	bool done;

	(void)config_path;
	service_block_signals(&ends);
	done = mapd_start(&mapd, config, err) && daemon_run(&ends, mapd.server, turn, &mapd, err);
	mapd_stop(&mapd);
	return done;
}

int main(int argc, char **argv)
{
	const struct daemon_program program = {.name = "easymail-mapd", .live = mapd_live};

	return daemon_main(argc, argv, &program);
}
