/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Relay hosts in tenants.db as ranges that do not overlap (tables relay_range, relay_range_host).
 *
 * A row that plain SQL inserted is pending until somebody indexes it; look-ups read the pending rows
 * beside the index, so it counts in the very next transaction. Internal to common/.
 */
#ifndef EASYMAIL_RELAY_HOSTS_H
#define EASYMAIL_RELAY_HOSTS_H

#include "common/db.h"
#include "common/ip.h"

/* Does a relay host of this tenant cover the client? Inside the caller's read transaction. */
enum found relay_hosts_of_tenant(struct db *db, const struct ip *client, int64_t tenant_id,
				 struct error *err) __attribute__((nonnull));

/* The tenants whose relay hosts cover the client, at most `max` of them, in no order. */
bool relay_hosts_tenants(struct db *db, const struct ip *client, size_t max, int64_t *tenants_r,
			 size_t *count_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/*
 * Indexes up to `max` pending rows inside the caller's write transaction: cuts ranges at both ends
 * and enters the row in each. A row that is no CIDR block, or that overlaps another tenant's without
 * both being shared, gets `fault` set and does not count. done_r: how many rows were dealt with.
 */
bool relay_hosts_index(struct db *db, size_t max, size_t *done_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Is there a pending row? Cheap enough to ask at every look-up. */
enum found relay_hosts_pending(struct db *db, struct error *err) __attribute__((nonnull));

/* Compares the index with what relay_host says; the error tells the first difference. */
bool relay_hosts_verify(struct db *db, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
