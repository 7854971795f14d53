/* SPDX-License-Identifier: BSD-2-Clause */
/* The gravest fact decides; all of its kind are the reason. */
#include "services/monitor/egress_machine.h"
#include <stdio.h>

static bool is_fixed(const struct egress_facts *facts)
{
	return facts->by_operator &&
	       (facts->state == EGRESS_DOWN || facts->state == EGRESS_DRAINING);
}

/* Both texts, either of which may be NULL. */
static void set_reason(struct egress_ruling *ruling, const char *first, const char *second)
{
	snprintf(ruling->reason, sizeof(ruling->reason), "%s%s%s", first ? first : "",
		 first && second ? "; " : "", second ? second : "");
}

void egress_machine_rule(const struct egress_facts *facts, struct egress_ruling *ruling_r)
{
	bool listed = facts->listed != NULL && facts->listed_weight >= MACHINE_LISTED_WEIGHT;

	*ruling_r = (struct egress_ruling){.state = facts->state};
	if (is_fixed(facts))
		return;
	if (facts->absent != NULL) {
		ruling_r->state = EGRESS_DOWN;
		set_reason(ruling_r, facts->absent, NULL);
	} else if (listed || facts->refused != NULL) {
		ruling_r->state = EGRESS_LISTED;
		set_reason(ruling_r, listed ? facts->listed : NULL, facts->refused);
	} else if (facts->refused_by != NULL || facts->misnamed != NULL) {
		ruling_r->state = EGRESS_LIMITED;
		set_reason(ruling_r, facts->refused_by, facts->misnamed);
	} else {
		ruling_r->state = facts->warming ? EGRESS_WARMING : EGRESS_ACTIVE;
	}
}
