/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 2231 put together, RFC 2047 where it should not stand but does, and plain names. */
#include "services/scanner/mime_names.h"
#include "services/scanner/charsets.h"
#include "services/scanner/mime_words.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 4096

struct names {
	mime_name_found found;
	void *context;
	uint64_t malformed;
};

static void give(const struct names *names, struct text_buffer *name)
{
	if (name->length > 0)
		names->found(names->context, name->data, name->length);
	free(name->data);
}

static bool has_words(const char *text, size_t length)
{
	return memmem(text, length, "=?", 2) != NULL;
}

/* A whole value: its words decoded, and as it stands when they do not decode. */
static void give_plain(struct names *names, const char *text, size_t length)
{
	struct text_buffer name = {.limit = NAME_MAX_BYTES};
	struct text_buffer raw = {.limit = NAME_MAX_BYTES};

	if (has_words(text, length) && !mime_words_add(&name, text, length))
		names->malformed |= MALFORMED_ENCODED_WORD;
	give(names, &name);
	if (has_words(text, length) && !(names->malformed & MALFORMED_ENCODED_WORD))
		return;
	(void)charset_add(&raw, "", text, length);
	if (raw.cut)
		names->malformed |= MALFORMED_PARAMETER;
	give(names, &raw);
}

/* charset'language'value: returns where the value begins, 0 when there are no such marks. */
static size_t split_charset(const char *text, size_t length, char charset_r[48])
{
	const char *first = memchr(text, '\'', length);
	const char *second;

	charset_r[0] = '\0';
	if (first == NULL || first - text >= 48)
		return 0;
	second = memchr(first + 1, '\'', length - (size_t)(first + 1 - text));
	if (second == NULL)
		return 0;
	snprintf(charset_r, 48, "%.*s", (int)(first - text), text);
	return (size_t)(second + 1 - text);
}

/* The value in octets, to be read in that character set. */
static void give_octets(struct names *names, struct text_buffer *octets, const char *charset)
{
	struct text_buffer name = {.limit = NAME_MAX_BYTES};

	if (octets->length > 0 && !charset_add(&name, charset, octets->data, octets->length))
		names->malformed |= MALFORMED_PARAMETER;
	if (octets->cut || name.cut)
		names->malformed |= MALFORMED_PARAMETER;
	if (has_words(octets->length > 0 ? octets->data : "", octets->length))
		give_plain(names, octets->data, octets->length);
	give(names, &name);
	free(octets->data);
}

static void give_extended(struct names *names, const char *text, size_t length)
{
	struct text_buffer octets = {.limit = NAME_MAX_BYTES};
	char charset[48];
	size_t from = split_charset(text, length, charset);

	if (from == 0)
		names->malformed |= MALFORMED_PARAMETER;
	if (!mime_percent_add(&octets, text + from, length - from))
		names->malformed |= MALFORMED_PARAMETER;
	give_octets(names, &octets, charset);
}

/* One section's octets; the first extended one names the character set. */
static void add_section(struct names *names, const struct mime_piece *piece,
			struct text_buffer *octets, char charset[48])
{
	size_t from = 0;

	if (piece->extended && piece->section == 0)
		from = split_charset(piece->text, piece->length, charset);
	if (!piece->extended)
		text_add(octets, piece->text, piece->length);
	else if (!mime_percent_add(octets, piece->text + from, piece->length - from))
		names->malformed |= MALFORMED_PARAMETER;
}

/* The section of that number, the first or the last one that has it; NULL: none. */
static const struct mime_piece *find_section(const struct mime_pieces *pieces, bool is_filename,
					     int section, unsigned *count_r)
{
	const struct mime_piece *found = NULL;

	*count_r = 0;
	for (unsigned i = 0; i < pieces->count; i++) {
		const struct mime_piece *piece = &pieces->list[i];

		if (piece->is_filename != is_filename || piece->section != section)
			continue;
		if (found == NULL)
			found = piece;
		++*count_r;
	}
	return found;
}

/* By their numbers from 0 on, as the standard says. Returns how many. */
static unsigned give_numbered(struct names *names, const struct mime_pieces *pieces,
			      bool is_filename)
{
	struct text_buffer octets = {.limit = NAME_MAX_BYTES};
	const struct mime_piece *piece;
	char charset[48] = "";
	unsigned sections = 0, count;

	while ((piece = find_section(pieces, is_filename, (int)sections, &count)) != NULL) {
		if (count > 1)
			names->malformed |= MALFORMED_PARAMETER;
		add_section(names, piece, &octets, charset);
		sections++;
	}
	give_octets(names, &octets, charset);
	return sections;
}

/* As they come, whatever their numbers. Returns how many, and whether that is the order of their numbers. */
static unsigned give_as_they_come(struct names *names, const struct mime_pieces *pieces,
				  bool is_filename, bool *in_order_r)
{
	struct text_buffer octets = {.limit = NAME_MAX_BYTES};
	char charset[48] = "";
	unsigned sections = 0;

	*in_order_r = true;
	for (unsigned i = 0; i < pieces->count; i++) {
		const struct mime_piece *piece = &pieces->list[i];

		if (piece->is_filename != is_filename || piece->section < 0)
			continue;
		*in_order_r &= piece->section == (int)sections++;
		add_section(names, piece, &octets, charset);
	}
	give_octets(names, &octets, charset);
	return sections;
}

static void give_sections(struct names *names, const struct mime_pieces *pieces, bool is_filename)
{
	bool in_order;
	unsigned all = give_as_they_come(names, pieces, is_filename, &in_order);

	if (in_order)
		return;
	names->malformed |= MALFORMED_PARAMETER;
	if (all > 0)
		(void)give_numbered(names, pieces, is_filename);
}

/* Do two whole values of one parameter, written the same way, differ? Readers take the first or the last. */
static bool is_doubled(const struct mime_pieces *pieces, bool is_filename)
{
	const struct mime_piece *first[2] = {NULL, NULL};

	for (unsigned i = 0; i < pieces->count; i++) {
		const struct mime_piece *piece = &pieces->list[i];
		const struct mime_piece **seen = &first[piece->extended];

		if (piece->is_filename != is_filename || piece->section != -1)
			continue;
		if (*seen == NULL)
			*seen = piece;
		else if ((*seen)->length != piece->length ||
			 memcmp((*seen)->text, piece->text, piece->length) != 0)
			return true;
	}
	return false;
}

uint64_t mime_names_read(const struct mime_pieces *pieces, mime_name_found found, void *context)
{
	struct names names = {.found = found, .context = context};

	for (unsigned i = 0; i < pieces->count; i++) {
		const struct mime_piece *piece = &pieces->list[i];

		if (piece->section < 0 && piece->extended)
			give_extended(&names, piece->text, piece->length);
		else if (piece->section < 0)
			give_plain(&names, piece->text, piece->length);
	}
	give_sections(&names, pieces, false);
	give_sections(&names, pieces, true);
	if (is_doubled(pieces, false) || is_doubled(pieces, true))
		names.malformed |= MALFORMED_DOUBLED_NAME;
	if (pieces->full)
		names.malformed |= MALFORMED_TOO_MANY_NAMES;
	return names.malformed;
}
