/* SPDX-License-Identifier: BSD-2-Clause */
/* A list of replacements. */
#include "milters/content/body_edits.h"
#include "milters/chain/memory.h"
#include <stdlib.h>
#include <string.h>

static bool overlaps(const struct body_edits *edits, size_t at, size_t length)
{
	for (size_t i = 0; i < edits->count; i++) {
		const struct body_edit *edit = &edits->items[i];

		if (at < edit->at + edit->length && edit->at < at + length)
			return true;
		if (at == edit->at)
			return true;
	}
	return false;
}

bool body_edits_put(struct body_edits *edits, size_t at, size_t length, struct octets *octets)
{
	if (overlaps(edits, at, length)) {
		free(octets->data);
		*octets = (struct octets){0};
		return false;
	}
	edits->items = memory_grow(edits->items, edits->count + 1, sizeof(*edits->items));
	edits->items[edits->count++] = (struct body_edit){at, length, *octets};
	*octets = (struct octets){0};
	return true;
}

bool body_edits_cover(const struct body_edits *edits, size_t at)
{
	return overlaps(edits, at, 1);
}

void body_edits_free(struct body_edits *edits)
{
	for (size_t i = 0; i < edits->count; i++)
		free(edits->items[i].octets.data);
	free(edits->items);
	*edits = (struct body_edits){0};
}

static int compare(const void *left, const void *right)
{
	const struct body_edit *a = left, *b = right;

	return a->at < b->at ? -1 : a->at > b->at;
}

char *body_edits_apply(struct body_edits *edits, const char *message, size_t length, size_t body_at,
		       size_t *length_r)
{
	struct octets out = {0};
	size_t at = body_at;

	if (edits->count > 0)
		qsort(edits->items, edits->count, sizeof(*edits->items), compare);
	for (size_t i = 0; i < edits->count; i++) {
		const struct body_edit *edit = &edits->items[i];

		/* Offsets are another process's word. */
		if (edit->at < at || edit->at > length || edit->length > length - edit->at)
			continue;
		octets_add(&out, message + at, edit->at - at);
		octets_add(&out, edit->octets.data, edit->octets.length);
		at = edit->at + edit->length;
	}
	octets_add(&out, message + at, length - at);
	*length_r = out.length;
	return out.data;
}
