/* SPDX-License-Identifier: BSD-2-Clause */
/* The state that an egress IP should be in, from what is known of it: a pure function. */
#ifndef EASYMAIL_MONITOR_EGRESS_MACHINE_H
#define EASYMAIL_MONITOR_EGRESS_MACHINE_H

#include "common/egress_select.h"
#include "common/tenants.h"

#define MACHINE_LISTED_WEIGHT \
	100 /* blocklists that weigh so much together make an address listed */

/* What holds now, each by verdicts of evidence.h; unknown is "does not hold" or what held before. A text says
 * what was seen, and is NULL where nothing holds. */
struct egress_facts {
	enum egress_state state; /* as it is */
	bool by_operator;        /* who set that */
	bool warming;            /* a day of its warm-up's schedule */
	const char *absent;      /* not on an interface, or it cannot connect out */
	const char *listed;      /* by blocklists */
	unsigned listed_weight;  /* of those together */
	const char *refused;     /* by receivers at large */
	const char *refused_by;  /* by some receiving domains */
	const char *misnamed;    /* reverse DNS */
};

struct egress_ruling {
	enum egress_state state;
	char reason[TITLE_SIZE]; /* "" when all is well */
};

/* An operator's down and draining stand. Else the gravest that holds decides: absent is down, listed and refused
 * are listed, refused_by and misnamed are limited; then warming, then active. */
void egress_machine_rule(const struct egress_facts *facts, struct egress_ruling *ruling_r)
    __attribute__((nonnull));

#endif
