/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The enabled rules of tenants.db, compiled once for each change of an owner's rules and shared by all threads of
 * a process.
 */
#ifndef EASYMAIL_CONTENT_RULE_STORE_H
#define EASYMAIL_CONTENT_RULE_STORE_H

#include "common/content_rules.h"
#include "common/policy.h"

struct content_rule_store;

/* `policies` must outlive it. */
struct content_rule_store *content_rule_store_new(struct policy_store *policies)
    __attribute__((nonnull));
void content_rule_store_free(struct content_rule_store *store); /* takes NULL */

/*
 * The provider's rules and the tenant's, held for the caller; NULL: there are none. Threads that ask for rules
 * which another compiles wait for it. False: the rows could not be read.
 */
bool content_rule_store_get(struct content_rule_store *store, const struct policy *policy,
			    struct content_rules **provider_r, struct content_rules **tenant_r,
			    struct error *err) __attribute__((nonnull, warn_unused_result));

/* The same from an open transaction of a program that keeps nothing: an owner's, 0 is the provider. */
bool content_rules_load(struct db *db, int64_t owner, struct content_rules **rules_r,
			struct error *err) __attribute__((nonnull, warn_unused_result));

#endif
