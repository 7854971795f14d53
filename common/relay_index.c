/* SPDX-License-Identifier: BSD-2-Clause */
/* Putting relay hosts into the tree of blocks, and comparing both. */
#include "common/relay_index.h"
#include "common/relay_claim.h"
#include <string.h>

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

static bool set_block(struct db *db, const struct relay_claim *claim, struct error *err)
{
	struct db_query *query;

	if (!relay_blocks_insert(db, &claim->block, err))
		return false;
	query = db_query(db, "UPDATE relay_host SET lo = ?1, prefix = ?2 WHERE id = ?3", err);
	if (!query)
		return false;
	relay_block_bind(query, &claim->block);
	db_bind_int(query, 3, claim->id);
	return db_run(query, err);
}

/* Indexes the row, or notes why it does not count. */
static bool index_host(struct db *db, const struct relay_claim *claim, struct error *err)
{
	struct error conflict;

	switch (relay_claim_conflict(db, claim, &conflict, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_ONE:
		return set_fault(db, claim->id, conflict.text, err);
	case FOUND_NONE:
		break;
	}
	return set_block(db, claim, err);
}

/* Deals with the first pending row. */
static enum found index_first(struct db *db, struct error *err)
{
	struct relay_claim claim;
	struct error unparsed;
	bool parsed, done;
	enum found found;
	struct db_query *query = db_query(db,
					  "SELECT " RELAY_CLAIM_COLUMNS " FROM relay_host"
					  " WHERE lo IS NULL AND fault IS NULL ORDER BY id LIMIT 1",
					  err);

	if (!query || (found = db_step(query, err)) == FOUND_ERROR)
		return FOUND_ERROR;
	if (found == FOUND_NONE)
		return FOUND_NONE;
	parsed = relay_claim_read(query, &claim, &unparsed);
	db_reset(query);
	if (parsed)
		done = index_host(db, &claim, err);
	else
		done = set_fault(db, claim.id, unparsed.text, err);
	return done ? FOUND_ONE : FOUND_ERROR;
}

bool relay_index_pending(struct db *db, size_t max, size_t *done_r, struct error *err)
{
	enum found found = FOUND_ONE;

	for (*done_r = 0; *done_r < max && found == FOUND_ONE; *done_r += found == FOUND_ONE)
		found = index_first(db, err);
	return found != FOUND_ERROR;
}

/* Those in the index go first, and what was kept out waits meanwhile. */
bool relay_index_rebuild(struct db *db, struct error *err)
{
	size_t done;

	return db_exec(db,
		       "UPDATE relay_host SET fault = 'waits' WHERE lo IS NULL;"
		       "UPDATE relay_host SET lo = NULL, prefix = NULL, fault = NULL WHERE lo IS "
		       "NOT NULL;"
		       "DELETE FROM relay_block; UPDATE generation SET value = value + 1",
		       err) &&
	       relay_index_pending(db, SIZE_MAX, &done, err) &&
	       db_exec(db, "UPDATE relay_host SET fault = NULL WHERE fault IS NOT NULL", err) &&
	       relay_index_pending(db, SIZE_MAX, &done, err);
}

/* Is the row where its network says, with its block there and nobody who should keep it out? */
static bool verify_host(struct db *db, struct db_query *query, struct error *err)
{
	struct relay_block around;
	struct error conflict;
	struct relay_claim claim;
	size_t length;
	const void *lo = db_blob(query, 4, &length);

	if (!relay_claim_read(query, &claim, err))
		return false;
	if (length != sizeof(struct ip) || memcmp(lo, &claim.block.range.lo, length) != 0 ||
	    db_int(query, 5) != claim.block.prefix)
		return error_set(err, "is indexed as another network");
	if (db_int(query, 6) != 0)
		return error_set(err, "is indexed and has a fault");
	switch (relay_blocks_find(db, &claim.block.range.lo, claim.block.prefix, &around, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_ONE:
		if (around.prefix == claim.block.prefix)
			break;
		/* fall through */
	case FOUND_NONE:
		return error_set(err, "is not in the tree of blocks");
	}
	switch (relay_claim_conflict(db, &claim, &conflict, err)) {
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

bool relay_index_verify(struct db *db, struct error *err)
{
	enum found found;
	struct db_query *query =
	    db_query(db,
		     "SELECT " RELAY_CLAIM_COLUMNS ", lo, prefix, fault IS NOT NULL"
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
