/* SPDX-License-Identifier: BSD-2-Clause */
/* Octets from a jailed process become facts, or are refused. */
#include "common/message_facts.h"
#include "common/facts_wire.h"
#include "common/scan_protocol.h"
#include "common/spool.h"
#include "common/utf8.h"
#include <stdlib.h>
#include <string.h>

/* The facts and all that they point to; the texts lie in the wire's pool. */
struct loaded {
	struct message_facts facts;
	struct facts_part *parts;
	struct facts_header *headers;
	struct facts_member *members;
	struct facts_url *urls;
	const char **names;
	struct spool_view view; /* none: the octets are the caller's */
};

struct reader {
	const struct facts_wire_head *head;
	const struct facts_wire_part *parts;
	const struct facts_wire_name *names;
	const struct facts_wire_header *headers;
	const struct facts_wire_member *members;
	const struct facts_wire_url *urls;
	const char *pool;
	uint64_t text_bytes; /* of the texts so far: together no more than the pool */
	size_t message_length;
	struct loaded *loaded;
	struct error *err;
};

static bool refuse(struct reader *reader, const char *what)
{
	return error_set(reader->err, "the facts make no sense: %s", what);
}

/* The tables, one behind the other, and nothing else. */
static bool find_tables(struct reader *reader, const void *data, size_t length)
{
	const struct facts_wire_head *head = data;
	uint64_t wanted = sizeof(*head);

	if (length < sizeof(*head) || length > FACTS_WIRE_BYTES)
		return refuse(reader, "length");
	if (head->magic != FACTS_WIRE_MAGIC || head->version != SCAN_PROTOCOL_VERSION)
		return refuse(reader, "version");
	if (head->message_length != reader->message_length)
		return refuse(reader, "another message");
	if (head->malformed & ~MALFORMED_ALL)
		return refuse(reader, "flags");
	wanted += (uint64_t)head->parts * sizeof(*reader->parts) +
		  (uint64_t)head->names * sizeof(*reader->names) +
		  (uint64_t)head->headers * sizeof(*reader->headers) +
		  (uint64_t)head->members * sizeof(*reader->members) +
		  (uint64_t)head->urls * sizeof(*reader->urls) + head->pool;
	if (wanted != length || head->parts == 0)
		return refuse(reader, "counts");
	reader->head = head;
	reader->parts = (const void *)(head + 1);
	reader->names = (const void *)(reader->parts + head->parts);
	reader->headers = (const void *)(reader->names + head->names);
	reader->members = (const void *)(reader->headers + head->headers);
	reader->urls = (const void *)(reader->members + head->members);
	reader->pool = (const void *)(reader->urls + head->urls);
	return true;
}

/* A text of the pool: ended by its NUL, without another, UTF-8. */
static bool take_text(struct reader *reader, const struct facts_wire_text *wire,
		      const char **text_r)
{
	uint64_t end = (uint64_t)wire->at + wire->length;

	reader->text_bytes += (uint64_t)wire->length + 1;
	if (end >= reader->head->pool || reader->text_bytes > reader->head->pool)
		return refuse(reader, "a text lies outside");
	*text_r = reader->pool + wire->at;
	if (memchr(*text_r, '\0', wire->length + 1) != *text_r + wire->length)
		return refuse(reader, "a text does not end where it should");
	return utf8_is_valid(*text_r) || refuse(reader, "a text is not UTF-8");
}

/* Where a part stands: in the message, in its parent, behind what came before it there. */
static bool check_place(struct reader *reader, const struct facts_part *part, size_t *ends)
{
	const struct facts_part *parent =
	    part->parent > 0 ? part - part->number + part->parent : NULL;
	size_t end = part->body_at + part->body_length;
	const struct facts_part *same;

	if (part->same_as > 0) {
		same = part - part->number + part->same_as;
		return (part->located == same->located && part->body_at == same->body_at &&
			part->body_length == same->body_length) ||
		       refuse(reader, "another reading stands elsewhere");
	}
	if (parent == NULL || !parent->located)
		return parent == NULL || refuse(reader, "a part is nowhere, what it holds is not");
	if (part->header_at < ends[part->parent] || end > parent->body_at + parent->body_length)
		return refuse(reader, "a part is not inside its parent");
	ends[part->parent] = end;
	return true;
}

static bool take_place(struct reader *reader, const struct facts_wire_part *wire,
		       struct facts_part *part, size_t *ends)
{
	uint64_t length = reader->message_length;

	part->located = wire->flags & FACTS_WIRE_LOCATED;
	ends[part->number] = (size_t)wire->body_at;
	if (!part->located)
		return (wire->header_at | wire->header_length | wire->body_at |
			wire->body_length) == 0 ||
		       refuse(reader, "a part is nowhere, but has a place");
	if (wire->header_at > length || wire->header_length > length - wire->header_at ||
	    wire->body_at != wire->header_at + wire->header_length ||
	    wire->body_length > length - wire->body_at)
		return refuse(reader, "a part is outside the message");
	part->header_at = (size_t)wire->header_at;
	part->header_length = (size_t)wire->header_length;
	part->body_at = (size_t)wire->body_at;
	part->body_length = (size_t)wire->body_length;
	return check_place(reader, part, ends);
}

/* Does the tree grow from the message downwards, and can the parent have children of this kind? */
static bool take_kin(struct reader *reader, const struct facts_wire_part *wire,
		     struct facts_part *part)
{
	const struct facts_part *parts = reader->loaded->parts;
	enum facts_kind parents_kind;

	if (wire->kind < FACTS_LEAF || wire->kind > FACTS_UUENCODED)
		return refuse(reader, "a part's kind");
	part->kind = (enum facts_kind)wire->kind;
	part->parent = wire->parent;
	part->same_as = wire->same_as;
	if (part->number == 1)
		return (wire->parent == 0 && wire->same_as == 0 && part->kind != FACTS_UUENCODED) ||
		       refuse(reader, "the first part is not the message");
	if (wire->same_as >= part->number || wire->parent >= part->number)
		return refuse(reader, "a part comes before its kin");
	if (wire->same_as > 0 && (parts[wire->same_as - 1].parent != wire->parent ||
				  parts[wire->same_as - 1].same_as > 0))
		return refuse(reader, "another reading has another parent");
	if (wire->parent == 0) /* the message itself, decoded another way */
		return wire->same_as == 1 || refuse(reader, "a part has no parent");
	parents_kind = parts[wire->parent - 1].kind;
	part->depth = parts[wire->parent - 1].depth + 1;
	if (parents_kind == FACTS_UUENCODED ||
	    (part->kind != FACTS_UUENCODED && parents_kind == FACTS_LEAF))
		return refuse(reader, "a part cannot have such a parent");
	return true;
}

static bool take_part(struct reader *reader, size_t index, size_t *ends)
{
	const struct facts_wire_part *wire = &reader->parts[index];
	struct facts_part *part = &reader->loaded->parts[index];

	part->number = (unsigned)index + 1;
	if ((wire->flags & ~FACTS_WIRE_FLAGS) || (wire->malformed & ~MALFORMED_ALL))
		return refuse(reader, "a part's flags");
	part->declared = wire->flags & FACTS_WIRE_DECLARED;
	part->attachment = wire->flags & FACTS_WIRE_ATTACHMENT;
	part->encrypted = wire->flags & FACTS_WIRE_ENCRYPTED;
	part->text_cut = wire->flags & FACTS_WIRE_TEXT_CUT;
	part->malformed = wire->malformed;
	part->size = wire->size;
	part->text_length = wire->text.length;
	memcpy(part->hash, wire->hash, sizeof(part->hash));
	reader->loaded->facts.malformed |= wire->malformed;
	return take_kin(reader, wire, part) && take_place(reader, wire, part, ends) &&
	       take_text(reader, &wire->detected, &part->detected) &&
	       take_text(reader, &wire->type, &part->type) &&
	       take_text(reader, &wire->charset, &part->charset) &&
	       take_text(reader, &wire->encoding, &part->encoding) &&
	       take_text(reader, &wire->disposition, &part->disposition) &&
	       take_text(reader, &wire->text, &part->text);
}

static bool take_parts(struct reader *reader)
{
	size_t *ends = calloc((size_t)reader->head->parts + 1, sizeof(*ends));
	bool taken = ends != NULL || error_set(reader->err, "facts: out of memory");

	for (size_t i = 0; taken && i < reader->head->parts; i++)
		taken = take_part(reader, i, ends);
	free(ends);
	return taken;
}

/* Names come in the order of their parts, so that each part's are a stretch of the array. */
static bool take_names(struct reader *reader)
{
	struct loaded *loaded = reader->loaded;
	uint32_t last = 1;

	for (size_t i = 0; i < reader->head->names; i++) {
		const struct facts_wire_name *wire = &reader->names[i];
		struct facts_part *part;

		if (wire->part < last || wire->part > reader->head->parts)
			return refuse(reader, "a name is no part's");
		last = wire->part;
		if (!take_text(reader, &wire->text, &loaded->names[i]))
			return false;
		part = &loaded->parts[wire->part - 1];
		if (part->name_count++ == 0)
			part->names = loaded->names + i;
	}
	return true;
}

static bool take_headers(struct reader *reader)
{
	for (size_t i = 0; i < reader->head->headers; i++) {
		const struct facts_wire_header *wire = &reader->headers[i];
		struct facts_header *header = &reader->loaded->headers[i];

		if (!take_text(reader, &wire->name, &header->name) ||
		    !take_text(reader, &wire->value, &header->value))
			return false;
	}
	return true;
}

static bool take_member(struct reader *reader, size_t index)
{
	const struct facts_wire_member *wire = &reader->members[index];
	struct facts_member *members = reader->loaded->members;
	struct facts_member *member = &members[index];

	if (wire->part == 0 || wire->part > reader->head->parts || wire->parent > index ||
	    (index > 0 && wire->part < members[index - 1].part))
		return refuse(reader, "a member is in no archive");
	if (wire->parent > 0 && members[wire->parent - 1].part != wire->part)
		return refuse(reader, "a member is in another part's archive");
	if ((wire->flags & ~(FACTS_WIRE_ENCRYPTED | FACTS_WIRE_SIZED)) ||
	    (wire->malformed & ~MALFORMED_ALL))
		return refuse(reader, "a member's flags");
	member->number = (unsigned)index + 1;
	member->part = wire->part;
	member->parent = wire->parent;
	member->depth = wire->parent > 0 ? members[wire->parent - 1].depth + 1 : 1;
	member->encrypted = wire->flags & FACTS_WIRE_ENCRYPTED;
	member->sized = wire->flags & FACTS_WIRE_SIZED;
	member->size = wire->size;
	member->malformed = wire->malformed;
	reader->loaded->facts.malformed |= wire->malformed;
	return take_text(reader, &wire->name, &member->name) &&
	       take_text(reader, &wire->detected, &member->detected);
}

static bool take_members(struct reader *reader)
{
	for (size_t i = 0; i < reader->head->members; i++) {
		if (!take_member(reader, i))
			return false;
	}
	return true;
}

static bool take_urls(struct reader *reader)
{
	for (size_t i = 0; i < reader->head->urls; i++) {
		const struct facts_wire_url *wire = &reader->urls[i];
		struct facts_url *url = &reader->loaded->urls[i];

		if (wire->part == 0 || wire->part > reader->head->parts)
			return refuse(reader, "a URL is in no part");
		url->part = wire->part;
		if (!take_text(reader, &wire->text, &url->text) ||
		    !take_text(reader, &wire->host, &url->host))
			return false;
	}
	return true;
}

/* Room for everything: the counts are bounded by the length of the octets. */
static bool make_room(struct reader *reader, struct loaded **loaded_r)
{
	const struct facts_wire_head *head = reader->head;
	struct loaded *loaded = calloc(1, sizeof(*loaded));

	if (loaded == NULL)
		return error_set(reader->err, "facts: out of memory");
	reader->loaded = *loaded_r = loaded;
	loaded->parts = calloc(head->parts, sizeof(*loaded->parts));
	loaded->headers = calloc((size_t)head->headers + 1, sizeof(*loaded->headers));
	loaded->members = calloc((size_t)head->members + 1, sizeof(*loaded->members));
	loaded->urls = calloc((size_t)head->urls + 1, sizeof(*loaded->urls));
	loaded->names = calloc((size_t)head->names + 1, sizeof(*loaded->names));
	if (loaded->parts == NULL || loaded->headers == NULL || loaded->members == NULL ||
	    loaded->urls == NULL || loaded->names == NULL)
		return error_set(reader->err, "facts: out of memory");
	loaded->facts = (struct message_facts){.parts = loaded->parts,
					       .headers = loaded->headers,
					       .members = loaded->members,
					       .urls = loaded->urls,
					       .part_count = head->parts,
					       .header_count = head->headers,
					       .member_count = head->members,
					       .url_count = head->urls,
					       .malformed = head->malformed};
	return true;
}

bool message_facts_parse(const void *data, size_t length, size_t message_length,
			 struct message_facts **facts_r, struct error *err)
{
	struct reader reader = {.message_length = message_length, .err = err};
	struct loaded *loaded = NULL;

	if (!find_tables(&reader, data, length))
		return false;
	if (!make_room(&reader, &loaded) || !take_parts(&reader) || !take_names(&reader) ||
	    !take_headers(&reader) || !take_members(&reader) || !take_urls(&reader)) {
		message_facts_free(loaded != NULL ? &loaded->facts : NULL);
		return false;
	}
	*facts_r = &loaded->facts;
	return true;
}

bool message_facts_open(int fd, size_t message_length, struct message_facts **facts_r,
			struct error *err)
{
	struct loaded *loaded;
	size_t length;
	struct spool_view view;

	if (!spool_check(fd, FACTS_WIRE_BYTES, &length, err))
		return error_set(err, "the facts did not come in a sealed memfd, or are too many");
	if (length == 0)
		return error_set(err, "the facts are empty");
	if (!spool_view_open(fd, length, &view, err))
		return error_prefix(err, "facts: ");
	if (!message_facts_parse(view.data, length, message_length, facts_r, err)) {
		spool_view_close(&view);
		return false;
	}
	loaded = (struct loaded *)*facts_r;
	loaded->view = view;
	return true;
}

void message_facts_free(struct message_facts *facts)
{
	struct loaded *loaded = (struct loaded *)facts;

	if (loaded == NULL)
		return;
	free(loaded->parts);
	free(loaded->headers);
	free(loaded->members);
	free(loaded->urls);
	free(loaded->names);
	spool_view_close(&loaded->view);
	free(loaded);
}
