/* SPDX-License-Identifier: BSD-2-Clause */
/* Relay hosts: look-up through the tree of blocks, pending rows beside it, and indexing. */
#include "common/relay_hosts.h"
#include "common/relay_blocks.h"
#include <stdio.h>
#include <string.h>

/* A row of relay_host, read and parsed. */
struct host {
	int64_t id, tenant_id;
	bool shared;
	struct relay_block block;
};

static void bind_block(struct db_query *query, const struct relay_block *block)
{
	db_bind_blob(query, 1, block->range.lo.bytes, sizeof(block->range.lo.bytes));
	db_bind_int(query, 2, block->prefix);
}

/* Reads the columns id, tenant_id, shared, network. False: the network is no CIDR block. */
static bool read_host(struct db_query *query, struct host *host_r, struct error *err)
{
	struct ip_range range;

	host_r->id = db_int(query, 0);
	host_r->tenant_id = db_int(query, 1);
	host_r->shared = db_int(query, 2) == 1;
	if (!ip_range_parse(db_text(query, 3), &range, err))
		return false;
	host_r->block = relay_block_of(&range);
	return true;
}

/* Words a conflict from the columns network and tenant name, and resets the query. */
static enum found word_conflict(struct db_query *query, enum found found, struct error *conflict_r)
{
	if (found == FOUND_ONE)
		error_set(conflict_r,
			  "overlaps %s of tenant %s; delete one of them, or set shared = 1 in both",
			  db_text(query, 0), db_text(query, 1));
	db_reset(query);
	return found;
}

/* Does the block itself have a host that keeps this one out? */
static enum found conflict_at(struct db *db, const struct host *host,
			      const struct relay_block *block, struct error *conflict_r,
			      struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "SELECT h.network, t.name FROM relay_host h"
		     " LEFT JOIN tenant t ON t.id = h.tenant_id"
		     " WHERE h.lo = ?1 AND h.prefix = ?2 AND h.shared IN (0, ?3)"
		     " AND h.tenant_id <> ?4 LIMIT 1",
		     err);

	if (!query)
		return FOUND_ERROR;
	bind_block(query, block);
	db_bind_int(query, 3, host->shared ? 0 : 1);
	db_bind_int(query, 4, host->tenant_id);
	return word_conflict(query, db_step(query, err), conflict_r);
}

/* Does a block within this one have a host that keeps it out? */
static enum found conflict_within(struct db *db, const struct host *host, struct error *conflict_r,
				  struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "SELECT h.network, t.name FROM relay_block b"
		     " CROSS JOIN relay_host h ON h.lo = b.lo AND h.prefix = b.prefix"
		     " LEFT JOIN tenant t ON t.id = h.tenant_id"
		     " WHERE (b.lo, b.prefix) > (?1, ?2) AND b.lo <= ?5"
		     " AND h.shared IN (0, ?3) AND h.tenant_id <> ?4 LIMIT 1",
		     err);
	const struct ip *hi = &host->block.range.hi;

	if (!query)
		return FOUND_ERROR;
	bind_block(query, &host->block);
	db_bind_int(query, 3, host->shared ? 0 : 1);
	db_bind_int(query, 4, host->tenant_id);
	db_bind_blob(query, 5, hi->bytes, sizeof(hi->bytes));
	return word_conflict(query, db_step(query, err), conflict_r);
}

/* Is there an indexed host of another tenant that overlaps and does not share, or this one does not? */
static enum found conflict_indexed(struct db *db, const struct host *host, struct error *conflict_r,
				   struct error *err)
{
	struct relay_block block;
	enum found found, conflict = FOUND_NONE;

	found = relay_blocks_find(db, &host->block.range.lo, host->block.prefix, &block, err);
	while (found == FOUND_ONE && conflict == FOUND_NONE) {
		conflict = conflict_at(db, host, &block, conflict_r, err);
		if (conflict == FOUND_NONE)
			found = relay_blocks_up(db, &block, err);
	}
	if (found == FOUND_ERROR)
		return FOUND_ERROR;
	return conflict == FOUND_NONE ? conflict_within(db, host, conflict_r, err) : conflict;
}

/* The same among the pending rows that come before it. */
static enum found conflict_pending(struct db *db, const struct host *host, struct error *err)
{
	struct host other;
	struct error unparsed;
	enum found found;
	struct db_query *query =
	    db_query(db,
		     "SELECT id, tenant_id, shared, network FROM relay_host"
		     " WHERE lo IS NULL AND fault IS NULL AND id < ?1 AND tenant_id <> ?2"
		     " AND shared IN (0, ?3)",
		     err);

	if (!query)
		return FOUND_ERROR;
	db_bind_int(query, 1, host->id);
	db_bind_int(query, 2, host->tenant_id);
	db_bind_int(query, 3, host->shared ? 0 : 1);
	while ((found = db_step(query, err)) == FOUND_ONE) {
		if (read_host(query, &other, &unparsed) &&
		    ip_range_overlaps(&other.block.range, &host->block.range))
			break;
	}
	db_reset(query);
	return found;
}

/* Does a pending row count? FOUND_ONE: something keeps it out. */
static enum found pending_conflict(struct db *db, const struct host *host, struct error *err)
{
	struct error conflict;
	enum found found = conflict_indexed(db, host, &conflict, err);

	return found == FOUND_NONE ? conflict_pending(db, host, err) : found;
}

struct visit {
	bool (*each)(int64_t tenant_id, void *context);
	void *context;
	bool done; /* `each` has heard enough */
};

static bool visit_pending(struct db *db, const struct ip *client, struct visit *visit,
			  struct error *err)
{
	struct host host;
	struct error unparsed;
	enum found found, conflict;
	struct db_query *query = db_query(db,
					  "SELECT id, tenant_id, shared, network FROM relay_host"
					  " WHERE lo IS NULL AND fault IS NULL ORDER BY id",
					  err);

	if (!query)
		return false;
	while (!visit->done && (found = db_step(query, err)) == FOUND_ONE) {
		if (!read_host(query, &host, &unparsed) ||
		    !ip_range_contains(&host.block.range, client))
			continue;
		conflict = pending_conflict(db, &host, err);
		if (conflict == FOUND_ERROR)
			return false;
		if (conflict == FOUND_NONE)
			visit->done = !visit->each(host.tenant_id, visit->context);
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
	bind_block(query, block);
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
	bind_block(query, block);
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

static bool set_fault(struct db *db, int64_t id, const char *fault, struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "UPDATE relay_host SET lo = NULL, prefix = NULL, fault = ?2"
		     " WHERE id = ?1",
		     err);

	if (!query)
		return false;
	db_bind_int(query, 1, id);
	db_bind_text(query, 2, fault);
	return db_run(query, err);
}

static bool set_block(struct db *db, const struct host *host, struct error *err)
{
	struct db_query *query;

	if (!relay_blocks_insert(db, &host->block, err))
		return false;
	query = db_query(db, "UPDATE relay_host SET lo = ?1, prefix = ?2 WHERE id = ?3", err);
	if (!query)
		return false;
	bind_block(query, &host->block);
	db_bind_int(query, 3, host->id);
	return db_run(query, err);
}

/* Indexes the row, or notes why it does not count. */
static bool index_host(struct db *db, const struct host *host, struct error *err)
{
	struct error conflict;

	switch (conflict_indexed(db, host, &conflict, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_ONE:
		return set_fault(db, host->id, conflict.text, err);
	case FOUND_NONE:
		break;
	}
	return set_block(db, host, err);
}

/* Deals with the first pending row. */
static enum found index_first(struct db *db, struct error *err)
{
	struct host host;
	struct error unparsed;
	bool parsed, done;
	enum found found;
	struct db_query *query = db_query(db,
					  "SELECT id, tenant_id, shared, network FROM relay_host"
					  " WHERE lo IS NULL AND fault IS NULL ORDER BY id LIMIT 1",
					  err);

	if (!query || (found = db_step(query, err)) == FOUND_ERROR)
		return FOUND_ERROR;
	if (found == FOUND_NONE)
		return FOUND_NONE;
	parsed = read_host(query, &host, &unparsed);
	db_reset(query);
	if (parsed)
		done = index_host(db, &host, err);
	else
		done = set_fault(db, host.id, unparsed.text, err);
	return done ? FOUND_ONE : FOUND_ERROR;
}

bool relay_hosts_index(struct db *db, size_t max, size_t *done_r, struct error *err)
{
	enum found found = FOUND_ONE;

	for (*done_r = 0; *done_r < max && found == FOUND_ONE; *done_r += found == FOUND_ONE)
		found = index_first(db, err);
	return found != FOUND_ERROR;
}

/* Those in the index go first, and what was kept out waits meanwhile. */
bool relay_hosts_reindex(struct db *db, struct error *err)
{
	size_t done;

	return db_exec(db,
		       "UPDATE relay_host SET fault = 'waits' WHERE lo IS NULL;"
		       "UPDATE relay_host SET lo = NULL, prefix = NULL, fault = NULL WHERE lo IS "
		       "NOT NULL;"
		       "DELETE FROM relay_block; UPDATE generation SET value = value + 1",
		       err) &&
	       relay_hosts_index(db, SIZE_MAX, &done, err) &&
	       db_exec(db, "UPDATE relay_host SET fault = NULL WHERE fault IS NOT NULL", err) &&
	       relay_hosts_index(db, SIZE_MAX, &done, err);
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

/* Is the row where its network says, with its block there and nobody who should keep it out? */
static bool verify_host(struct db *db, struct db_query *query, struct error *err)
{
	struct relay_block around;
	struct error conflict;
	struct host host;
	size_t length;
	const void *lo = db_blob(query, 4, &length);

	if (!read_host(query, &host, err))
		return false;
	if (length != sizeof(struct ip) || memcmp(lo, &host.block.range.lo, length) != 0 ||
	    db_int(query, 5) != host.block.prefix)
		return error_set(err, "is indexed as another network");
	if (db_int(query, 6) != 0)
		return error_set(err, "is indexed and has a fault");
	switch (relay_blocks_find(db, &host.block.range.lo, host.block.prefix, &around, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_ONE:
		if (around.prefix == host.block.prefix)
			break;
		/* fall through */
	case FOUND_NONE:
		return error_set(err, "is not in the tree of blocks");
	}
	switch (conflict_indexed(db, &host, &conflict, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_ONE:
		*err = conflict;
		return false;
	case FOUND_NONE:
		break;
	}
	return true;
}

bool relay_hosts_verify(struct db *db, struct error *err)
{
	enum found found;
	struct db_query *query =
	    db_query(db,
		     "SELECT id, tenant_id, shared, network, lo, prefix, fault IS NOT NULL"
		     " FROM relay_host WHERE lo IS NOT NULL",
		     err);

	if (!query)
		return false;
	while ((found = db_step(query, err)) == FOUND_ONE) {
		if (!verify_host(db, query, err)) {
			error_prefix(err, "relay_host %lld (%s): ", (long long)db_int(query, 0),
				     db_text(query, 3));
			db_reset(query);
			return false;
		}
	}
	return found == FOUND_NONE && relay_blocks_verify(db, err);
}
