/* SPDX-License-Identifier: BSD-2-Clause */
/* Which mail the sender's address does not tell the way of. */
#include "milters/egress/egress_route.h"

/* Does the map take this sender's mail for that of the way? */
static bool map_knows(const struct egress_facts *facts)
{
	if (facts->sender->is_null)
		return false;
	switch (facts->way) {
	case WAY_CORPORATE:
		return true;
	case WAY_BULK:
		return facts->has_return_path ||
		       policy_domain_is_bulk(facts->policy, facts->sender->domain);
	case WAY_SUSPECT:
		return false;
	}
	return false;
}

enum egress_route egress_route(const struct egress_facts *facts)
{
	if (facts->policy->ways[facts->way].group[0] == '\0')
		return ROUTE_NOWHERE;
	return map_knows(facts) ? ROUTE_BY_SENDER : ROUTE_BY_GROUP;
}
