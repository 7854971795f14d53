/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * May this client send as this sender, and with this header From? Pure functions of what tenants.db
 * answered; they look nothing up and know no session.
 */
#ifndef EASYMAIL_TENANT_POLICY_H
#define EASYMAIL_TENANT_POLICY_H

#include "common/from_header.h"
#include "common/policy.h"

enum tenant_ruling {
	TENANT_PASS,
	TENANT_ASK_FROM, /* null sender from a shared host: whose it is, header From decides */
	TENANT_TAG,      /* passes with a warning in its header */
	TENANT_UNKNOWN_SOURCE, /* no tenant has this client: 550 */
	TENANT_NOT_ACTIVE,     /* pending or closed: 550 */
	TENANT_SUSPENDED_NOW,  /* 451 */
	TENANT_FOREIGN_DOMAIN, /* the sender's domain is not a domain of the client's tenant: 550 */
	TENANT_NO_FROM,        /* header From is missing: 550 */
	TENANT_MANY_FROM,      /* there is more than one: 550 */
	TENANT_DOUBTFUL_FROM,  /* readers would not agree whom it names: 550 */
	TENANT_FOREIGN_FROM,   /* it names a domain that is not this tenant's: 550 */
	TENANT_CONTRADICTION,  /* tenants.db answers what cannot be: 451 */
};

/* Header From as it was found. */
struct tenant_from {
	size_t count;                /* how many there are */
	bool is_clear;               /* of the only one: `domains` is the complete list */
	struct from_domains domains; /* normalized */
	struct error doubt;          /* why it is not */
};

/* At MAIL, for policy_of_sender's answer: with the sender's domain, or without one for the null sender. */
enum tenant_ruling tenant_rule_mail(const struct policy_answer *answer, bool sender_is_null)
    __attribute__((nonnull));

/* Is answer->policy that of a tenant whose relay host the client is? Only then may a reply name it. */
bool tenant_is_clients(const struct policy_answer *answer) __attribute__((nonnull));

/* At the end of the headers: header From against the tenant's domains, by the setting from.policy.
 * Anything but PASS leaves in `*domain_r` the first domain that is not the tenant's, or NULL. */
enum tenant_ruling tenant_rule_from(const struct policy *policy, const struct tenant_from *from,
				    const char **domain_r) __attribute__((nonnull));

/* The same without regard to from.policy: what is wrong with it, or PASS. */
enum tenant_ruling tenant_judge_from(const struct policy *policy, const struct tenant_from *from,
				     const char **domain_r) __attribute__((nonnull));

/* Is there one header From that says clearly whom it names? PASS, NO_FROM, MANY_FROM or DOUBTFUL_FROM. */
enum tenant_ruling tenant_read_from(const struct tenant_from *from) __attribute__((nonnull));

#endif
