/* SPDX-License-Identifier: BSD-2-Clause */
/* Words for places. */
#include "common/content_place.h"
#include "common/utf8.h"
#include <stdio.h>

#define NAME_LENGTH 80

static const char *name_of(const struct facts_part *part)
{
	return part->name_count > 0 ? part->names[0] : "";
}

static void place_part(const struct facts_part *part, char *text_r, size_t size)
{
	const char *name = name_of(part);

	if (name[0] == '\0')
		snprintf(text_r, size, "attachment without a name (part %u)", part->number);
	else
		snprintf(text_r, size, "attachment %.*s (part %u)", NAME_LENGTH, name,
			 part->number);
}

void content_place_file(const struct message_facts *facts, size_t file, char *text_r, size_t size)
{
	if (file < facts->part_count) {
		place_part(&facts->parts[file], text_r, size);
	} else {
		const struct facts_member *member = &facts->members[file - facts->part_count];
		const struct facts_part *part = &facts->parts[member->part - 1];

		snprintf(text_r, size, "%.*s in %.*s (part %u)", NAME_LENGTH, member->name,
			 NAME_LENGTH, name_of(part)[0] != '\0' ? name_of(part) : "an archive",
			 part->number);
	}
	utf8_make_printable(text_r);
}

void content_place_term(const struct content_term *term, unsigned part, char *text_r, size_t size)
{
	if (term->what == WHAT_HEADER)
		snprintf(text_r, size, "header %.80s", term->header);
	else if (term->what == WHAT_ANY)
		snprintf(text_r, size, "the message");
	else if (part > 0)
		snprintf(text_r, size, "%s (part %u)", content_whats[term->what].word, part);
	else
		snprintf(text_r, size, "%s", content_whats[term->what].word);
}
