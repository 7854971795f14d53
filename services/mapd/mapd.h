/* SPDX-License-Identifier: BSD-2-Clause */
/* The daemon's parts, and how a question reaches them. */
#ifndef EASYMAIL_MAPD_H
#define EASYMAIL_MAPD_H

#include "services/mapd/maps.h"
#include "services/mapd/upkeep.h"
#include <time.h>

struct mapd {
	struct policy_store *store;
	struct spf_preflight *preflight; /* NULL: SPF is not looked up */
	struct maps *maps;
	struct upkeep *upkeep;
	int listen_fd;
	struct socketmap_server *server;
	time_t started;
};

/* The socketmap_lookup of the server; `context` is the struct mapd. */
void mapd_lookup(void *context, const char *map, const char *key, struct socketmap_reply *reply);

#endif
