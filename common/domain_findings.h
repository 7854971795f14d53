/* SPDX-License-Identifier: BSD-2-Clause */
/* What the periodic check of the tenants' domains found: table domain_finding, and what to check next. Inside the
 * caller's transaction, like tenants.h. */
#ifndef EASYMAIL_DOMAIN_FINDINGS_H
#define EASYMAIL_DOMAIN_FINDINGS_H

#include "common/domain_check.h"

/* All that the database knows for the check of a (normalized) domain: its owner's egress addresses and keys, the
 * provider's include. A domain that is no tenant's is an error. The caller frees the check, after false too. */
bool domain_check_gather(struct db *db, const char *domain, struct domain_check **check_r,
			 struct error *err) __attribute__((nonnull, warn_unused_result));

struct domain_finding {
	char domain[DOMAIN_SIZE], tenant[NAME_SIZE];
	char spf[16], dkim[16], dmarc[16]; /* domain_health_name */
	char detail[512];                  /* of what is not good */
	char since[TIME_SIZE], checked[TIME_SIZE];
};

/* The domain to check next: one that was never checked, above the id *after (which is raised), else the one whose
 * check is the oldest, if that is older than `age_s`. FOUND_NONE: nothing is due. */
enum found domain_findings_next(struct db *db, int64_t age_s, int64_t *after,
				char domain_r[DOMAIN_SIZE], struct error *err)
    __attribute__((nonnull));

/* Records it. *changed_r: one of the three is other than before. */
bool domain_findings_put(struct db *db, const struct domain_check *check, bool *changed_r,
			 struct error *err) __attribute__((nonnull, warn_unused_result));

/* By domain; of one tenant, or with NULL of all. With `only_bad` those that are not good in every respect. */
bool domain_findings_list(struct db *db, const char *tenant, bool only_bad,
			  void (*each)(const struct domain_finding *finding, void *context),
			  void *context, struct error *err)
    __attribute__((nonnull(1, 4, 6), warn_unused_result));

#endif
