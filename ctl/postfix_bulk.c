/* SPDX-License-Identifier: BSD-2-Clause */
/* What keeps a campaign in Postfix' queue from holding corporate mail up. */
#include "ctl/postfix_want.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool postfix_group_is_bulk(const struct egress_inventory *inventory, const char *group)
{
	for (size_t i = 0; i < inventory->group_count; i++) {
		if (strcmp(inventory->groups[i].name, group) == 0)
			return inventory->groups[i].way == WAY_BULK;
	}
	return false;
}

/* One of the queue manager's limits for a transport: the number for bulk mail, else what Postfix has for all, if
 * another value stands there. */
static void want_limit(const char *transport, const char *limit, const char *number,
		       const struct postfix_state *current, struct pairs *parameters)
{
	char name[160], common[80];
	const char *is;

	snprintf(name, sizeof(name), "%s_%s", transport, limit);
	snprintf(common, sizeof(common), "$default_%s", limit);
	is = pairs_get(&current->parameters, name);
	if (number != NULL)
		pairs_set(parameters, name, number);
	else if (is != NULL && strcmp(is, common) != 0)
		pairs_set(parameters, name, common);
}

static void want_limits(const char *transport, bool is_bulk, const struct bulk_limits *limits,
			const struct postfix_state *current, struct pairs *parameters)
{
	char concurrency[24], delay[24];

	snprintf(concurrency, sizeof(concurrency), "%lld",
		 (long long)limits->destination_concurrency);
	snprintf(delay, sizeof(delay), "%llds", (long long)limits->destination_rate_delay);
	want_limit(transport, "destination_concurrency_limit", is_bulk ? concurrency : NULL,
		   current, parameters);
	want_limit(transport, "destination_rate_delay", is_bulk ? delay : NULL, current,
		   parameters);
}

/* Raised where it is lower, never lowered. */
static void want_at_least(const char *name, int64_t least, const struct postfix_state *current,
			  struct pairs *parameters)
{
	const char *is = pairs_get(&current->parameters, name);

	if (is == NULL || strtoll(is, NULL, 10) < least)
		pairs_format(parameters, name, "%lld", (long long)least);
}

void postfix_want_bulk(const struct egress_inventory *inventory,
		       const struct postfix_state *current, struct pairs *parameters)
{
	char transport[EGRESS_TRANSPORT_SIZE];
	bool has_bulk = false;

	for (size_t i = 0; i < inventory->ip_count; i++) {
		const struct egress_ip_row *row = &inventory->ips[i];

		egress_transport_name(&row->ip.address, transport);
		want_limits(transport, postfix_group_is_bulk(inventory, row->group),
			    &inventory->bulk, current, parameters);
	}
	for (size_t i = 0; i < inventory->group_count; i++) {
		const struct egress_group_row *row = &inventory->groups[i];

		egress_group_transport_name(row->name, transport);
		want_limits(transport, row->way == WAY_BULK, &inventory->bulk, current, parameters);
		has_bulk = has_bulk || row->way == WAY_BULK;
	}
	if (!has_bulk)
		return;
	/* The active queue is one for all transports: while bulk mail fills it, no other mail comes in. */
	want_at_least("qmgr_message_active_limit", inventory->bulk.queue_limit, current,
		      parameters);
	want_at_least("qmgr_message_recipient_limit", inventory->bulk.queue_limit, current,
		      parameters);
}
