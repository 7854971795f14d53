/* SPDX-License-Identifier: BSD-2-Clause */
/* Which rules a message meets, and where. Pure: it asks nobody. */
#ifndef EASYMAIL_CONTENT_MATCH_H
#define EASYMAIL_CONTENT_MATCH_H

#include "common/content_rules.h"
#include "common/content_values.h"

/* One rule that the message meets. */
struct content_hit {
	const struct content_rule *rule;
	char where[256];       /* for people: "attachment invoice.exe (part 2)"; printable */
	const unsigned *parts; /* those whose files meet it, ascending; of rules on files */
	size_t part_count;
};

struct content_hits {
	size_t count;
	struct content_hit *items; /* in the order of the rules */
};

/*
 * Rules with a fault, and an expression that comes to its limits, are an error: nothing is known then.
 * Free the hits with content_hits_free; they point into `rules`.
 */
bool content_match(const struct content_rules *rules, const struct content_input *input,
		   struct content_hits *hits_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void content_hits_free(struct content_hits *hits) __attribute__((nonnull));

#endif
