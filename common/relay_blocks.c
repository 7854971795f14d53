/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree of CIDR blocks: seek, climb, insert, verify. Deletion is up to triggers. */
#include "common/relay_blocks.h"
#include <string.h>

#define DAMAGED "relay_block: damaged at %s/%d (%s); run `easymailctl db reindex`"

static int common_prefix(const struct ip *a, const struct ip *b)
{
	int bits = 0;

	while (bits < RELAY_PREFIX_MAX && a->bytes[bits / 8] == b->bytes[bits / 8])
		bits += 8;
	while (bits < RELAY_PREFIX_MAX &&
	       ((a->bytes[bits / 8] ^ b->bytes[bits / 8]) & (0x80 >> bits % 8)) == 0)
		bits++;
	return bits;
}

/* The first address of the block of that prefix length around an address. */
static struct ip first_of(const struct ip *ip, int prefix)
{
	struct ip first = *ip;
	int at;

	for (at = prefix; at < RELAY_PREFIX_MAX && at % 8 != 0; at++)
		first.bytes[at / 8] &= (unsigned char)~(0x80 >> at % 8);
	memset(first.bytes + at / 8, 0, sizeof(first.bytes) - (size_t)at / 8);
	return first;
}

struct relay_block relay_block_of(const struct ip_range *range)
{
	return (struct relay_block){*range, common_prefix(&range->lo, &range->hi), -1};
}

static bool fail_damaged(const struct relay_block *block, const char *how, struct error *err)
{
	char text[IP_TEXT_SIZE];

	ip_format(&block->range.lo, text);
	return error_set(err, DAMAGED, text, block->prefix, how);
}

/* Reads the columns lo, prefix, hi, parent. */
static bool read_block(struct db_query *query, struct relay_block *block_r, struct error *err)
{
	size_t lo_length, hi_length;
	const void *lo = db_blob(query, 0, &lo_length);
	const void *hi = db_blob(query, 2, &hi_length);

	if (lo_length != sizeof(struct ip) || hi_length != sizeof(struct ip))
		return error_set(err, "relay_block: damaged; run `easymailctl db reindex`");
	memcpy(&block_r->range.lo, lo, lo_length);
	memcpy(&block_r->range.hi, hi, hi_length);
	block_r->prefix = (int)db_int(query, 1);
	block_r->parent = db_is_null(query, 3) ? -1 : (int)db_int(query, 3);
	return true;
}

static void bind_ip(struct db_query *query, int at, const struct ip *ip)
{
	db_bind_blob(query, at, ip->bytes, sizeof(ip->bytes));
}

void relay_block_bind(struct db_query *query, const struct relay_block *block)
{
	bind_ip(query, 1, &block->range.lo);
	db_bind_int(query, 2, block->prefix);
}

/* Steps to a block; more rows may follow. */
static enum found step_block(struct db_query *query, struct relay_block *block_r, struct error *err)
{
	enum found found = db_step(query, err);

	if (found == FOUND_ONE && !read_block(query, block_r, err))
		return FOUND_ERROR;
	return found;
}

enum found relay_blocks_up(struct db *db, struct relay_block *block, struct error *err)
{
	struct ip lo = first_of(&block->range.lo, block->parent < 0 ? 0 : block->parent);
	struct relay_block parent;
	struct db_query *query;
	enum found found;

	if (block->parent < 0)
		return FOUND_NONE;
	query = db_query(db,
			 "SELECT lo, prefix, hi, parent FROM relay_block"
			 " WHERE lo = ?1 AND prefix = ?2",
			 err);
	if (!query)
		return FOUND_ERROR;
	bind_ip(query, 1, &lo);
	db_bind_int(query, 2, block->parent);
	found = step_block(query, &parent, err);
	db_reset(query);
	if (found == FOUND_NONE || (found == FOUND_ONE && parent.parent >= parent.prefix)) {
		fail_damaged(block, "its parent", err);
		return FOUND_ERROR;
	}
	if (found == FOUND_ONE)
		*block = parent;
	return found;
}

enum found relay_blocks_find(struct db *db, const struct ip *ip, int prefix,
			     struct relay_block *block_r, struct error *err)
{
	enum found found;
	struct db_query *query = db_query(db,
					  "SELECT lo, prefix, hi, parent FROM relay_block"
					  " WHERE (lo, prefix) <= (?1, ?2)"
					  " ORDER BY lo DESC, prefix DESC LIMIT 1",
					  err);

	if (!query)
		return FOUND_ERROR;
	bind_ip(query, 1, ip);
	db_bind_int(query, 2, prefix);
	found = step_block(query, block_r, err);
	db_reset(query);
	while (found == FOUND_ONE && !ip_range_contains(&block_r->range, ip))
		found = relay_blocks_up(db, block_r, err);
	return found;
}

static enum found block_exists(struct db *db, const struct relay_block *block, struct error *err)
{
	struct db_query *query =
	    db_query(db, "SELECT 1 FROM relay_block WHERE lo = ?1 AND prefix = ?2", err);
	enum found found;

	if (!query)
		return FOUND_ERROR;
	relay_block_bind(query, block);
	found = db_step(query, err);
	db_reset(query);
	return found;
}

static void bind_parent(struct db_query *query, int at, int parent)
{
	if (parent < 0)
		db_bind_null(query, at);
	else
		db_bind_int(query, at, parent);
}

/* The blocks within the new one that had its parent get it as theirs. */
static bool adopt_children(struct db *db, const struct relay_block *block, int parent,
			   struct error *err)
{
	struct db_query *query = db_query(db,
					  "UPDATE relay_block SET parent = ?2"
					  " WHERE (lo, prefix) > (?1, ?2) AND lo <= ?3"
					  " AND parent IS ?4",
					  err);

	if (!query)
		return false;
	relay_block_bind(query, block);
	bind_ip(query, 3, &block->range.hi);
	bind_parent(query, 4, parent);
	return db_run(query, err);
}

bool relay_blocks_insert(struct db *db, const struct relay_block *block, struct error *err)
{
	struct relay_block around;
	struct db_query *query;
	enum found found = block_exists(db, block, err);
	int parent;

	if (found != FOUND_NONE)
		return found == FOUND_ONE;
	found = relay_blocks_find(db, &block->range.lo, block->prefix - 1, &around, err);
	if (found == FOUND_ERROR)
		return false;
	parent = found == FOUND_ONE ? around.prefix : -1;
	if (!adopt_children(db, block, parent, err))
		return false;
	query = db_query(
	    db, "INSERT INTO relay_block (lo, prefix, hi, parent) VALUES (?1, ?2, ?3, ?4)", err);
	if (!query)
		return false;
	relay_block_bind(query, block);
	bind_ip(query, 3, &block->range.hi);
	bind_parent(query, 4, parent);
	return db_run(query, err);
}

/* Compares one block with those around it; *depth of them are in `around`, outermost first. */
static bool verify_block(const struct relay_block *block, bool used,
			 struct relay_block around[RELAY_PREFIX_MAX + 1], size_t *depth,
			 struct error *err)
{
	struct relay_block right = relay_block_of(&block->range);
	struct ip lo = first_of(&block->range.lo, right.prefix);

	if (right.prefix != block->prefix || ip_compare(&lo, &block->range.lo) != 0)
		return fail_damaged(block, "its last address", err);
	if (!used)
		return fail_damaged(block, "no relay host has it", err);
	while (*depth > 0 && !ip_range_contains(&around[*depth - 1].range, &block->range.lo))
		--*depth;
	if (block->parent != (*depth > 0 ? around[*depth - 1].prefix : -1))
		return fail_damaged(block, "its parent", err);
	around[(*depth)++] = *block;
	return true;
}

bool relay_blocks_verify(struct db *db, struct error *err)
{
	struct relay_block around[RELAY_PREFIX_MAX + 1], block;
	size_t depth = 0;
	enum found found;
	struct db_query *query = db_query(db,
					  "SELECT lo, prefix, hi, parent, EXISTS (SELECT 1 FROM"
					  " relay_host h WHERE h.lo = b.lo AND h.prefix = b.prefix)"
					  " FROM relay_block b ORDER BY lo, prefix",
					  err);

	if (!query)
		return false;
	while ((found = step_block(query, &block, err)) == FOUND_ONE) {
		if (!verify_block(&block, db_int(query, 4) != 0, around, &depth, err)) {
			db_reset(query);
			return false;
		}
	}
	return found == FOUND_NONE;
}
