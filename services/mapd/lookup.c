/* SPDX-License-Identifier: BSD-2-Clause */
/* From a map's name to its answer, and the map `status`. */
#include "common/status.h"
#include "services/mapd/mapd.h"
#include <string.h>

/* What the database says now, or why it says nothing. */
static void put_database(const struct mapd *mapd, struct json *status)
{
	int64_t generation;
	bool answers = maps_generation(mapd->maps, &generation);

	json_put_number(status, "generation", answers ? generation : 0);
	json_put_text(status, "database_error", answers ? NULL : maps_figures(mapd->maps)->error);
}

static void put_traffic(const struct mapd *mapd, struct json *status)
{
	const struct socketmap_stats *stats = socketmap_server_stats(mapd->server);

	json_put_number(status, "lookups", (int64_t)maps_figures(mapd->maps)->lookups);
	json_put_number(status, "errors", (int64_t)stats->errors);
	json_put_number(status, "clients", stats->clients);
	json_put_number(status, "accepted", (int64_t)stats->accepted);
	json_put_number(status, "evicted", (int64_t)stats->evicted);
	json_put_number(status, "broken", (int64_t)stats->broken);
}

static void put_upkeep(const struct mapd *mapd, struct json *status)
{
	struct upkeep_figures figures;

	upkeep_figures(mapd->upkeep, &figures);
	json_put_number(status, "relay_hosts_indexed", (int64_t)figures.indexed);
	json_put_bool(status, "relay_hosts_behind", figures.behind);
	json_put_text(status, "upkeep_error", figures.error[0] != '\0' ? figures.error : NULL);
}

/* Generation 0 stands for "not known"; a database counts from 1. */
static void answer_status(const struct mapd *mapd, struct socketmap_reply *reply)
{
	struct json *status = status_new("easymail-mapd");

	json_put_time(status, "started", mapd->started);
	put_database(mapd, status);
	put_traffic(mapd, status);
	put_upkeep(mapd, status);
	status_reply(reply, status);
}

void mapd_lookup(void *context, const char *map, const char *key, struct socketmap_reply *reply)
{
	struct mapd *mapd = context;

	if (strcmp(map, "clients") == 0)
		maps_clients(mapd->maps, key, reply);
	else if (strcmp(map, "egress") == 0)
		maps_egress(mapd->maps, key, reply);
	else if (strcmp(map, "returns") == 0)
		maps_returns(mapd->maps, key, reply);
	else if (strcmp(map, "status") == 0)
		answer_status(mapd, reply);
	else
		socketmap_reply_set(reply, FOUND_ERROR,
				    "no map %.64s here: clients, egress, returns, status", map);
}
