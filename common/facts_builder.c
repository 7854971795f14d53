/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables that grow up to their limits, and the pool of texts. */
#include "common/facts_builder.h"
#include "common/facts_wire.h"
#include "common/scan_protocol.h"
#include "common/utf8.h"
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

struct table {
	char *rows;
	size_t row_size;
	uint32_t count;
	uint32_t room;
	uint32_t limit;
	uint64_t too_many; /* what to say beyond the limit */
};

struct facts_builder {
	struct facts_wire_head head;
	struct table parts, names, headers, members, urls, pool;
	uint32_t part_names; /* names of the newest part */
	uint32_t part_urls;  /* the first URL of the newest part */
};

static struct table table_of(size_t row_size, uint32_t limit, uint64_t too_many)
{
	return (struct table){.row_size = row_size, .limit = limit, .too_many = too_many};
}

struct facts_builder *facts_builder_new(size_t message_length)
{
	struct facts_builder *builder = calloc(1, sizeof(*builder));

	if (builder == NULL)
		return NULL;
	builder->head.magic = FACTS_WIRE_MAGIC;
	builder->head.version = SCAN_PROTOCOL_VERSION;
	builder->head.message_length = message_length;
	builder->parts =
	    table_of(sizeof(struct facts_wire_part), FACTS_PARTS_MAX, MALFORMED_TOO_MANY_PARTS);
	builder->names =
	    table_of(sizeof(struct facts_wire_name), FACTS_NAMES_MAX, MALFORMED_TOO_MANY_NAMES);
	builder->headers =
	    table_of(sizeof(struct facts_wire_header), FACTS_HEADERS_MAX, MALFORMED_TOO_LARGE);
	builder->members = table_of(sizeof(struct facts_wire_member), FACTS_MEMBERS_MAX,
				    MALFORMED_TOO_MANY_MEMBERS);
	builder->urls =
	    table_of(sizeof(struct facts_wire_url), FACTS_URLS_MAX, MALFORMED_TOO_MANY_URLS);
	builder->pool = table_of(1, FACTS_POOL_BYTES, MALFORMED_TOO_LARGE);
	return builder;
}

void facts_builder_free(struct facts_builder *builder)
{
	if (builder == NULL)
		return;
	free(builder->parts.rows);
	free(builder->names.rows);
	free(builder->headers.rows);
	free(builder->members.rows);
	free(builder->urls.rows);
	free(builder->pool.rows);
	free(builder);
}

/* Room for `count` more rows; NULL: beyond the limit or out of memory, which the facts then say. */
static void *reserve(struct facts_builder *builder, struct table *table, size_t count)
{
	size_t wanted = table->count + count;
	size_t room = table->room > 0 ? table->room : 16;
	char *rows;

	if (wanted > table->limit) {
		builder->head.malformed |= table->too_many;
		return NULL;
	}
	while (room < wanted)
		room *= 2;
	if (room > table->room) {
		rows = realloc(table->rows, room * table->row_size);
		if (rows == NULL) {
			builder->head.malformed |= MALFORMED_TOO_LARGE;
			return NULL;
		}
		table->rows = rows;
		table->room = (uint32_t)room;
	}
	return table->rows + table->count * table->row_size;
}

static void *append_row(struct facts_builder *builder, struct table *table, const void *row)
{
	void *place = reserve(builder, table, 1);

	if (place == NULL)
		return NULL;
	memcpy(place, row, table->row_size);
	table->count++;
	return place;
}

/* Copies a text as UTF-8; returns the length. With `to` NULL it only measures. */
static size_t copy_utf8(char *to, const char *text, size_t length)
{
	const size_t replacement = sizeof(REPLACEMENT) - 1;
	size_t used = 0, at = 0;

	while (at < length) {
		size_t good = utf8_span(text + at, length - at);

		if (to != NULL)
			memcpy(to + used, text + at, good);
		used += good;
		at += good;
		if (at == length)
			break;
		if (to != NULL)
			memcpy(to + used, REPLACEMENT, replacement);
		used += replacement;
		at++;
	}
	return used;
}

/* Into the pool; what finds no room becomes the empty text, which the wire has at its end. */
static struct facts_wire_text keep_length(struct facts_builder *builder, const char *text,
					  size_t length)
{
	struct facts_wire_text wire = {.at = UINT32_MAX};
	char *place;
	size_t size;

	if (text == NULL || length == 0)
		return wire;
	size = copy_utf8(NULL, text, length);
	place = reserve(builder, &builder->pool, size + 1);
	if (place == NULL)
		return wire;
	copy_utf8(place, text, length);
	place[size] = '\0';
	wire.at = builder->pool.count;
	wire.length = (uint32_t)size;
	builder->pool.count += (uint32_t)size + 1;
	return wire;
}

static struct facts_wire_text keep(struct facts_builder *builder, const char *text)
{
	return keep_length(builder, text, text != NULL ? strlen(text) : 0);
}

static const char *kept(const struct facts_builder *builder, struct facts_wire_text wire)
{
	return wire.at == UINT32_MAX ? "" : builder->pool.rows + wire.at;
}

static uint32_t flags_of(const struct facts_part *part)
{
	return (part->declared ? FACTS_WIRE_DECLARED : 0) |
	       (part->attachment ? FACTS_WIRE_ATTACHMENT : 0) |
	       (part->encrypted ? FACTS_WIRE_ENCRYPTED : 0) |
	       (part->text_cut ? FACTS_WIRE_TEXT_CUT : 0) |
	       (part->located ? FACTS_WIRE_LOCATED : 0);
}

unsigned facts_builder_part(struct facts_builder *builder, const struct facts_part *part)
{
	struct facts_wire_part wire = {
	    .parent = part->parent,
	    .same_as = part->same_as,
	    .kind = part->kind,
	    .flags = flags_of(part),
	    .malformed = part->malformed,
	    .detected = {.at = UINT32_MAX},
	    .text = {.at = UINT32_MAX},
	};

	if (part->located) {
		wire.header_at = part->header_at;
		wire.header_length = part->header_length;
		wire.body_at = part->body_at;
		wire.body_length = part->body_length;
	}
	wire.type = keep(builder, part->type);
	wire.charset = keep(builder, part->charset);
	wire.encoding = keep(builder, part->encoding);
	wire.disposition = keep(builder, part->disposition);
	if (append_row(builder, &builder->parts, &wire) == NULL)
		return 0;
	builder->part_names = 0;
	builder->part_urls = builder->urls.count;
	return builder->parts.count;
}

unsigned facts_builder_count(const struct facts_builder *builder)
{
	return builder->parts.count;
}

static struct facts_wire_part *part_at(struct facts_builder *builder, unsigned number)
{
	if (number == 0 || number > builder->parts.count)
		return NULL;
	return (struct facts_wire_part *)(void *)builder->parts.rows + (number - 1);
}

void facts_builder_content(struct facts_builder *builder, const struct facts_part *content)
{
	struct facts_wire_part *part = part_at(builder, builder->parts.count);

	if (part == NULL)
		return;
	part->flags |= flags_of(content) & ~FACTS_WIRE_LOCATED;
	part->malformed |= content->malformed;
	part->size = content->size;
	memcpy(part->hash, content->hash, sizeof(part->hash));
	part->detected = keep(builder, content->detected);
	part->text = keep_length(builder, content->text, content->text_length);
}

/* Does the newest part have this name? The new one is at the pool's end, as the builder keeps it. */
static bool has_name(const struct facts_builder *builder, const char *name)
{
	const struct facts_wire_name *rows = (const void *)builder->names.rows;

	for (uint32_t i = builder->names.count - builder->part_names; i < builder->names.count;
	     i++) {
		if (strcmp(kept(builder, rows[i].text), name) == 0)
			return true;
	}
	return false;
}

void facts_builder_name(struct facts_builder *builder, const char *name, size_t length)
{
	struct facts_wire_name wire = {.part = builder->parts.count};
	uint32_t pool = builder->pool.count;

	if (builder->parts.count == 0 || length == 0)
		return;
	if (builder->part_names >= FACTS_PART_NAMES_MAX) {
		facts_builder_malformed(builder, builder->parts.count, MALFORMED_TOO_MANY_NAMES);
		return;
	}
	wire.text = keep_length(builder, name, length);
	if (wire.text.at == UINT32_MAX)
		return;
	if (has_name(builder, kept(builder, wire.text)) ||
	    append_row(builder, &builder->names, &wire) == NULL)
		builder->pool.count = pool;
	else
		builder->part_names++;
}

void facts_builder_malformed(struct facts_builder *builder, unsigned part, uint64_t malformed)
{
	struct facts_wire_part *row = part_at(builder, part);

	if (row != NULL)
		row->malformed |= malformed;
	else
		builder->head.malformed |= malformed;
}

void facts_builder_header(struct facts_builder *builder, const char *name, const char *value)
{
	struct facts_wire_header wire;

	wire.name = keep(builder, name);
	wire.value = keep(builder, value);
	(void)append_row(builder, &builder->headers, &wire);
}

unsigned facts_builder_member(struct facts_builder *builder, const struct facts_member *member)
{
	struct facts_wire_member wire = {
	    .part = builder->parts.count,
	    .parent = member->parent,
	    .flags = (member->encrypted ? FACTS_WIRE_ENCRYPTED : 0) |
		     (member->sized ? FACTS_WIRE_SIZED : 0),
	    .size = member->size,
	    .malformed = member->malformed,
	};

	wire.name = keep(builder, member->name);
	wire.detected = keep(builder, member->detected);
	if (builder->parts.count == 0 || append_row(builder, &builder->members, &wire) == NULL)
		return 0;
	return builder->members.count;
}

void facts_builder_member_detected(struct facts_builder *builder, unsigned number,
				   const char *detected, uint64_t malformed)
{
	struct facts_wire_member *rows = (void *)builder->members.rows;

	if (number == 0 || number > builder->members.count)
		return;
	if (detected != NULL)
		rows[number - 1].detected = keep(builder, detected);
	rows[number - 1].malformed |= malformed;
}

static bool has_url(const struct facts_builder *builder, const char *text)
{
	const struct facts_wire_url *rows = (const void *)builder->urls.rows;

	for (uint32_t i = builder->part_urls; i < builder->urls.count; i++) {
		if (strcmp(kept(builder, rows[i].text), text) == 0)
			return true;
	}
	return false;
}

void facts_builder_url(struct facts_builder *builder, const char *text, const char *host)
{
	struct facts_wire_url wire = {.part = builder->parts.count};
	uint32_t pool = builder->pool.count;

	if (builder->parts.count == 0)
		return;
	if (builder->urls.count >= builder->urls.limit) {
		builder->head.malformed |= builder->urls.too_many;
		return;
	}
	wire.text = keep(builder, text);
	if (has_url(builder, kept(builder, wire.text))) {
		builder->pool.count = pool;
		return;
	}
	wire.host = keep(builder, host);
	if (append_row(builder, &builder->urls, &wire) == NULL)
		builder->pool.count = pool;
}

/* Each empty text gets its NUL at the end of the pool, beyond the limit if need be. */
static void place_empty(struct facts_builder *builder, struct facts_wire_text *wire)
{
	if (wire->at == UINT32_MAX)
		wire->at = builder->head.pool++;
}

static void place_empty_parts(struct facts_builder *builder)
{
	struct facts_wire_part *parts = (void *)builder->parts.rows;

	for (uint32_t i = 0; i < builder->parts.count; i++) {
		place_empty(builder, &parts[i].detected);
		place_empty(builder, &parts[i].type);
		place_empty(builder, &parts[i].charset);
		place_empty(builder, &parts[i].encoding);
		place_empty(builder, &parts[i].disposition);
		place_empty(builder, &parts[i].text);
	}
}

static void place_empty_others(struct facts_builder *builder)
{
	struct facts_wire_header *headers = (void *)builder->headers.rows;
	struct facts_wire_member *members = (void *)builder->members.rows;
	struct facts_wire_url *urls = (void *)builder->urls.rows;

	for (uint32_t i = 0; i < builder->headers.count; i++) {
		place_empty(builder, &headers[i].name);
		place_empty(builder, &headers[i].value);
	}
	for (uint32_t i = 0; i < builder->members.count; i++) {
		place_empty(builder, &members[i].name);
		place_empty(builder, &members[i].detected);
	}
	for (uint32_t i = 0; i < builder->urls.count; i++) {
		place_empty(builder, &urls[i].text);
		place_empty(builder, &urls[i].host);
	}
}

static bool write_table(const struct table *table, struct spool *spool, struct error *err)
{
	return table->count == 0 ||
	       spool_append(spool, table->rows, table->count * table->row_size, err);
}

/* The empty texts' NULs. */
static bool write_zeros(uint32_t count, struct spool *spool, struct error *err)
{
	static const char zeros[4096];

	while (count > 0) {
		uint32_t now = count < sizeof(zeros) ? count : sizeof(zeros);

		if (!spool_append(spool, zeros, now, err))
			return false;
		count -= now;
	}
	return true;
}

bool facts_builder_write(struct facts_builder *builder, struct spool *spool, struct error *err)
{
	struct facts_wire_head *head = &builder->head;

	head->parts = builder->parts.count;
	head->names = builder->names.count;
	head->headers = builder->headers.count;
	head->members = builder->members.count;
	head->urls = builder->urls.count;
	head->pool = builder->pool.count;
	place_empty_parts(builder);
	place_empty_others(builder);
	return spool_append(spool, head, sizeof(*head), err) &&
	       write_table(&builder->parts, spool, err) &&
	       write_table(&builder->names, spool, err) &&
	       write_table(&builder->headers, spool, err) &&
	       write_table(&builder->members, spool, err) &&
	       write_table(&builder->urls, spool, err) && write_table(&builder->pool, spool, err) &&
	       write_zeros(head->pool - builder->pool.count, spool, err) && spool_seal(spool, err);
}
