/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attributes of the message, then those of each attachment, of which attAttachRenddata comes first ([MS-OXTNEF]
 * section 2.1.3); in attAttachment stand MAPI properties, which have long names and whole messages.
 */
#include "services/scanner/tnef.h"
#include <stdint.h>
#include <string.h>

#define SIGNATURE        0x223E9F78
#define HEAD_BYTES       6 /* signature and key */
#define LEVEL_MESSAGE    1
#define LEVEL_ATTACHMENT 2
#define GUID_BYTES       16

enum attribute { /* without the type in the upper half */
		 ATTACH_RENDDATA = 0x9002,
		 ATTACH_TITLE = 0x8010,
		 ATTACH_DATA = 0x800F,
		 ATTACH_PROPERTIES = 0x9005,
};

enum property {
	PR_ATTACH_DATA = 0x3701,
	PR_DISPLAY_NAME = 0x3001,
	PR_ATTACH_FILENAME = 0x3704,
	PR_ATTACH_LONG_FILENAME = 0x3707,
};

enum property_type {
	PT_OBJECT = 0x000D,
	PT_STRING8 = 0x001E,
	PT_UNICODE = 0x001F,
	PT_CLSID = 0x0048,
	PT_BINARY = 0x0102,
	PT_MULTIPLE = 0x1000,
};

struct reader {
	const unsigned char *at;
	size_t left;
};

/* The file whose attributes are read now. */
struct stream {
	tnef_visit visit;
	void *context;
	bool open, stopped;
	unsigned name_rank; /* of the name that it has, by the property it came from */
	struct tnef_file file;
};

static bool take(struct reader *reader, size_t length, const unsigned char **octets_r)
{
	if (length > reader->left)
		return false;
	*octets_r = reader->at;
	reader->at += length;
	reader->left -= length;
	return true;
}

/* A little-endian number of 1 to 4 octets. */
static bool take_number(struct reader *reader, size_t octets, uint32_t *number_r)
{
	const unsigned char *at;

	if (!take(reader, octets, &at))
		return false;
	*number_r = 0;
	for (size_t i = 0; i < octets; i++)
		*number_r |= (uint32_t)at[i] << (8 * i);
	return true;
}

bool tnef_is_one(const char *data, size_t length)
{
	struct reader reader = {(const unsigned char *)data, length};
	uint32_t signature;

	return length > HEAD_BYTES && take_number(&reader, 4, &signature) && signature == SIGNATURE;
}

static void set_name(struct stream *stream, unsigned rank, const void *name, size_t length,
		     bool is_utf16)
{
	const char *octets = name;
	size_t unit = is_utf16 ? 2 : 1;

	while (length >= unit && memcmp(octets + length - unit, "\0", unit) == 0)
		length -= unit;
	if (length == 0 || rank <= stream->name_rank)
		return;
	stream->name_rank = rank;
	stream->file.name = octets;
	stream->file.name_length = length;
	stream->file.name_is_utf16 = is_utf16;
}

static void visit_file(struct stream *stream)
{
	struct tnef_file file = stream->file;

	if (file.data == NULL)
		file.data = "";
	stream->stopped = stream->stopped || !stream->visit(stream->context, &file);
}

/* Content that is given twice is two files: who knows which of them a reader takes. */
static void set_data(struct stream *stream, const unsigned char *data, size_t length)
{
	if (length == 0)
		return;
	if (stream->file.length > 0)
		visit_file(stream);
	stream->file.data = (const char *)data;
	stream->file.length = length;
}

static void end_file(struct stream *stream)
{
	if (stream->open)
		visit_file(stream);
	stream->open = false;
	stream->name_rank = 0;
	stream->file = (struct tnef_file){0};
}

/* What is wanted of a property's value. An object begins with its interface's GUID, a message in it is TNEF. */
static void use_value(struct stream *stream, uint32_t id, uint32_t type, const unsigned char *value,
		      size_t length)
{
	bool is_text = type == PT_STRING8 || type == PT_UNICODE;

	if (id == PR_ATTACH_LONG_FILENAME && is_text)
		set_name(stream, 4, value, length, type == PT_UNICODE);
	else if (id == PR_ATTACH_FILENAME && is_text)
		set_name(stream, 3, value, length, type == PT_UNICODE);
	else if (id == PR_DISPLAY_NAME && is_text)
		set_name(stream, 1, value, length, type == PT_UNICODE);
	else if (id == PR_ATTACH_DATA && type == PT_OBJECT && length > GUID_BYTES)
		set_data(stream, value + GUID_BYTES, length - GUID_BYTES);
	else if (id == PR_ATTACH_DATA && type == PT_BINARY)
		set_data(stream, value, length);
}

/* 0: of a type that says its own length. */
static size_t fixed_size(uint32_t type)
{
	switch (type & ~(uint32_t)PT_MULTIPLE) {
	case 0x0002: /* PT_SHORT and PT_BOOLEAN, padded */
	case 0x000B:
	case 0x0003: /* PT_LONG, PT_FLOAT, PT_ERROR */
	case 0x0004:
	case 0x000A:
		return 4;
	case 0x0005: /* PT_DOUBLE, PT_CURRENCY, PT_APPTIME, PT_I8, PT_SYSTIME */
	case 0x0006:
	case 0x0007:
	case 0x0014:
	case 0x0040:
		return 8;
	case PT_CLSID:
		return GUID_BYTES;
	default:
		return 0;
	}
}

static bool is_variable(uint32_t type)
{
	uint32_t single = type & ~(uint32_t)PT_MULTIPLE;

	return single == PT_OBJECT || single == PT_STRING8 || single == PT_UNICODE ||
	       single == PT_BINARY;
}

static size_t padded(size_t length)
{
	return (length + 3) & ~(size_t)3;
}

/* A named property says its name before its value. */
static bool skip_name(struct reader *reader)
{
	const unsigned char *ignored;
	uint32_t kind, length;

	if (!take(reader, GUID_BYTES, &ignored) || !take_number(reader, 4, &kind) ||
	    !take_number(reader, 4, &length))
		return false;
	return kind == 0 || take(reader, padded(length), &ignored);
}

static bool read_values(struct stream *stream, struct reader *reader, uint32_t id, uint32_t type)
{
	size_t fixed = fixed_size(type);
	const unsigned char *value;
	uint32_t count = 1, length;

	if (fixed == 0 && !is_variable(type))
		return false;
	if ((fixed == 0 || type & PT_MULTIPLE) && !take_number(reader, 4, &count))
		return false;
	if (fixed > 0)
		return count <= reader->left / fixed && take(reader, count * fixed, &value);
	while (count-- > 0) {
		if (!take_number(reader, 4, &length) || length > reader->left ||
		    !take(reader, padded(length), &value))
			return false;
		use_value(stream, id, type, value, length);
	}
	return true;
}

static bool read_properties(struct stream *stream, struct reader reader)
{
	uint32_t count, type, id;

	if (!take_number(&reader, 4, &count))
		return false;
	while (count-- > 0) {
		if (!take_number(&reader, 2, &type) || !take_number(&reader, 2, &id) ||
		    (id >= 0x8000 && !skip_name(&reader)) ||
		    !read_values(stream, &reader, id, type))
			return false;
	}
	return true;
}

static bool use_attribute(struct stream *stream, uint32_t id, const unsigned char *value,
			  size_t length)
{
	switch (id & 0xFFFF) {
	case ATTACH_RENDDATA:
		end_file(stream);
		break;
	case ATTACH_TITLE:
		set_name(stream, 2, value, length, false);
		break;
	case ATTACH_DATA:
		set_data(stream, value, length);
		break;
	case ATTACH_PROPERTIES:
		stream->open = true;
		return read_properties(stream, (struct reader){value, length});
	default:
		return true;
	}
	stream->open = true;
	return true;
}

/* Is the rest nothing but line ends and padding? */
static bool is_tail(struct reader reader)
{
	while (reader.left > 0 &&
	       (*reader.at == '\0' || *reader.at == '\r' || *reader.at == '\n')) {
		reader.at++;
		reader.left--;
	}
	return reader.left == 0;
}

bool tnef_read(const char *data, size_t length, tnef_visit visit, void *context)
{
	struct stream stream = {.visit = visit, .context = context};
	struct reader reader = {(const unsigned char *)data, length};
	const unsigned char *ignored;
	bool sound = tnef_is_one(data, length) && take(&reader, HEAD_BYTES, &ignored);

	while (sound && !is_tail(reader) && !stream.stopped) {
		uint32_t level, id, size, checksum;
		const unsigned char *value;

		sound = take_number(&reader, 1, &level) &&
			(level == LEVEL_MESSAGE || level == LEVEL_ATTACHMENT) &&
			take_number(&reader, 4, &id) && take_number(&reader, 4, &size) &&
			take(&reader, size, &value) && take_number(&reader, 2, &checksum);
		if (sound && level == LEVEL_ATTACHMENT)
			sound = use_attribute(&stream, id, value, size);
	}
	end_file(&stream);
	return sound;
}
