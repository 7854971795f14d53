/* SPDX-License-Identifier: BSD-2-Clause */
/* Which egress IP carries a sender's mail, and what receivers' SPF checks will say of it. */
#ifndef EASYMAIL_EGRESS_CHOICE_H
#define EASYMAIL_EGRESS_CHOICE_H

#include "common/egress_select.h"
#include "common/spf_preflight.h"

struct egress_choice {
	const struct egress_ip *ip; /* of the set; NULL: none may send */
	enum spf_result spf;        /* of that IP; SPF_TEMPERROR: unknown */
};

/*
 * egress_select_ranked: IPs that pass first, those of which nothing is said or known next, then
 * softfail, fail last. So `spf` is SPF_FAIL when all fail that could be chosen. With wait_ms 0 no
 * question waits for DNS; else all of them together at most so long, and nothing out of date counts.
 * `preflight` may be NULL: all is unknown then. The sender is not the null sender.
 */
void egress_choose(struct spf_preflight *preflight, const struct egress_set *set,
		   const struct mailbox *sender, int wait_ms, struct egress_choice *choice_r)
    __attribute__((nonnull(2, 3, 5)));

#endif
