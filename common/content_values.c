/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks through a message's facts. */
#include "common/content_values.h"
#include "common/utf8.h"
#include <stdlib.h>
#include <string.h>

#define EXTENSION_SIZE 64

typedef bool each_value(void *context, const struct content_value_found *value);

struct walk {
	each_value *each;
	void *context;
};

/* What others than the scanner gave may be no UTF-8: it is looked at as printed. */
static bool give(const struct walk *walk, struct content_value_found value)
{
	char *copy;
	bool going;

	value.length = strlen(value.text);
	if (utf8_is_valid(value.text))
		return walk->each(walk->context, &value);
	copy = strdup(value.text);
	if (copy == NULL)
		abort();
	utf8_make_printable(copy);
	value.text = copy;
	going = walk->each(walk->context, &value);
	free(copy);
	return going;
}

static bool give_text(const struct walk *walk, const char *text, unsigned part)
{
	return give(walk, (struct content_value_found){
			      .text = text, .file = CONTENT_NO_FILE, .part = part});
}

static bool walk_headers(const struct content_input *input, const struct walk *walk,
			 bool subject_only)
{
	for (size_t i = 0; i < input->facts->header_count; i++) {
		const struct facts_header *header = &input->facts->headers[i];

		if (subject_only && strcasecmp(header->name, "Subject") != 0)
			continue;
		if (!give(walk, (struct content_value_found){.text = header->value,
							     .header = header->name,
							     .file = CONTENT_NO_FILE}))
			return false;
	}
	return true;
}

static bool walk_texts(const struct content_input *input, const struct walk *walk)
{
	for (size_t i = 0; i < input->facts->part_count; i++) {
		const struct facts_part *part = &input->facts->parts[i];
		struct content_value_found value = {part->text, part->text_length, NULL,
						    CONTENT_NO_FILE, part->number};

		if (part->text_length > 0 && !walk->each(walk->context, &value))
			return false;
	}
	return true;
}

static bool walk_recipients(const struct content_input *input, const struct walk *walk)
{
	for (size_t i = 0; i < input->recipient_count; i++) {
		if (!give_text(walk, input->recipients[i], 0))
			return false;
	}
	return true;
}

static bool walk_urls(const struct content_input *input, const struct walk *walk, bool hosts)
{
	for (size_t i = 0; i < input->facts->url_count; i++) {
		const struct facts_url *url = &input->facts->urls[i];

		if (!give_text(walk, hosts ? url->host : url->text, url->part))
			return false;
	}
	return true;
}

static bool is_text_type(const char *type)
{
	return type[0] == '\0' || strncmp(type, "text/", 5) == 0 ||
	       strcmp(type, "application/octet-stream") == 0;
}

bool content_part_is_file(const struct message_facts *facts, size_t index)
{
	const struct facts_part *part = &facts->parts[index];

	if (part->kind == FACTS_UUENCODED)
		return true;
	return part->kind == FACTS_LEAF && (part->attachment || !is_text_type(part->detected));
}

/* Characters that leave no trace on the screen. */
static const char *const marks[] = {
    "\xc2\xad",     "\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x80\x8e", "\xe2\x80\x8f",
    "\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xac", "\xe2\x80\xad", "\xe2\x80\xae", "\xe2\x81\xa0",
    "\xe2\x81\xa6", "\xe2\x81\xa7", "\xe2\x81\xa8", "\xe2\x81\xa9", "\xef\xbb\xbf",
};

/* Octets of the mark that the text begins with; 0: it is none. */
static size_t mark_length(const char *text)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		if (strncmp(text, marks[i], strlen(marks[i])) == 0)
			return strlen(marks[i]);
	}
	return 0;
}

/* Windows drops these at the end of a name. */
static bool is_dropped(char c)
{
	return c == ' ' || c == '.' || (unsigned char)c < ' ';
}

bool content_extension(const char *name, char *extension_r, size_t size)
{
	size_t used = 0;
	bool dotted = false;

	for (const char *at = name; *at != '\0'; at++) {
		size_t mark = mark_length(at);
		bool rest_is_dropped = true;

		if (mark > 0) {
			at += mark - 1;
			continue;
		}
		for (const char *c = at; *c != '\0' && rest_is_dropped; c++)
			rest_is_dropped = is_dropped(*c);
		if (rest_is_dropped)
			break;
		if (*at == '.' || *at == '/' || *at == '\\') {
			dotted = *at == '.';
			used = 0;
		} else if (dotted && used + 1 < size) {
			extension_r[used++] = *at;
		} else if (dotted) {
			dotted = false;
		}
	}
	extension_r[used] = '\0';
	return dotted && used > 0;
}

enum aspect {
	ASPECT_NAME,
	ASPECT_EXTENSION,
	ASPECT_TYPE,
};

static bool give_name(const struct walk *walk, enum aspect aspect, struct content_value_found value)
{
	char extension[EXTENSION_SIZE];
	const char *base = strrchr(value.text, '/');

	if (value.text[0] == '\0')
		return true;
	if (aspect == ASPECT_EXTENSION) {
		if (!content_extension(value.text, extension, sizeof(extension)))
			return true;
		value.text = extension;
		return give(walk, value);
	}
	if (!give(walk, value))
		return false;
	if (base == NULL || base[1] == '\0')
		return true;
	value.text = base + 1;
	return give(walk, value);
}

static bool walk_part(const struct facts_part *part, size_t file, const struct walk *walk,
		      enum aspect aspect)
{
	struct content_value_found value = {.file = file, .part = part->number};

	if (aspect == ASPECT_TYPE) {
		value.text = part->detected[0] != '\0' ? part->detected : part->type;
		return give(walk, value);
	}
	for (size_t i = 0; i < part->name_count; i++) {
		value.text = part->names[i];
		if (!give_name(walk, aspect, value))
			return false;
	}
	return true;
}

static bool walk_member(const struct facts_member *member, size_t file, const struct walk *walk,
			enum aspect aspect)
{
	struct content_value_found value = {.file = file, .part = member->part};

	value.text = aspect == ASPECT_TYPE ? member->detected : member->name;
	return aspect == ASPECT_TYPE ? give(walk, value) : give_name(walk, aspect, value);
}

static bool walk_files(const struct content_input *input, const struct walk *walk,
		       enum aspect aspect)
{
	const struct message_facts *facts = input->facts;

	for (size_t i = 0; i < facts->part_count; i++) {
		if (content_part_is_file(facts, i) && !walk_part(&facts->parts[i], i, walk, aspect))
			return false;
	}
	for (size_t i = 0; i < facts->member_count; i++) {
		if (!walk_member(&facts->members[i], facts->part_count + i, walk, aspect))
			return false;
	}
	return true;
}

static bool walk_flaws(const struct content_input *input, const struct walk *walk)
{
	uint64_t bit;
	const char *name;

	if (input->facts->malformed != 0 && !give_text(walk, "any", 0))
		return false;
	if ((input->facts->malformed & MALFORMED_OVER_LIMIT) != 0 &&
	    !give_text(walk, "over_limit", 0))
		return false;
	for (size_t i = 0; (name = malformed_name(i, &bit)) != NULL; i++) {
		if ((input->facts->malformed & bit) != 0 && !give_text(walk, name, 0))
			return false;
	}
	return true;
}

bool content_values_each(const struct content_input *input, enum content_class class,
			 each_value *each, void *context)
{
	struct walk walk = {each, context};

	switch (class) {
	case CLASS_HEADER:
	case CLASS_SUBJECT:
		return walk_headers(input, &walk, class == CLASS_SUBJECT);
	case CLASS_BODY:
		return walk_texts(input, &walk);
	case CLASS_SENDER:
		return give_text(&walk, input->sender, 0);
	case CLASS_RECIPIENT:
		return walk_recipients(input, &walk);
	case CLASS_URL:
	case CLASS_URL_HOST:
		return walk_urls(input, &walk, class == CLASS_URL_HOST);
	case CLASS_NAME:
		return walk_files(input, &walk, ASPECT_NAME);
	case CLASS_EXTENSION:
		return walk_files(input, &walk, ASPECT_EXTENSION);
	case CLASS_TYPE:
		return walk_files(input, &walk, ASPECT_TYPE);
	case CLASS_MALFORMED:
		return walk_flaws(input, &walk);
	case CLASS_COUNT:
		break;
	}
	return true;
}

struct counting {
	void (*count)(struct content_numbers *numbers, const char *text, size_t length);
	struct content_numbers numbers;
};

static bool count_value(void *context, const struct content_value_found *value)
{
	struct counting *counting = context;

	counting->count(&counting->numbers, value->text, value->length);
	return true;
}

size_t content_count_numbers(const struct content_input *input,
			     void (*count)(struct content_numbers *numbers, const char *text,
					   size_t length))
{
	struct counting counting = {.count = count};

	(void)content_values_each(input, CLASS_SUBJECT, count_value, &counting);
	(void)content_values_each(input, CLASS_BODY, count_value, &counting);
	return counting.numbers.count;
}
