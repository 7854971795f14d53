/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which tenants' relay hosts cover a client. Look-ups read the pending rows beside the index, so a row
 * that plain SQL inserted counts in the very next transaction. Internal to common/.
 */
#ifndef EASYMAIL_RELAY_HOSTS_H
#define EASYMAIL_RELAY_HOSTS_H

#include "common/db.h"
#include "common/egress_way.h"
#include "common/ip.h"

/* Does a relay host of this tenant cover the client? Inside the caller's read transaction. */
enum found relay_hosts_of_tenant(struct db *db, const struct ip *client, int64_t tenant_id,
				 struct error *err) __attribute__((nonnull));

/* The tenants whose relay hosts cover the client, at most `max` of them, in no order. */
bool relay_hosts_tenants(struct db *db, const struct ip *client, size_t max, int64_t *tenants_r,
			 size_t *count_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Calls `each` for each tenant that has the client, some perhaps twice, until it answers false. */
bool relay_hosts_each(struct db *db, const struct ip *client,
		      bool (*each)(int64_t tenant_id, void *context), void *context,
		      struct error *err) __attribute__((nonnull(1, 2, 3, 5), warn_unused_result));

/* The stream that the tenant's relay host puts the client's mail in; of several the smallest block counts. */
bool relay_hosts_stream(struct db *db, const struct ip *client, int64_t tenant_id,
			enum egress_way *stream_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Is there a pending row? Cheap enough to ask at every look-up. */
enum found relay_hosts_pending(struct db *db, struct error *err) __attribute__((nonnull));

#endif
