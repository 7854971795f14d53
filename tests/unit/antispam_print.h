/* SPDX-License-Identifier: BSD-2-Clause */
/* Fingerprints of messages, by facts as the scanner's own parser finds them. */
#ifndef EASYMAIL_TESTS_ANTISPAM_PRINT_H
#define EASYMAIL_TESTS_ANTISPAM_PRINT_H

#include "common/spool.h"
#include "milters/content/antispam_print.h"
#include "services/scanner/facts_maker.h"
#include <stdlib.h>
#include <string.h>

struct print_walk {
	struct facts_maker *maker;
};

static inline void print_must(bool done)
{
	if (!done)
		abort();
}

static inline bool print_part(void *context, const struct mime_part *part)
{
	const struct print_walk *walk = context;
	struct crypto_hash *hash = crypto_hash_new();
	unsigned char digest[CRYPTO_HASH_BYTES];

	crypto_hash_add(hash, part->data, part->length);
	crypto_hash_finish(hash, digest);
	crypto_hash_free(hash);
	facts_maker_part(walk->maker, part, digest);
	return true;
}

static inline void print_entity(void *context, const struct mime_entity *entity)
{
	const struct print_walk *walk = context;

	facts_maker_entity(walk->maker, entity);
}

static inline void print_malformed(void *context, unsigned entity, uint64_t malformed)
{
	const struct print_walk *walk = context;

	facts_maker_malformed(walk->maker, entity, malformed);
}

/* The caller frees. */
static inline struct message_facts *print_facts(struct file_types *types, const char *data,
						size_t size)
{
	static const struct mime_limits limits = {1000, 20, 8 << 20};
	struct print_walk walk = {.maker = facts_maker_new(types, data, size, INT64_MAX)};
	struct mime_visitor visitor = {.context = &walk,
				       .part = print_part,
				       .entity = print_entity,
				       .malformed = print_malformed};
	struct mime_summary summary;
	struct message_facts *facts;
	struct spool *spool;
	struct error err;

	mime_walk(data, size, &limits, &visitor, &summary);
	facts_maker_end(walk.maker, &summary);
	print_must(facts_maker_take(walk.maker, &spool, &err));
	print_must(message_facts_open(spool_fd(spool), size, &facts, &err));
	spool_free(spool);
	facts_maker_free(walk.maker);
	return facts;
}

#endif
