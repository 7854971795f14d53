/* SPDX-License-Identifier: BSD-2-Clause */
/* Making a policy from tenants.db, inside the caller's transaction. Internal to common/. */
#ifndef EASYMAIL_POLICY_LOAD_H
#define EASYMAIL_POLICY_LOAD_H

#include "common/db.h"
#include "common/policy.h"

/*
 * The tenant's policy, held once. A tenant that is not there, or a row of its own or the provider's that
 * decides and cannot be read, is an error: no default is put in its place. An egress IP whose row cannot
 * be read is left out.
 */
bool policy_load(struct db *db, int64_t tenant_id, struct policy **policy_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* The IPs of a group; empty when there is no such group. The set is the caller's. */
bool policy_load_egress(struct db *db, const char *group, struct egress_set **set_r,
			struct error *err) __attribute__((nonnull, warn_unused_result));

/* The provider's setting egress.default_group; "" when it is not set. */
bool policy_load_default_group(struct db *db, char group_r[NAME_SIZE], struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
