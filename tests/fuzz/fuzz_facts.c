/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as facts: what is taken keeps the promises of the header. */
#include "common/facts_wire.h"
#include "common/utf8.h"
#include "tests/fuzz/fuzz.h"

#define MESSAGE_LENGTH 1000

static void check_part(const struct message_facts *facts, const struct facts_part *part)
{
	const struct facts_part *parent = part->parent > 0 ? &facts->parts[part->parent - 1] : part;

	MUST(part->parent < part->number && part->same_as < part->number);
	MUST(part->parent == 0 || part->depth == parent->depth + 1);
	MUST(part->body_at + part->body_length <= MESSAGE_LENGTH);
	MUST(part->header_at + part->header_length == part->body_at);
	if (part->located && part->parent > 0)
		MUST(parent->located && part->header_at >= parent->body_at &&
		     part->body_at + part->body_length <= parent->body_at + parent->body_length);
	MUST(strlen(part->text) == part->text_length && utf8_is_valid(part->text));
	MUST(utf8_is_valid(part->type) && utf8_is_valid(part->charset));
	for (size_t i = 0; i < part->name_count; i++)
		MUST(utf8_is_valid(part->names[i]));
}

static void check(const struct message_facts *facts)
{
	for (size_t i = 0; i < facts->part_count; i++) {
		MUST(facts->parts[i].number == i + 1);
		check_part(facts, &facts->parts[i]);
	}
	for (size_t i = 0; i < facts->header_count; i++)
		MUST(utf8_is_valid(facts->headers[i].name) &&
		     utf8_is_valid(facts->headers[i].value));
	for (size_t i = 0; i < facts->member_count; i++) {
		const struct facts_member *member = &facts->members[i];

		MUST(member->part >= 1 && member->part <= facts->part_count);
		MUST(member->parent < member->number && utf8_is_valid(member->name));
	}
	for (size_t i = 0; i < facts->url_count; i++)
		MUST(facts->urls[i].part >= 1 && facts->urls[i].part <= facts->part_count &&
		     utf8_is_valid(facts->urls[i].text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message_facts *facts;
	struct error err;

	if (!message_facts_parse(data, size, MESSAGE_LENGTH, &facts, &err))
		return 0;
	check(facts);
	message_facts_free(facts);
	return 0;
}
