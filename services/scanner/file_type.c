/* SPDX-License-Identifier: BSD-2-Clause */
/* libmagic, asked last: its rules for texts cost more than a scan, so the commonest files are known by hand. */
#include "services/scanner/file_type.h"
#include <magic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What is in compressed files is not its business, nor are an executable's sections. */
#define FLAGS                                                                           \
	(MAGIC_MIME_TYPE | MAGIC_ERROR | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF | \
	 MAGIC_NO_CHECK_APPTYPE | MAGIC_NO_CHECK_JSON | MAGIC_NO_CHECK_CSV)
#define TEXT_BYTES 2048 /* are enough for a text */

struct file_types {
	magic_t magic;
};

bool file_types_load(struct file_types **types_r, struct error *err)
{
	struct file_types *types = calloc(1, sizeof(*types));

	if (types == NULL)
		return error_set(err, "file types: out of memory");
	types->magic = magic_open(FLAGS);
	if (types->magic == NULL || magic_load(types->magic, NULL) != 0) {
		error_set(err, "file types: libmagic: %s",
			  types->magic != NULL ? magic_error(types->magic) : "out of memory");
		file_types_free(types);
		return false;
	}
	*types_r = types;
	return true;
}

void file_types_free(struct file_types *types)
{
	if (types == NULL)
		return;
	if (types->magic != NULL)
		magic_close(types->magic);
	free(types);
}

static bool begins_with(const char *data, size_t length, const char *start, size_t start_length)
{
	return length >= start_length && memcmp(data, start, start_length) == 0;
}

/* The commonest files, by what they can only begin with. */
static const char *known_type(const char *data, size_t length)
{
	static const struct {
		const char *start;
		size_t length;
		const char *type;
	} known[] = {
	    {"\x89PNG\r\n\x1a\n", 8, "image/png"},
	    {"\xff\xd8\xff", 3, "image/jpeg"},
	    {"GIF87a", 6, "image/gif"},
	    {"GIF89a", 6, "image/gif"},
	    {"%PDF-", 5, "application/pdf"},
	};
	size_t head = length < 1024 ? length : 1024;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (begins_with(data, length, known[i].start, known[i].length))
			return known[i].type;
	}
	if (begins_with(data, length, "<?xml ", 6) && memmem(data, head, "<svg", 4) == NULL &&
	    memmem(data, head, "<html", 5) == NULL)
		return "text/xml";
	return NULL;
}

/* Nothing but what texts of any character set of ASCII's kind are made of. */
static bool looks_like_text(const char *data, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)data[i];

		if ((c < 0x20 && strchr("\t\n\r\f\x1b", c) == NULL) || c == 0 || c == 0x7f)
			return false;
	}
	return true;
}

const char *file_type_of(struct file_types *types, const char *data, size_t length)
{
	const char *type;
	bool text;

	if (length == 0)
		return "";
	if (length > FILE_TYPE_BYTES)
		length = FILE_TYPE_BYTES;
	type = known_type(data, length);
	if (type != NULL)
		return type;
	text = looks_like_text(data, length);
	type = magic_buffer(types->magic, data, text && length > TEXT_BYTES ? TEXT_BYTES : length);
	if (type != NULL && strchr(type, '/') != NULL &&
	    strcmp(type, "application/octet-stream") != 0)
		return type;
	return !text && length > 1 && memcmp(data, "MZ", 2) == 0 ? "application/x-dosexec" : "";
}

/* Texts that are programs or documents begin with a mark. */
static bool begins_with_mark(const char *data, size_t length)
{
	static const char *const marks[] = {"#!", "%!", "%PDF", "{\\rtf", "@echo", "<?php", "MIME"};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		size_t mark = strlen(marks[i]);

		if (length >= mark && strncasecmp(data, marks[i], mark) == 0)
			return true;
	}
	return false;
}

const char *file_type_of_text(struct file_types *types, const char *data, size_t length)
{
	size_t head = length < FILE_TYPE_BYTES ? length : FILE_TYPE_BYTES;
	size_t at = 0;

	if (!looks_like_text(data, head))
		return file_type_of(types, data, length);
	while (at < head && strchr(" \t\r\n", data[at]) != NULL)
		at++;
	if (begins_with_mark(data + at, head - at))
		return file_type_of(types, data + at, length - at);
	return "";
}

bool file_type_is_program(const char *type)
{
	static const char *const programs[] = {
	    "application/vnd.microsoft.portable-executable",
	    "application/x-dosexec",
	    "application/x-msdownload",
	    "application/x-executable",
	    "application/x-pie-executable",
	    "application/x-sharedlib",
	    "application/x-mach-binary",
	    "application/x-ms-shortcut",
	    "application/x-msi",
	    "text/x-shellscript",
	    "text/x-msdos-batch",
	};

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (strcmp(type, programs[i]) == 0)
			return true;
	}
	return false;
}

/* ECMA-376 documents under a password are OLE2 files with this stream ([MS-OFFCRYPTO] 2.3.4.4). */
bool file_is_encrypted_office(const char *data, size_t length)
{
	static const char ole2[] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
	static const char stream[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";

	return length > sizeof(ole2) && memcmp(data, ole2, sizeof(ole2) - 1) == 0 &&
	       memmem(data, length, stream, sizeof(stream)) != NULL;
}
