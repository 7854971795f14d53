/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A row of relay_host as a claim of its tenant on a block of addresses, and whether other tenants'
 * rows keep it out: those that overlap, unless both are shared. Internal to common/.
 */
#ifndef EASYMAIL_RELAY_CLAIM_H
#define EASYMAIL_RELAY_CLAIM_H

#include "common/relay_blocks.h"

/* The first columns of a query for relay_claim_read. */
#define RELAY_CLAIM_COLUMNS "id, tenant_id, shared, network"

struct relay_claim {
	int64_t id, tenant_id;
	bool shared;
	struct relay_block block;
};

/* False: the network is no CIDR block; id, tenant_id and shared are filled in all the same. */
bool relay_claim_read(struct db_query *query, struct relay_claim *claim_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* FOUND_ONE: a row in the index keeps the claim out; *conflict_r says which and how to mend it. */
enum found relay_claim_conflict(struct db *db, const struct relay_claim *claim,
				struct error *conflict_r, struct error *err)
    __attribute__((nonnull));

/* The same for a pending row: those in the index and the pending ones that came before it. */
enum found relay_claim_pending_conflict(struct db *db, const struct relay_claim *claim,
					struct error *err) __attribute__((nonnull));

#endif
