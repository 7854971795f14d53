/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tree of CIDR blocks in table relay_block. Blocks nest or are apart. So of the blocks in the order
 * (lo, prefix), the last one that is not above an address is either the smallest around it or lies
 * within the smallest around it: one seek, then a few steps to parents. Internal to common/.
 */
#ifndef EASYMAIL_RELAY_BLOCKS_H
#define EASYMAIL_RELAY_BLOCKS_H

#include "common/db.h"
#include "common/ip.h"

#define RELAY_PREFIX_MAX 128

struct relay_block {
	struct ip_range range;
	int prefix; /* its length in the 16-byte form, 0 to 128 */
	int parent; /* that of the smallest block around it; -1: there is none */
};

/* The block of a range, with no parent; the range must be a CIDR block. */
struct relay_block relay_block_of(const struct ip_range *range) __attribute__((nonnull));

/* Binds lo to ?1 and prefix to ?2, the key of the tables. The block must live until the step. */
void relay_block_bind(struct db_query *query, const struct relay_block *block)
    __attribute__((nonnull));

/* The smallest block of at most `prefix` that covers the address. */
enum found relay_blocks_find(struct db *db, const struct ip *ip, int prefix,
			     struct relay_block *block_r, struct error *err)
    __attribute__((nonnull));

/* Replaces the block by its parent. */
enum found relay_blocks_up(struct db *db, struct relay_block *block, struct error *err)
    __attribute__((nonnull));

/* Puts the block into the tree unless it is there. Inside a write transaction. */
bool relay_blocks_insert(struct db *db, const struct relay_block *block, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Is each parent right, and is there a relay host for each block? The error tells the first that is not. */
bool relay_blocks_verify(struct db *db, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
