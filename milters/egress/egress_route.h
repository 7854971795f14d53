/* SPDX-License-Identifier: BSD-2-Clause */
/* How Postfix is told which way a message leaves by. A pure function. */
#ifndef EASYMAIL_EGRESS_ROUTE_H
#define EASYMAIL_EGRESS_ROUTE_H

#include "common/mailbox.h"
#include "common/policy.h"

enum egress_route {
	ROUTE_BY_SENDER, /* the map knows it by the sender's address */
	ROUTE_BY_GROUP, /* FILTER names the group: the map would take it for another way's or tenant's */
	ROUTE_NOWHERE, /* the way has no egress group */
};

struct egress_facts {
	const struct policy *policy;
	const struct mailbox *sender; /* as it will leave */
	enum egress_way way;
	bool has_return_path; /* the sender is one that return_path.h makes */
};

enum egress_route egress_route(const struct egress_facts *facts) __attribute__((nonnull));

#endif
