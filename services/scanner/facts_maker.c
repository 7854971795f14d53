/* SPDX-License-Identifier: BSD-2-Clause */
/* Entities become parts of the facts; what is decoded becomes a part's content, or another reading's. */
#include "services/scanner/facts_maker.h"
#include "common/clock.h"
#include "common/facts_wire.h"
#include "services/scanner/archive_members.h"
#include "services/scanner/facts_header.h"
#include "services/scanner/facts_text.h"
#include "services/scanner/find.h"
#include "services/scanner/mime_decode.h"
#include "services/scanner/mime_names.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARCHIVE_DEPTH 6
#define UNPACK_BYTES  ((size_t)128 << 20)
#define TEXT_BYTES    ((size_t)1 << 20) /* of all texts together */

/* What is kept of an entity for what comes of it later. */
struct kept {
	unsigned number; /* of its part in the facts; 0: there was no room */
	unsigned parent;
	bool has_content;
	bool located;
	size_t header_at, header_length, body_at, body_length;
	char type[80];
	char charset[48];
};

struct facts_maker {
	struct facts_builder *builder;
	struct file_types *types;
	const char *message;
	struct archive_budget budget;
	size_t text_left;
	struct kept *kept; /* by the walk's number - 1 */
	unsigned count, room;
	unsigned reading; /* the part that the last decoded octets are of */
};

struct facts_maker *facts_maker_new(struct file_types *types, const char *message, size_t size,
				    int64_t deadline_ms)
{
	struct facts_maker *maker = calloc(1, sizeof(*maker));

	if (maker == NULL)
		return NULL;
	maker->builder = facts_builder_new(size);
	if (maker->builder == NULL) {
		free(maker);
		return NULL;
	}
	maker->types = types;
	maker->message = message;
	maker->budget = (struct archive_budget){
	    .depth = ARCHIVE_DEPTH, .bytes = UNPACK_BYTES, .deadline_ms = deadline_ms};
	maker->text_left = TEXT_BYTES;
	return maker;
}

void facts_maker_free(struct facts_maker *maker)
{
	if (maker == NULL)
		return;
	facts_builder_free(maker->builder);
	free(maker->kept);
	free(maker);
}

/* Room for the entity of that number; NULL: out of memory. */
static struct kept *keep_entity(struct facts_maker *maker, unsigned number)
{
	unsigned room = maker->room > 0 ? maker->room : 16;
	struct kept *larger;

	while (room < number)
		room *= 2;
	if (room > maker->room) {
		larger = realloc(maker->kept, room * sizeof(*larger));
		if (larger == NULL)
			return NULL;
		maker->kept = larger;
		maker->room = room;
	}
	while (maker->count < number)
		maker->kept[maker->count++] = (struct kept){.number = 0};
	return &maker->kept[number - 1];
}

static struct kept *kept_at(struct facts_maker *maker, unsigned number)
{
	return number > 0 && number <= maker->count ? &maker->kept[number - 1] : NULL;
}

static void on_name(void *context, const char *name, size_t length)
{
	struct facts_maker *maker = context;

	facts_builder_name(maker->builder, name, length);
}

static bool is_text(const char *type)
{
	return strncmp(type, "text/", 5) == 0;
}

/* A file rather than what the message says. */
static bool is_attachment(const struct mime_entity *entity)
{
	if (strcmp(entity->header->disposition, "attachment") == 0)
		return true;
	return entity->kind == MIME_LEAF &&
	       (!is_text(entity->type) || (entity->names != NULL && entity->names->count > 0));
}

static enum facts_kind kind_of(enum mime_kind kind)
{
	switch (kind) {
	case MIME_LEAF:
		break;
	case MIME_MULTIPART:
		return FACTS_MULTIPART;
	case MIME_MESSAGE:
		return FACTS_MESSAGE;
	}
	return FACTS_LEAF;
}

static void fill_kept(struct kept *kept, const struct mime_entity *entity, unsigned parent)
{
	kept->parent = parent;
	kept->located = entity->located;
	kept->header_at = entity->at;
	kept->header_length = entity->header->length;
	kept->body_at = entity->at + entity->header->length;
	kept->body_length = entity->body_length;
	snprintf(kept->type, sizeof(kept->type), "%s", entity->type);
	snprintf(kept->charset, sizeof(kept->charset), "%s", entity->header->charset);
}

static struct facts_part part_of(const struct kept *kept)
{
	return (struct facts_part){.parent = kept->parent,
				   .kind = FACTS_LEAF,
				   .located = kept->located,
				   .header_at = kept->header_at,
				   .header_length = kept->header_length,
				   .body_at = kept->body_at,
				   .body_length = kept->body_length,
				   .type = kept->type,
				   .charset = kept->charset};
}

/* The message's own header, field by field. */
static void add_headers(struct facts_maker *maker, const struct mime_entity *entity)
{
	facts_builder_malformed(
	    maker->builder, 1,
	    facts_header_add(maker->builder, maker->message, entity->header->length));
}

void facts_maker_entity(struct facts_maker *maker, const struct mime_entity *entity)
{
	struct kept *kept = keep_entity(maker, entity->number);
	const struct kept *parent = kept_at(maker, entity->parent);
	struct facts_part part;

	if (kept == NULL || (entity->parent > 0 && (parent == NULL || parent->number == 0))) {
		facts_builder_malformed(maker->builder, 0, MALFORMED_TOO_MANY_PARTS);
		return;
	}
	fill_kept(kept, entity, parent != NULL ? parent->number : 0);
	part = part_of(kept);
	part.kind = kind_of(entity->kind);
	part.declared = entity->header->declared;
	part.encoding = entity->header->encoding_name;
	part.disposition = entity->header->disposition;
	part.attachment = is_attachment(entity);
	part.malformed = entity->header->malformed;
	kept->number = facts_builder_part(maker->builder, &part);
	if (kept->number == 0)
		return;
	maker->reading = kept->number;
	if (entity->names != NULL)
		facts_builder_malformed(maker->builder, kept->number,
					mime_names_read(entity->names, on_name, maker));
	if (kept->number == 1)
		add_headers(maker, entity);
}

/* A part of its own for a file that stands uuencoded in the text that is read now. */
static bool begin_uuencoded(struct facts_maker *maker, const struct kept *text,
			    const struct mime_part *read)
{
	const struct mime_uuencoded *file = read->uuencoded;
	struct facts_part part = {.parent = maker->reading,
				  .kind = FACTS_UUENCODED,
				  .attachment = true,
				  .type = "application/octet-stream",
				  .encoding = "x-uuencode"};

	if (read->located && text->located) {
		part.located = true;
		part.header_at = part.body_at = read->at;
		part.body_length = file->end - file->start;
	}
	if (facts_builder_part(maker->builder, &part) == 0)
		return false;
	facts_builder_name(maker->builder, file->name, file->name_length);
	return true;
}

/* The part that what was read is the content of: the entity's, a file's in it, or another reading's. */
static bool begin_content(struct facts_maker *maker, struct kept *kept,
			  const struct mime_part *read)
{
	struct facts_part part;
	unsigned number;

	if (kept->number == 0)
		return false;
	if (read->uuencoded != NULL)
		return begin_uuencoded(maker, kept, read);
	if (!kept->has_content && kept->number == facts_builder_count(maker->builder)) {
		kept->has_content = true;
		maker->reading = kept->number;
		return true;
	}
	part = part_of(kept);
	part.same_as = kept->number;
	part.attachment = !is_text(kept->type);
	number = facts_builder_part(maker->builder, &part);
	if (number == 0)
		return false;
	maker->reading = number;
	return true;
}

/* A PDF under a password names its encryption in its trailer (ISO 32000-1 section 7.6). */
static bool is_encrypted_document(const char *type, const struct mime_part *read)
{
	if (strcmp(type, "application/pdf") == 0)
		return find_rare(read->data, read->length, "/Encrypt", 8, 5) != NULL;
	return file_is_encrypted_office(read->data, read->length);
}

/* The archive's members, or that there was no time for them. */
static void list_archive(struct facts_maker *maker, const struct mime_part *read,
			 struct facts_part *content)
{
	if (clock_ms() >= maker->budget.deadline_ms)
		content->malformed |= MALFORMED_TOO_SLOW;
	else
		content->malformed |=
		    archive_members_add(maker->builder, maker->types, read->data, read->length,
					&maker->budget, &content->encrypted);
}

static const char *detect(struct facts_maker *maker, bool is_body, const struct mime_part *read)
{
	if (is_body)
		return file_type_of_text(maker->types, read->data, read->length);
	return file_type_of(maker->types, read->data, read->length);
}

/* Type, members, text and URLs of what was read. */
static void look_into(struct facts_maker *maker, const struct kept *kept,
		      const struct mime_part *read, struct facts_part *content)
{
	struct facts_text text = {.type = kept->type, .charset = kept->charset};
	bool texts = read->uuencoded == NULL && is_text(kept->type);
	char type[128];

	snprintf(type, sizeof(type), "%s", detect(maker, texts, read));
	if (archive_is_one(type, read->data, read->length))
		list_archive(maker, read, content);
	if (is_encrypted_document(type, read))
		content->encrypted = true;
	if (file_type_is_program(type) && (texts || strncmp(kept->type, "image/", 6) == 0))
		content->malformed |= MALFORMED_TYPE_LIES;
	content->detected = type;
	if (texts) {
		facts_text_read(&text, read->data, read->length, maker->text_left, maker->builder);
		maker->text_left -= text.text.length;
		content->text = text.text.data;
		content->text_length = text.text.length;
		content->text_cut = text.text.cut;
		content->malformed |= text.malformed;
	}
	facts_builder_content(maker->builder, content);
	free(text.text.data);
}

void facts_maker_part(struct facts_maker *maker, const struct mime_part *read,
		      const unsigned char hash[FACTS_HASH_BYTES])
{
	struct kept *kept = kept_at(maker, read->entity);
	struct facts_part content = {.size = read->length};

	if (kept == NULL || !begin_content(maker, kept, read))
		return;
	memcpy(content.hash, hash, sizeof(content.hash));
	if (clock_ms() >= maker->budget.deadline_ms) {
		content.malformed |= MALFORMED_TOO_SLOW;
		facts_builder_content(maker->builder, &content);
		return;
	}
	look_into(maker, kept, read, &content);
}

void facts_maker_malformed(struct facts_maker *maker, unsigned entity, uint64_t malformed)
{
	const struct kept *kept = kept_at(maker, entity);

	facts_builder_malformed(maker->builder, kept != NULL ? kept->number : 0, malformed);
}

void facts_maker_end(struct facts_maker *maker, const struct mime_summary *summary)
{
	uint64_t malformed = 0;

	switch (summary->end) {
	case MIME_ALL:
	case MIME_STOPPED:
		break;
	case MIME_PARTS:
		malformed = MALFORMED_TOO_MANY_PARTS;
		break;
	case MIME_DEPTH:
		malformed = MALFORMED_TOO_DEEP;
		break;
	case MIME_BYTES:
	case MIME_NO_MEMORY:
		malformed = MALFORMED_TOO_LARGE;
		break;
	}
	facts_builder_malformed(maker->builder, 0, malformed);
}

bool facts_maker_take(struct facts_maker *maker, struct spool **spool_r, struct error *err)
{
	struct spool *spool;

	if (facts_builder_count(maker->builder) == 0)
		return error_set(err, "the message was not read");
	if (!spool_new(FACTS_WIRE_BYTES, &spool, err))
		return false;
	if (!facts_builder_write(maker->builder, spool, err)) {
		spool_free(spool);
		return false;
	}
	*spool_r = spool;
	return true;
}
