/* SPDX-License-Identifier: BSD-2-Clause */
/* The MIME tree, from the outside in: an outer delimiter ends every inner part (RFC 2046 section 5.1.2). */
#include "services/scanner/mime.h"
#include "services/scanner/find.h"
#include "services/scanner/mime_decode.h"
#include "services/scanner/mime_header.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct walk {
	const char *data; /* the message */
	size_t size;
	const struct mime_limits *limits;
	const struct mime_visitor *visitor;
	struct mime_summary *summary;
	struct mime_pieces *pieces; /* NULL: names are not asked for */
	unsigned entities;
	unsigned numbers; /* of entities given out */
	unsigned current; /* the entity that we are in */
	unsigned depth;
	size_t shown;
};

/* A line that begins with `--` and the boundary. */
struct delimiter {
	size_t start; /* of the line */
	size_t next;  /* behind it */
	bool closing;
};

static void walk_entity(struct walk *walk, const char *data, size_t size, const char *default_type);

static bool is_going_on(const struct walk *walk)
{
	return walk->summary->end == MIME_ALL;
}

static bool count_entity(struct walk *walk)
{
	if (++walk->entities > walk->limits->parts)
		walk->summary->end = MIME_PARTS;
	return is_going_on(walk);
}

/* Something is wrong with the entity that we are in, but all readers agree on what it is. */
static void note_flaw(struct walk *walk, uint64_t malformed)
{
	if (walk->visitor->malformed != NULL)
		walk->visitor->malformed(walk->visitor->context, walk->current, malformed);
}

/* Readers may differ. */
static void note_doubt(struct walk *walk, uint64_t malformed)
{
	walk->summary->doubtful = true;
	note_flaw(walk, malformed);
}

static void show_part(struct walk *walk, const struct mime_part *part)
{
	if (!is_going_on(walk))
		return;
	walk->shown += part->length;
	if (walk->shown > walk->limits->decoded_bytes)
		walk->summary->end = MIME_BYTES;
	else if ((part->length > 0 || walk->visitor->entity != NULL) &&
		 !walk->visitor->part(walk->visitor->context, part))
		walk->summary->end = MIME_STOPPED;
}

static struct mime_part part_of(const struct walk *walk, const char *name, const char *data,
				size_t length)
{
	return (struct mime_part){.number = walk->summary->parts,
				  .entity = walk->current,
				  .name = name,
				  .data = data,
				  .length = length};
}

static void show(struct walk *walk, const char *name, const char *data, size_t length)
{
	struct mime_part part = part_of(walk, name, data, length);

	show_part(walk, &part);
}

static bool no_memory(struct walk *walk)
{
	walk->summary->end = MIME_NO_MEMORY;
	return false;
}

/* Does it lie in the message itself, not in something decoded? */
static bool is_given(const struct walk *walk, const char *data)
{
	return (uintptr_t)data >= (uintptr_t)walk->data &&
	       (uintptr_t)data <= (uintptr_t)walk->data + walk->size;
}

/* Files that stand uuencoded in a text. */
static void show_uuencoded(struct walk *walk, const char *name, const char *data, size_t size)
{
	struct mime_uuencoded found;
	size_t at = 0;

	while (is_going_on(walk) && mime_next_uuencoded(data, size, &at, &found)) {
		note_doubt(walk, MALFORMED_UUENCODED);
		if (found.decoded.data == NULL) {
			no_memory(walk);
		} else if (count_entity(walk)) {
			struct mime_part part =
			    part_of(walk, name, found.decoded.data, found.decoded.length);

			part.uuencoded = &found;
			part.located = is_given(walk, data);
			if (part.located)
				part.at = (size_t)(data - walk->data) + found.start;
			show_part(walk, &part);
		}
		free(found.decoded.data);
	}
}

static void show_identity(struct walk *walk, const char *name, const char *data, size_t size)
{
	show(walk, name, data, size);
	show_uuencoded(walk, name, data, size);
}

/* What is wrong with base64 that was declared as such. */
static void judge_base64(struct walk *walk, const struct mime_decoded *decoded)
{
	if (decoded->rubbish)
		note_doubt(walk, MALFORMED_BASE64);
	if (decoded->cut)
		note_flaw(walk, MALFORMED_BASE64);
	if (decoded->first_end < decoded->length)
		note_flaw(walk, MALFORMED_BASE64_GOES_ON);
}

static void show_base64(struct walk *walk, const char *name, const char *data, size_t size)
{
	struct mime_decoded decoded;
	struct mime_part part;

	if (!mime_decode_base64(data, size, &decoded)) {
		no_memory(walk);
		return;
	}
	judge_base64(walk, &decoded);
	part = part_of(walk, name, decoded.data, decoded.length);
	if (!decoded.rubbish && decoded.first_end == decoded.length && is_given(walk, data)) {
		part.encoded = data;
		part.encoded_length = size;
	}
	show_part(walk, &part);
	if (decoded.first_end < decoded.length)
		show(walk, name, decoded.data, decoded.first_end);
	free(decoded.data);
}

static void show_quoted(struct walk *walk, const char *name, const char *data, size_t size)
{
	struct mime_decoded decoded;

	if (!mime_decode_quoted(data, size, &decoded)) {
		no_memory(walk);
		return;
	}
	if (decoded.rubbish)
		note_flaw(walk, MALFORMED_QUOTED_PRINTABLE);
	show_identity(walk, name, decoded.data, decoded.length);
	free(decoded.data);
}

static void show_leaf(struct walk *walk, const struct mime_header *header, const char *data,
		      size_t size)
{
	walk->summary->parts++;
	switch (header->encoding) {
	case MIME_IDENTITY:
	case MIME_UUENCODE:
		show_identity(walk, header->name, data, size);
		break;
	case MIME_BASE64:
		show_base64(walk, header->name, data, size);
		break;
	case MIME_QUOTED:
		show_quoted(walk, header->name, data, size);
		break;
	case MIME_OTHER:
		show_identity(walk, header->name, data, size);
		show_base64(walk, header->name, data, size);
		show_quoted(walk, header->name, data, size);
		break;
	}
}

/* Is the rest of the line, after the boundary, what a delimiter may end with? Blanks are legal there. */
static bool ends_delimiter(const char *data, size_t size, size_t at, struct delimiter *found)
{
	found->closing = size - at >= 2 && data[at] == '-' && data[at + 1] == '-';
	if (found->closing)
		at += 2;
	while (at < size && (data[at] == ' ' || data[at] == '\t' || data[at] == '\r'))
		at++;
	found->next = at < size ? at + 1 : at;
	return at == size || data[at] == '\n';
}

/* The next delimiter at or after `from`. A line that only begins like one leaves a doubt. */
static bool next_delimiter(struct walk *walk, const char *data, size_t size, size_t from,
			   const char *dashed, struct delimiter *found_r)
{
	size_t length = strlen(dashed);

	while (from < size) {
		const char *hit = find_rare(data + from, size - from, dashed, length, 0);

		if (hit == NULL)
			return false;
		found_r->start = (size_t)(hit - data);
		from = found_r->start + length;
		if (found_r->start > 0 && data[found_r->start - 1] != '\n')
			continue;
		if (ends_delimiter(data, size, from, found_r))
			return true;
		note_doubt(walk, MALFORMED_BOUNDARY_LINE);
	}
	return false;
}

/* The line end before a delimiter belongs to the delimiter. */
static size_t without_line_end(const char *data, size_t start, size_t end)
{
	if (end > start && data[end - 1] == '\n')
		end--;
	if (end > start && data[end - 1] == '\r')
		end--;
	return end;
}

/* The parts between the delimiters. False: there is no delimiter at all. */
static bool walk_children(struct walk *walk, const struct mime_header *header, const char *data,
			  size_t size)
{
	const char *type = strcmp(header->type, "multipart/digest") == 0 ? "message/rfc822" : "";
	char dashed[sizeof(header->boundary) + 2];
	struct delimiter here, next;
	bool more;

	snprintf(dashed, sizeof(dashed), "--%s", header->boundary);
	if (!next_delimiter(walk, data, size, 0, dashed, &here))
		return false;
	do {
		more = next_delimiter(walk, data, size, here.next, dashed, &next);
		if (!more)
			next = (struct delimiter){size, size, false};
		if (!here.closing)
			walk_entity(walk, data + here.next,
				    without_line_end(data, here.next, next.start) - here.next,
				    type);
		if (more ? here.closing : !here.closing)
			note_doubt(walk, more ? MALFORMED_AFTER_CLOSE : MALFORMED_UNCLOSED);
		here = next;
	} while (more && is_going_on(walk));
	return true;
}

/* A multipart whose whole body is encoded, which RFC 2045 section 6.4 forbids: some decode it all the same. */
static void walk_encoded(struct walk *walk, struct mime_header *header, const char *data,
			 size_t size)
{
	bool quoted = header->encoding == MIME_QUOTED;
	struct mime_decoded decoded;

	note_doubt(walk, MALFORMED_NESTED_ENCODING);
	if (header->encoding == MIME_UUENCODE || header->encoding == MIME_OTHER) {
		show_leaf(walk, header, data, size);
		return;
	}
	if (quoted ? !mime_decode_quoted(data, size, &decoded)
		   : !mime_decode_base64(data, size, &decoded)) {
		no_memory(walk);
		return;
	}
	header->encoding = MIME_IDENTITY;
	walk->shown += decoded.length;
	if (walk->shown > walk->limits->decoded_bytes)
		walk->summary->end = MIME_BYTES;
	else if (strncmp(header->type, "message/", 8) == 0)
		walk_entity(walk, decoded.data, decoded.length, "");
	else if (!walk_children(walk, header, decoded.data, decoded.length))
		show_leaf(walk, header, decoded.data, decoded.length);
	free(decoded.data);
}

static void walk_multipart(struct walk *walk, struct mime_header *header, const char *data,
			   size_t size)
{
	if (header->boundary[0] == '\0' || !walk_children(walk, header, data, size)) {
		note_doubt(walk, MALFORMED_NO_BOUNDARY);
		show_leaf(walk, header, data, size);
	}
	if (header->encoding != MIME_IDENTITY && is_going_on(walk))
		walk_encoded(walk, header, data, size);
}

static bool is_message(const char *type)
{
	return strcmp(type, "message/rfc822") == 0 || strcmp(type, "message/global") == 0 ||
	       strcmp(type, "message/news") == 0;
}

static void walk_body(struct walk *walk, struct mime_header *header, const char *data, size_t size)
{
	if (strncmp(header->type, "multipart/", 10) == 0) {
		walk_multipart(walk, header, data, size);
	} else if (is_message(header->type)) {
		walk_entity(walk, data, size, "");
		if (header->encoding != MIME_IDENTITY && is_going_on(walk))
			walk_encoded(walk, header, data, size);
	} else {
		walk->summary->partial |= strcmp(header->type, "message/partial") == 0;
		show_leaf(walk, header, data, size);
	}
}

static enum mime_kind kind_of(const char *type)
{
	if (strncmp(type, "multipart/", 10) == 0)
		return MIME_MULTIPART;
	return is_message(type) ? MIME_MESSAGE : MIME_LEAF;
}

/* Tells of an entity that begins. */
static void show_entity(struct walk *walk, const struct mime_header *header, unsigned parent,
			const char *data, size_t size)
{
	struct mime_entity entity = {.number = walk->current,
				     .parent = parent,
				     .kind = kind_of(header->type),
				     .type = header->type[0] != '\0' ? header->type : "text/plain",
				     .header = header,
				     .names = walk->pieces,
				     .located = is_given(walk, data),
				     .body_length = size - header->length};

	if (walk->visitor->entity == NULL)
		return;
	if (entity.located)
		entity.at = (size_t)(data - walk->data);
	walk->visitor->entity(walk->visitor->context, &entity);
}

static void walk_entity(struct walk *walk, const char *data, size_t size, const char *default_type)
{
	unsigned parent = walk->current;
	struct mime_header header;

	if (!is_going_on(walk) || !count_entity(walk))
		return;
	if (walk->depth >= walk->limits->depth) {
		walk->summary->end = MIME_DEPTH;
		return;
	}
	mime_header_read(data, size, &header, walk->pieces);
	walk->summary->doubtful |= header.doubtful;
	header.declared = header.type[0] != '\0';
	if (!header.declared)
		snprintf(header.type, sizeof(header.type), "%s", default_type);
	walk->current = ++walk->numbers;
	walk->depth++;
	show_entity(walk, &header, parent, data, size);
	walk_body(walk, &header, data + header.length, size - header.length);
	walk->depth--;
	walk->current = parent;
}

void mime_walk(const char *data, size_t size, const struct mime_limits *limits,
	       const struct mime_visitor *visitor, struct mime_summary *summary_r)
{
	struct walk walk = {
	    .data = data, .size = size, .limits = limits, .visitor = visitor, .summary = summary_r};

	*summary_r = (struct mime_summary){.end = MIME_ALL};
	if (visitor->entity != NULL)
		walk.pieces = malloc(sizeof(*walk.pieces));
	if (visitor->entity != NULL && walk.pieces == NULL)
		no_memory(&walk);
	walk_entity(&walk, data, size, "");
	free(walk.pieces);
}
