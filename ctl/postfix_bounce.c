/* SPDX-License-Identifier: BSD-2-Clause */
/* The way in for bounces. */
#include "ctl/postfix_bounce.h"
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVICE  "easymail-bounce"
#define OUR_HEAD "inline:{ {"
#define OUR_TAIL " = " SERVICE ":} }"
#define SEVERAL  4 /* mails are read at once; each is one short transaction */

char *postfix_relay_permission(const struct postfix_site *site)
{
	char *text, returns[600] = "";

	/* The clients first: tenants' mail costs no second look-up. */
	if (site->bounce_domain[0] != '\0')
		snprintf(returns, sizeof(returns),
			 "check_recipient_access socketmap:unix:%s:returns, ", site->mapd_socket);
	if (asprintf(&text, "check_client_access socketmap:unix:%s:clients, %sreject",
		     site->mapd_socket, returns) < 0)
		err(1, "memory");
	return text;
}

/* Where in the list our entry is, and how long; NULL: it has none. */
static const char *find_ours(const char *list, size_t *length_r)
{
	for (const char *at = strstr(list, OUR_HEAD); at != NULL; at = strstr(at + 1, OUR_HEAD)) {
		const char *name = at + strlen(OUR_HEAD);
		const char *tail = name + strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_");

		if (strncmp(tail, OUR_TAIL, strlen(OUR_TAIL)) != 0)
			continue;
		*length_r = (size_t)(tail - at) + strlen(OUR_TAIL);
		return at;
	}
	return NULL;
}

char *postfix_foreign_transports(const char *transport_maps)
{
	size_t length = 0, end;
	const char *ours = find_ours(transport_maps, &length);
	size_t before = ours != NULL ? (size_t)(ours - transport_maps) : strlen(transport_maps);
	const char *after = transport_maps + before + length;
	char *list;

	after += ours != NULL ? strspn(after, ", ") : 0;
	if (asprintf(&list, "%.*s%s", (int)before, transport_maps, after) < 0)
		err(1, "memory");
	for (end = strlen(list); end > 0 && strchr(", ", list[end - 1]) != NULL; end--)
		list[end - 1] = '\0';
	return list;
}

static void want_transport(const struct postfix_site *site, const struct postfix_state *current,
			   struct pairs *parameters)
{
	const char *before = pairs_get(&current->parameters, "transport_maps");
	char *others = postfix_foreign_transports(before != NULL ? before : "");

	if (site->bounce_domain[0] != '\0')
		pairs_format(parameters, "transport_maps", OUR_HEAD "%s" OUR_TAIL "%s%s",
			     site->bounce_domain, others[0] != '\0' ? ", " : "", others);
	else if (before != NULL && strcmp(before, others) != 0)
		pairs_set(parameters, "transport_maps", others);
	free(others);
}

void postfix_want_bounces(const struct postfix_site *site, const struct postfix_state *current,
			  struct postfix_state *wanted)
{
	want_transport(site, current, &wanted->parameters);
	if (site->bounce_domain[0] == '\0')
		return;
	/* pipe(8) cannot be chrooted. */
	pairs_format(&wanted->services, SERVICE "/unix",
		     SERVICE " unix - n n - %d pipe flags=q user=%s argv=%s%s%s ${recipient}",
		     SEVERAL, site->bounce_user, site->bounce_program,
		     site->config_path[0] != '\0' ? " -c " : "", site->config_path);
}
