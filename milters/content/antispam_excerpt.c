/* SPDX-License-Identifier: BSD-2-Clause */
/* Copies a message and passes over the ends of attachments, in the order in which they stand. */
#include "milters/content/antispam_excerpt.h"
#include "milters/chain/memory.h"
#include <string.h>

struct excerpt {
	char *text;
	size_t used;
	size_t at; /* of the message: up to here all is decided */
};

static bool has_members(const struct message_facts *facts, unsigned part)
{
	for (size_t i = 0; i < facts->member_count; i++) {
		if (facts->members[i].part == part)
			return true;
	}
	return false;
}

static bool is_whole(const struct message_facts *facts, const struct facts_part *part, size_t limit)
{
	return part->kind != FACTS_LEAF || !part->attachment || !part->located || part->encrypted ||
	       part->same_as != 0 || part->malformed != 0 || part->body_length <= limit ||
	       has_members(facts, part->number);
}

/* How much of a body is kept: whole lines, at least one octet short of the body. 0: none of its lines fit. */
static size_t head_length(const char *body, size_t limit)
{
	const char *newline = memrchr(body, '\n', limit);

	return newline != NULL ? (size_t)(newline + 1 - body) : 0;
}

static void copy_until(struct excerpt *excerpt, const char *data, size_t end)
{
	memcpy(excerpt->text + excerpt->used, data + excerpt->at, end - excerpt->at);
	excerpt->used += end - excerpt->at;
	excerpt->at = end;
}

char *antispam_excerpt(const struct message_facts *facts, const char *data, size_t length,
		       size_t limit, size_t *length_r)
{
	struct excerpt excerpt = {0};

	if (facts->malformed != 0)
		return NULL;
	for (size_t i = 0; i < facts->part_count; i++) {
		const struct facts_part *part = &facts->parts[i];
		size_t end = part->body_at + part->body_length, keep;

		if (is_whole(facts, part, limit) || part->body_at < excerpt.at || end > length)
			continue;
		keep = head_length(data + part->body_at, limit);
		if (keep == 0)
			continue;
		if (excerpt.text == NULL)
			excerpt.text = memory_new(length, 1);
		copy_until(&excerpt, data, part->body_at + keep);
		excerpt.at = end;
	}
	if (excerpt.text == NULL)
		return NULL;
	copy_until(&excerpt, data, length);
	*length_r = excerpt.used;
	return excerpt.text;
}
