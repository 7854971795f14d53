/* SPDX-License-Identifier: BSD-2-Clause */
/* Does one mechanism of an SPF record match the client? Internal to SPF. */
#ifndef EASYMAIL_SPF_MATCH_H
#define EASYMAIL_SPF_MATCH_H

#include "common/spf_lookup.h"
#include "common/spf_record.h"

/* All mechanisms but include, which evaluates another record. False: the evaluation has ended. */
bool spf_match(struct spf_run *run, const struct spf_term *term, bool *match_r)
    __attribute__((nonnull, warn_unused_result));

/* The name that a domain-spec stands for here, the current domain for none. */
bool spf_target(struct spf_run *run, const struct spf_domain *domain, char name_r[DNS_NAME_MAX + 1])
    __attribute__((nonnull, warn_unused_result));

#endif
