/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The index of relay hosts: rows of relay_host know their block, and the blocks are a tree.
 *
 * A row that plain SQL inserted is pending until somebody indexes it. Two tenants' rows that overlap
 * count both only when both are shared. Otherwise the one that is in the index stays, of two pending ones
 * the older, and the other does not count. Internal to common/.
 */
#ifndef EASYMAIL_RELAY_INDEX_H
#define EASYMAIL_RELAY_INDEX_H

#include "common/db.h"

/*
 * Indexes up to `max` pending rows inside the caller's write transaction. A row that is no CIDR block,
 * or that overlaps another tenant's without both being shared, gets `fault` set and does not count.
 * done_r: how many rows were dealt with.
 */
bool relay_index_pending(struct db *db, size_t max, size_t *done_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* The index made anew; rows that are in it keep their precedence. Inside a write transaction. */
bool relay_index_rebuild(struct db *db, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Compares the index with what relay_host says; the error tells the first difference. */
bool relay_index_verify(struct db *db, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
