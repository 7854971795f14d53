/* SPDX-License-Identifier: BSD-2-Clause */
/* Claims of relay_host rows: reading them, and looking for what keeps one out. */
#include "common/relay_claim.h"

bool relay_claim_read(struct db_query *query, struct relay_claim *claim_r, struct error *err)
{
	struct ip_range range;

	claim_r->id = db_int(query, 0);
	claim_r->tenant_id = db_int(query, 1);
	claim_r->shared = db_int(query, 2) == 1;
	if (!ip_range_parse(db_text(query, 3), &range, err))
		return false;
	claim_r->block = relay_block_of(&range);
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
static enum found conflict_at(struct db *db, const struct relay_claim *claim,
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
	relay_block_bind(query, block);
	db_bind_int(query, 3, claim->shared ? 0 : 1);
	db_bind_int(query, 4, claim->tenant_id);
	return word_conflict(query, db_step(query, err), conflict_r);
}

/* Does a block within this one have a host that keeps it out? */
static enum found conflict_within(struct db *db, const struct relay_claim *claim,
				  struct error *conflict_r, struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "SELECT h.network, t.name FROM relay_block b"
		     " CROSS JOIN relay_host h ON h.lo = b.lo AND h.prefix = b.prefix"
		     " LEFT JOIN tenant t ON t.id = h.tenant_id"
		     " WHERE (b.lo, b.prefix) > (?1, ?2) AND b.lo <= ?5"
		     " AND h.shared IN (0, ?3) AND h.tenant_id <> ?4 LIMIT 1",
		     err);
	const struct ip *hi = &claim->block.range.hi;

	if (!query)
		return FOUND_ERROR;
	relay_block_bind(query, &claim->block);
	db_bind_int(query, 3, claim->shared ? 0 : 1);
	db_bind_int(query, 4, claim->tenant_id);
	db_bind_blob(query, 5, hi->bytes, sizeof(hi->bytes));
	return word_conflict(query, db_step(query, err), conflict_r);
}

enum found relay_claim_conflict(struct db *db, const struct relay_claim *claim,
				struct error *conflict_r, struct error *err)
{
	struct relay_block block;
	enum found found, conflict = FOUND_NONE;

	found = relay_blocks_find(db, &claim->block.range.lo, claim->block.prefix, &block, err);
	while (found == FOUND_ONE && conflict == FOUND_NONE) {
		conflict = conflict_at(db, claim, &block, conflict_r, err);
		if (conflict == FOUND_NONE)
			found = relay_blocks_up(db, &block, err);
	}
	if (found == FOUND_ERROR)
		return FOUND_ERROR;
	return conflict == FOUND_NONE ? conflict_within(db, claim, conflict_r, err) : conflict;
}

/* Does a pending row that came before keep it out? */
static enum found conflict_pending(struct db *db, const struct relay_claim *claim,
				   struct error *err)
{
	struct relay_claim other;
	struct error unparsed;
	enum found found;
	struct db_query *query =
	    db_query(db,
		     "SELECT " RELAY_CLAIM_COLUMNS " FROM relay_host"
		     " WHERE lo IS NULL AND fault IS NULL AND id < ?1 AND tenant_id <> ?2"
		     " AND shared IN (0, ?3)",
		     err);

	if (!query)
		return FOUND_ERROR;
	db_bind_int(query, 1, claim->id);
	db_bind_int(query, 2, claim->tenant_id);
	db_bind_int(query, 3, claim->shared ? 0 : 1);
	while ((found = db_step(query, err)) == FOUND_ONE) {
		if (relay_claim_read(query, &other, &unparsed) &&
		    ip_range_overlaps(&other.block.range, &claim->block.range))
			break;
	}
	db_reset(query);
	return found;
}

enum found relay_claim_pending_conflict(struct db *db, const struct relay_claim *claim,
					struct error *err)
{
	struct error conflict;
	enum found found = relay_claim_conflict(db, claim, &conflict, err);

	return found == FOUND_NONE ? conflict_pending(db, claim, err) : found;
}
