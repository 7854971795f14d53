/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose relay host a client is: the tree of blocks, and the pending rows beside it. */
#include "common/relay_hosts.h"
#include "common/relay_claim.h"

struct visit {
	bool (*each)(int64_t tenant_id, void *context);
	void *context;
	bool done; /* `each` has heard enough */
};

static bool visit_pending(struct db *db, const struct ip *client, struct visit *visit,
			  struct error *err)
{
	struct relay_claim claim;
	struct error unparsed;
	enum found found, conflict;
	struct db_query *query = db_query(db,
					  "SELECT " RELAY_CLAIM_COLUMNS " FROM relay_host"
					  " WHERE lo IS NULL AND fault IS NULL ORDER BY id",
					  err);

	if (!query)
		return false;
	while (!visit->done && (found = db_step(query, err)) == FOUND_ONE) {
		if (!relay_claim_read(query, &claim, &unparsed) ||
		    !ip_range_contains(&claim.block.range, client))
			continue;
		conflict = relay_claim_pending_conflict(db, &claim, err);
		if (conflict == FOUND_ERROR)
			return false;
		if (conflict == FOUND_NONE)
			visit->done = !visit->each(claim.tenant_id, visit->context);
	}
	db_reset(query);
	return visit->done || found == FOUND_NONE;
}

static bool visit_block(struct db *db, const struct relay_block *block, struct visit *visit,
			struct error *err)
{
	enum found found = FOUND_NONE;
	struct db_query *query =
	    db_query(db, "SELECT tenant_id FROM relay_host WHERE lo = ?1 AND prefix = ?2", err);

	if (!query)
		return false;
	relay_block_bind(query, block);
	while (!visit->done && (found = db_step(query, err)) == FOUND_ONE)
		visit->done = !visit->each(db_int(query, 0), visit->context);
	db_reset(query);
	return found != FOUND_ERROR;
}

bool relay_hosts_each(struct db *db, const struct ip *client,
		      bool (*each)(int64_t tenant_id, void *context), void *context,
		      struct error *err)
{
	struct visit visit = {each, context, false};
	struct relay_block block;
	enum found found = relay_blocks_find(db, client, RELAY_PREFIX_MAX, &block, err);

	while (found == FOUND_ONE && !visit.done) {
		if (!visit_block(db, &block, &visit, err))
			return false;
		if (!visit.done)
			found = relay_blocks_up(db, &block, err);
	}
	return found != FOUND_ERROR && (visit.done || visit_pending(db, client, &visit, err));
}

struct collection {
	size_t max, count;
	int64_t *tenants;
};

static bool collect(int64_t tenant_id, void *context)
{
	struct collection *all = context;
	size_t i;

	for (i = 0; i < all->count; i++) {
		if (all->tenants[i] == tenant_id)
			return true;
	}
	if (all->count < all->max)
		all->tenants[all->count++] = tenant_id;
	return all->count < all->max;
}

bool relay_hosts_tenants(struct db *db, const struct ip *client, size_t max, int64_t *tenants_r,
			 size_t *count_r, struct error *err)
{
	struct collection all = {max, 0, tenants_r};

	if (!relay_hosts_each(db, client, collect, &all, err))
		return false;
	*count_r = all.count;
	return true;
}

/* Has the tenant a host of exactly this block? */
static enum found tenant_at(struct db *db, const struct relay_block *block, int64_t tenant_id,
			    struct error *err)
{
	enum found found;
	struct db_query *query = db_query(db,
					  "SELECT 1 FROM relay_host WHERE lo = ?1 AND prefix = ?2"
					  " AND shared IN (0, 1) AND tenant_id = ?3 LIMIT 1",
					  err);

	if (!query)
		return FOUND_ERROR;
	relay_block_bind(query, block);
	db_bind_int(query, 3, tenant_id);
	found = db_step(query, err);
	db_reset(query);
	return found;
}

struct search {
	int64_t tenant_id;
	bool found;
};

static bool is_searched(int64_t tenant_id, void *context)
{
	struct search *search = context;

	search->found = search->found || tenant_id == search->tenant_id;
	return !search->found;
}

enum found relay_hosts_of_tenant(struct db *db, const struct ip *client, int64_t tenant_id,
				 struct error *err)
{
	struct search search = {tenant_id, false};
	struct visit visit = {is_searched, &search, false};
	struct relay_block block;
	enum found at = FOUND_NONE;
	enum found found = relay_blocks_find(db, client, RELAY_PREFIX_MAX, &block, err);

	while (found == FOUND_ONE && at == FOUND_NONE) {
		at = tenant_at(db, &block, tenant_id, err);
		if (at == FOUND_NONE)
			found = relay_blocks_up(db, &block, err);
	}
	if (found == FOUND_ERROR || at != FOUND_NONE)
		return found == FOUND_ERROR ? FOUND_ERROR : at;
	if (!visit_pending(db, client, &visit, err))
		return FOUND_ERROR;
	return search.found ? FOUND_ONE : FOUND_NONE;
}

/* Most tenants have no such host. */
static enum found has_bulk_host(struct db *db, int64_t tenant_id, struct error *err)
{
	enum found found;
	struct db_query *query = db_query(
	    db, "SELECT 1 FROM relay_host WHERE tenant_id = ?1 AND stream = 'bulk' LIMIT 1", err);

	if (!query)
		return FOUND_ERROR;
	db_bind_int(query, 1, tenant_id);
	found = db_step(query, err);
	db_reset(query);
	return found;
}

bool relay_hosts_stream(struct db *db, const struct ip *client, int64_t tenant_id,
			enum egress_way *stream_r, struct error *err)
{
	enum found found = has_bulk_host(db, tenant_id, err);
	struct relay_claim claim;
	struct error unparsed;
	struct db_query *query;
	int prefix = -1;

	*stream_r = WAY_CORPORATE;
	if (found != FOUND_ONE)
		return found == FOUND_NONE;
	query = db_query(db,
			 "SELECT " RELAY_CLAIM_COLUMNS ", stream FROM relay_host"
			 " WHERE tenant_id = ?1 AND fault IS NULL",
			 err);
	if (!query)
		return false;
	db_bind_int(query, 1, tenant_id);
	while ((found = db_step(query, err)) == FOUND_ONE) {
		if (relay_claim_read(query, &claim, &unparsed) &&
		    ip_range_contains(&claim.block.range, client) && claim.block.prefix > prefix &&
		    egress_stream_parse(db_text(query, 4), stream_r) == FOUND_ONE)
			prefix = claim.block.prefix;
	}
	db_reset(query);
	return found == FOUND_NONE;
}

enum found relay_hosts_pending(struct db *db, struct error *err)
{
	enum found found;
	struct db_query *query = db_query(
	    db, "SELECT 1 FROM relay_host WHERE lo IS NULL AND fault IS NULL LIMIT 1", err);

	if (!query)
		return FOUND_ERROR;
	found = db_step(query, err);
	db_reset(query);
	return found;
}
