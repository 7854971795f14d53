/* SPDX-License-Identifier: BSD-2-Clause */
/* Gathers a message's facts while it is walked: hears of each entity and each decoded part, in their order. */
#ifndef EASYMAIL_SCANNER_FACTS_MAKER_H
#define EASYMAIL_SCANNER_FACTS_MAKER_H

#include "common/facts_builder.h"
#include "services/scanner/file_type.h"
#include "services/scanner/mime.h"

struct facts_maker;

/* For one message of `size` octets; `types` stays the caller's. After deadline_ms what costs time is left out, and
 * the facts say so. NULL: out of memory. */
struct facts_maker *facts_maker_new(struct file_types *types, const char *message, size_t size,
				    int64_t deadline_ms) __attribute__((nonnull));
void facts_maker_free(struct facts_maker *maker); /* takes NULL */

/* What mime_walk tells its visitor. `hash` is the SHA-256 of the part. */
void facts_maker_entity(struct facts_maker *maker, const struct mime_entity *entity)
    __attribute__((nonnull));
void facts_maker_part(struct facts_maker *maker, const struct mime_part *part,
		      const unsigned char hash[FACTS_HASH_BYTES]) __attribute__((nonnull));
void facts_maker_malformed(struct facts_maker *maker, unsigned entity, uint64_t malformed)
    __attribute__((nonnull));
void facts_maker_end(struct facts_maker *maker, const struct mime_summary *summary)
    __attribute__((nonnull));

/* The facts in a sealed spool, the caller's. To be called once. */
bool facts_maker_take(struct facts_maker *maker, struct spool **spool_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
