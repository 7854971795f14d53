/* SPDX-License-Identifier: BSD-2-Clause */
/* The model of a message's headers. */
#include "milters/chain/headers.h"
#include "milters/chain/memory.h"
#include <stdlib.h>
#include <string.h>

struct entry {
	struct header header; /* texts are the entry's own */
	size_t arrival; /* its place among the headers that arrived, from 1; 0: a filter made it */
	bool changed;
};

struct headers {
	struct entry *live; /* in the order they will leave in */
	size_t live_count, live_room;
	struct entry *gone; /* arrived, and deleted since */
	size_t gone_count, gone_room;
	size_t arrived;
	size_t bytes, max_bytes; /* of what arrived */
};

/* One header that arrived, on the way to its number among those of the same name. */
struct place {
	const struct entry *entry;
	bool gone;
	int number;
};

struct headers *headers_new(size_t max_bytes)
{
	struct headers *headers = memory_new(1, sizeof(*headers));

	headers->max_bytes = max_bytes;
	return headers;
}

static void entry_free(struct entry *entry)
{
	free((void *)(uintptr_t)entry->header.name);
	free((void *)(uintptr_t)entry->header.value);
}

void headers_free(struct headers *headers)
{
	if (headers == NULL)
		return;
	for (size_t i = 0; i < headers->live_count; i++)
		entry_free(&headers->live[i]);
	for (size_t i = 0; i < headers->gone_count; i++)
		entry_free(&headers->gone[i]);
	free(headers->live);
	free(headers->gone);
	free(headers);
}

/* Makes room for one more entry at the end of a list. */
static struct entry *room_for_one(struct entry *list, size_t count, size_t *room)
{
	if (count < *room)
		return list;
	*room = *room == 0 ? 32 : *room * 2;
	return memory_grow(list, *room, sizeof(*list));
}

/* Opens a gap at `index` of the live list. */
static struct entry *gap_at(struct headers *headers, size_t index)
{
	if (index > headers->live_count)
		index = headers->live_count;
	headers->live = room_for_one(headers->live, headers->live_count, &headers->live_room);
	memmove(headers->live + index + 1, headers->live + index,
		(headers->live_count - index) * sizeof(*headers->live));
	headers->live_count++;
	return &headers->live[index];
}

bool headers_receive(struct headers *headers, const char *name, const char *value)
{
	size_t bytes = strlen(name) + 1 + strlen(value) + 2;
	struct entry *entry;

	if (headers->arrived >= HEADERS_COUNT_MAX || bytes > headers->max_bytes - headers->bytes)
		return false;
	headers->bytes += bytes;
	entry = gap_at(headers, headers->live_count);
	*entry = (struct entry){
	    .header = {.name = memory_text(name), .value = memory_text(value)},
	    .arrival = ++headers->arrived,
	};
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * A copy of a filter's value as it goes on the wire: a leading blank (SMFIP_HDR_LEADSPC), and no line
 * end that is not a fold (RFC 5322 section 2.2.3), so that no value can begin a header of its own.
 */
static char *wire_value(const char *value)
{
	char *copy = memory_new(strlen(value) + 2, 1);
	char *out = copy;

	if (!is_blank(value[0]))
		*out++ = ' ';
	for (const char *in = value; *in != '\0'; in++) {
		if (*in == '\r')
			continue;
		*out++ = *in == '\n' && !is_blank(in[1]) ? ' ' : *in;
	}
	*out = '\0';
	return copy;
}

size_t headers_count(const struct headers *headers)
{
	return headers->live_count;
}

const struct header *headers_at(const struct headers *headers, size_t index)
{
	return index < headers->live_count ? &headers->live[index].header : NULL;
}

void headers_insert(struct headers *headers, size_t index, const char *name, const char *value)
{
	char *name_copy = memory_text(name);
	char *value_copy = wire_value(value);

	*gap_at(headers, index) =
	    (struct entry){.header = {.name = name_copy, .value = value_copy}};
}

void headers_replace(struct headers *headers, size_t index, const char *value)
{
	struct entry *entry;
	char *copy;

	if (index >= headers->live_count)
		return;
	entry = &headers->live[index];
	copy = wire_value(value);
	free((void *)(uintptr_t)entry->header.value);
	entry->header.value = copy;
	entry->changed = true;
}

void headers_delete(struct headers *headers, size_t index)
{
	struct entry entry;

	if (index >= headers->live_count)
		return;
	entry = headers->live[index];
	headers->live_count--;
	memmove(headers->live + index, headers->live + index + 1,
		(headers->live_count - index) * sizeof(*headers->live));
	if (entry.arrival == 0) {
		entry_free(&entry);
		return;
	}
	headers->gone = room_for_one(headers->gone, headers->gone_count, &headers->gone_room);
	headers->gone[headers->gone_count++] = entry;
}

static int compare_by_name(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	int order = strcasecmp(a->entry->header.name, b->entry->header.name);

	if (order != 0)
		return order;
	return a->entry->arrival < b->entry->arrival ? -1 : 1;
}

static int compare_by_arrival(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	return a->entry->arrival < b->entry->arrival ? -1 : 1;
}

/* What arrived, in that order, each with its number among those of its name. */
static struct place *places_new(const struct headers *headers)
{
	struct place *places = memory_new(headers->arrived, sizeof(*places));
	size_t count = 0;

	for (size_t i = 0; i < headers->live_count; i++) {
		if (headers->live[i].arrival > 0)
			places[count++].entry = &headers->live[i];
	}
	for (size_t i = 0; i < headers->gone_count; i++)
		places[count++] = (struct place){.entry = &headers->gone[i], .gone = true};
	qsort(places, count, sizeof(*places), compare_by_name);
	for (size_t i = 0; i < count; i++) {
		bool first = i == 0 || strcasecmp(places[i].entry->header.name,
						  places[i - 1].entry->header.name) != 0;
		places[i].number = first ? 1 : places[i - 1].number + 1;
	}
	qsort(places, count, sizeof(*places), compare_by_arrival);
	return places;
}

/* Changes keep all numbers; deletions from the last to the first keep those still to be deleted. */
static size_t edits_of_arrived(const struct headers *headers, struct edit *edits)
{
	struct place *places = places_new(headers);
	size_t count = 0;

	for (size_t i = 0; i < headers->arrived; i++) {
		const struct entry *entry = places[i].entry;

		if (entry->changed && !places[i].gone)
			edits[count++] = (struct edit){EDIT_CHANGE, places[i].number,
						       entry->header.name, entry->header.value};
	}
	for (size_t i = headers->arrived; i-- > 0;) {
		if (places[i].gone)
			edits[count++] = (struct edit){EDIT_DELETE, places[i].number,
						       places[i].entry->header.name, ""};
	}
	free(places);
	return count;
}

/* From the top down: whatever stands above an insertion is in its place already. */
static size_t edits_of_made(const struct headers *headers, struct edit *edits)
{
	size_t tail = headers->live_count;
	size_t count = 0;

	while (tail > 0 && headers->live[tail - 1].arrival == 0)
		tail--;
	for (size_t i = 0; i < headers->live_count; i++) {
		const struct entry *entry = &headers->live[i];

		if (entry->arrival == 0)
			edits[count++] =
			    (struct edit){i < tail ? EDIT_INSERT : EDIT_APPEND, (int)i + 1,
					  entry->header.name, entry->header.value};
	}
	return count;
}

/* Most messages have no header of their own changed: no need to count names then. */
static bool has_changed(const struct headers *headers)
{
	for (size_t i = 0; i < headers->live_count; i++) {
		if (headers->live[i].changed && headers->live[i].arrival > 0)
			return true;
	}
	return headers->gone_count > 0;
}

struct edit *headers_edits(const struct headers *headers, size_t *count_r)
{
	struct edit *edits =
	    memory_new(headers->live_count + headers->gone_count, sizeof(struct edit));
	size_t count = 0;

	if (has_changed(headers))
		count = edits_of_arrived(headers, edits);
	*count_r = count + edits_of_made(headers, edits + count);
	return edits;
}
