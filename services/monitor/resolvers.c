/* SPDX-License-Identifier: BSD-2-Clause */
/* A short list of contexts. */
#include "services/monitor/resolvers.h"
#include "common/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESOLVERS_MAX 64

struct resolvers {
	const char *servers;
	int timeout_ms;
	size_t count;
	struct {
		char *servers;
		struct dns *dns; /* NULL: could not be made */
	} items[RESOLVERS_MAX];
};

struct resolvers *resolvers_new(const char *servers, int timeout_ms)
{
	struct resolvers *resolvers = calloc(1, sizeof(*resolvers));

	if (resolvers == NULL)
		abort();
	resolvers->servers = servers;
	resolvers->timeout_ms = timeout_ms;
	return resolvers;
}

void resolvers_free(struct resolvers *resolvers)
{
	if (resolvers == NULL)
		return;
	for (size_t i = 0; i < resolvers->count; i++) {
		dns_free(resolvers->items[i].dns);
		free(resolvers->items[i].servers);
	}
	free(resolvers);
}

static struct dns *make(struct resolvers *resolvers, const char *servers)
{
	struct dns *dns = NULL;
	struct error err;
	size_t at = resolvers->count;

	if (at == RESOLVERS_MAX) {
		log_error("DNS servers \"%s\": the lists name more than %d different sets; restart "
			  "easymail-monitor when there are fewer",
			  servers, RESOLVERS_MAX);
		return NULL;
	}
	if (!dns_new(servers[0] != '\0' ? servers : resolvers->servers, resolvers->timeout_ms, &dns,
		     &err)) {
		log_error("%s", err.text);
		dns = NULL;
	}
	resolvers->items[at].servers = strdup(servers);
	if (resolvers->items[at].servers == NULL)
		abort();
	resolvers->items[at].dns = dns;
	resolvers->count++;
	return dns;
}

struct dns *resolvers_get(struct resolvers *resolvers, const char *servers)
{
	for (size_t i = 0; i < resolvers->count; i++) {
		if (strcmp(resolvers->items[i].servers, servers) == 0)
			return resolvers->items[i].dns;
	}
	return make(resolvers, servers);
}

void resolvers_cancel(struct resolvers *resolvers)
{
	for (size_t i = 0; i < resolvers->count; i++) {
		if (resolvers->items[i].dns != NULL)
			dns_cancel(resolvers->items[i].dns);
	}
}
