/* SPDX-License-Identifier: BSD-2-Clause */
/* What a tenant's administrator is told when SPF fails for the tenant's egress. A pure function. */
#ifndef EASYMAIL_EGRESS_ADVICE_H
#define EASYMAIL_EGRESS_ADVICE_H

#include "common/egress_select.h"
#include <stddef.h>

#define EGRESS_ADVICE_SIZE \
	420 /* of a reply that no server cuts: with the codes within 512 octets */

struct egress_failure {
	const char *domain;           /* of the sender */
	const char *record;           /* its SPF record; NULL: not known */
	const char *include;          /* the provider's, setting spf.include; "": not set */
	const struct ip *address;     /* that the mail would have left from */
	const struct egress_set *set; /* all that it may leave from */
};

/* False: the domain is not at fault, it includes the provider's record and that does not list the
 * address. */
bool egress_advise(const struct egress_failure *failure, char advice_r[EGRESS_ADVICE_SIZE])
    __attribute__((nonnull));

#endif
