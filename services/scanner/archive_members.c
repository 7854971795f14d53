/* SPDX-License-Identifier: BSD-2-Clause */
/* libarchive from memory. Its filters that start other programs are not switched on. */
#include "services/scanner/archive_members.h"
#include "common/clock.h"
#include "services/scanner/charsets.h"
#include "services/scanner/find.h"
#include "services/scanner/tnef.h"
#include <archive.h>
#include <archive_entry.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE  1024
#define HEAD_BYTES 16384 /* of a member are kept for its type */
#define NESTED_BYTES \
	((size_t)32 << 20) /* of an archive in an archive; a longer one is not opened */

struct listing {
	struct facts_builder *builder;
	struct file_types *types;
	struct archive_budget *budget;
	unsigned depth; /* of the archive that is read, from 1 */
	uint64_t malformed;
	bool encrypted;
};

/* A member's content, as much as is kept. */
struct content {
	char *data;
	size_t length;
	size_t room;
	bool whole; /* nothing of what came was left out */
	bool ended; /* all of it came */
};

bool archive_is_one(const char *type, const char *data, size_t length)
{
	static const char *const types[] = {
	    "application/zip",
	    "application/x-7z-compressed",
	    "application/x-rar",
	    "application/vnd.rar",
	    "application/x-tar",
	    "application/gzip",
	    "application/x-gzip",
	    "application/x-bzip2",
	    "application/x-xz",
	    "application/x-lzma",
	    "application/x-lzip",
	    "application/zstd",
	    "application/x-lz4",
	    "application/x-compress",
	    "application/x-cpio",
	    "application/x-archive",
	    "application/vnd.debian.binary-package",
	    "application/vnd.ms-cab-compressed",
	    "application/x-iso9660-image",
	    "application/x-lzh-compressed",
	    "application/x-lha",
	    "application/x-lharc",
	    "application/x-xar",
	    "application/java-archive",
	    "application/epub+zip",
	    "application/vnd.android.package-archive",
	};
	size_t tail = length < 65557 ? length : 65557; /* a zip's last record and its comment */

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(type, types[i]) == 0)
			return true;
	}
	return strncmp(type, "application/vnd.openxmlformats", 30) == 0 ||
	       strncmp(type, "application/vnd.oasis.opendocument", 34) == 0 ||
	       tnef_is_one(data, length) ||
	       (tail >= 22 && find_rare(data + length - tail, tail, "PK\005\006", 4, 2) != NULL);
}

static struct archive *open_archive(const char *data, size_t length)
{
	struct archive *archive = archive_read_new();

	if (archive == NULL)
		return NULL;
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_lzma(archive);
	archive_read_support_filter_lzip(archive);
	archive_read_support_filter_zstd(archive);
	archive_read_support_filter_lz4(archive);
	archive_read_support_filter_compress(archive);
	archive_read_support_filter_uu(archive);
	archive_read_support_format_zip(archive);
	archive_read_support_format_7zip(archive);
	archive_read_support_format_rar(archive);
	archive_read_support_format_rar5(archive);
	archive_read_support_format_tar(archive);
	archive_read_support_format_cpio(archive);
	archive_read_support_format_ar(archive);
	archive_read_support_format_cab(archive);
	archive_read_support_format_iso9660(archive);
	archive_read_support_format_lha(archive);
	archive_read_support_format_xar(archive);
	archive_read_support_format_raw(archive);
	if (archive_read_open_memory(archive, data, length) == ARCHIVE_OK)
		return archive;
	archive_read_free(archive);
	return NULL;
}

static bool is_over(struct listing *listing)
{
	if (clock_ms() >= listing->budget->deadline_ms)
		listing->malformed |= MALFORMED_TOO_SLOW;
	return listing->malformed &
	       (MALFORMED_TOO_SLOW | MALFORMED_ARCHIVE_TOO_LARGE | MALFORMED_TOO_MANY_MEMBERS);
}

/* Keeps a block whole, or what was there before. */
static void keep(struct content *content, const void *data, size_t length)
{
	size_t room = content->room > 0 ? content->room : HEAD_BYTES;
	char *larger;

	if (length == 0)
		return;
	if (!content->whole || length > NESTED_BYTES - content->length) {
		content->whole = false;
		return;
	}
	while (room < content->length + length)
		room *= 2;
	if (room > content->room) {
		larger = realloc(content->data, room);
		if (larger == NULL) {
			content->whole = false;
			return;
		}
		content->data = larger;
		content->room = room;
	}
	memcpy(content->data + content->length, data, length);
	content->length += length;
}

/* Takes a block off what may be unpacked. */
static bool pay(struct listing *listing, size_t length)
{
	if (length > listing->budget->bytes) {
		listing->malformed |= MALFORMED_ARCHIVE_TOO_LARGE;
		listing->budget->bytes = 0;
		return false;
	}
	listing->budget->bytes -= length;
	return true;
}

/* Unpacks a member until `enough` of it is there, or to its end; `content` NULL: to pass over it. False: it cannot
 * be read. */
static bool read_content(struct listing *listing, struct archive *archive, size_t enough,
			 struct content *content)
{
	const void *block;
	la_int64_t offset;
	size_t length;
	int rc;

	while ((content == NULL || content->length < enough) && !is_over(listing)) {
		rc = archive_read_data_block(archive, &block, &length, &offset);
		if (rc == ARCHIVE_RETRY)
			continue;
		if (rc == ARCHIVE_EOF || rc < ARCHIVE_WARN) {
			if (content != NULL)
				content->ended = rc == ARCHIVE_EOF;
			return rc == ARCHIVE_EOF;
		}
		if (!pay(listing, length))
			break;
		if (content != NULL)
			keep(content, block, length);
	}
	return true;
}

static uint64_t list(struct listing *listing, const char *data, size_t length, unsigned parent);

/* The archives in it are opened too, as deep as we go. */
static void open_nested(struct listing *listing, const struct content *content, const char *type,
			unsigned number)
{
	uint64_t malformed = 0;

	if (!archive_is_one(type, content->data, content->length))
		return;
	if (listing->depth >= listing->budget->depth)
		malformed = MALFORMED_ARCHIVE_TOO_DEEP;
	else if (!content->whole || !content->ended)
		malformed = MALFORMED_ARCHIVE_TOO_LARGE;
	else
		malformed = list(listing, content->data, content->length, number);
	facts_builder_member_detected(listing->builder, number, NULL, malformed);
}

/* A member's name in whatever spelling there is one. */
static const char *name_of(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname_utf8(entry);

	if (name == NULL)
		name = archive_entry_pathname(entry);
	return name != NULL ? name : "";
}

/* The rest of a member, behind its head: kept when it may be an archive, passed over when the next member can only
 * be found behind it. False: it cannot be read. */
static bool read_rest(struct listing *listing, struct archive *archive, const char *type,
		      struct content *content)
{
	bool seeks = (archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP &&
		     archive_filter_count(archive) == 1;

	if (archive_is_one(type, content->data, content->length) &&
	    !read_content(listing, archive, NESTED_BYTES, content))
		return false;
	return content->ended || seeks || read_content(listing, archive, 0, NULL);
}

static void read_member(struct listing *listing, struct archive *archive, unsigned number)
{
	struct content content = {.whole = true};
	bool sound = read_content(listing, archive, HEAD_BYTES, &content);
	char type[128] = "";

	if (content.length > 0) {
		strncat(type, file_type_of(listing->types, content.data, content.length),
			sizeof(type) - 1);
		if (sound && !content.ended && !is_over(listing))
			sound = read_rest(listing, archive, type, &content);
	}
	facts_builder_member_detected(listing->builder, number, type,
				      sound ? 0 : MALFORMED_ARCHIVE);
	if (content.length > 0)
		open_nested(listing, &content, type, number);
	free(content.data);
}

/* The name that a gzip file gives what is in it (RFC 1952 section 2.3); "" when it gives none. */
static void gzip_name(const char *data, size_t length, char name_r[NAME_SIZE])
{
	const unsigned char *octets = (const unsigned char *)data;
	size_t at = 10, used = 0;

	name_r[0] = '\0';
	if (length < 12 || memcmp(data, "\x1f\x8b\x08", 3) != 0 || !(octets[3] & 0x08))
		return;
	if (octets[3] & 0x04)
		at += 2 + octets[10] + ((size_t)octets[11] << 8);
	while (at < length && data[at] != '\0' && used + 1 < NAME_SIZE)
		name_r[used++] = data[at++];
	name_r[used] = '\0';
}

/* One member; false: no more are to be read. */
static bool take_member(struct listing *listing, struct archive *archive,
			struct archive_entry *entry, unsigned parent, const char *raw_name)
{
	struct facts_member member = {.parent = parent, .name = name_of(entry)};
	unsigned number;

	member.encrypted = archive_entry_is_encrypted(entry) == 1;
	member.sized = archive_entry_size_is_set(entry);
	if (member.sized)
		member.size = (uint64_t)archive_entry_size(entry);
	/* the format "raw" is how a compressed file is read that is no archive */
	if (archive_format(archive) == ARCHIVE_FORMAT_RAW)
		member.name = raw_name;
	listing->encrypted |= member.encrypted;
	number = facts_builder_member(listing->builder, &member);
	if (number == 0) {
		listing->malformed |= MALFORMED_TOO_MANY_MEMBERS;
		return false;
	}
	if (!member.encrypted && archive_entry_filetype(entry) != AE_IFDIR)
		read_member(listing, archive, number);
	return !is_over(listing);
}

/* A TNEF stream whose files are listed. */
struct tnef_listing {
	struct listing *listing;
	unsigned parent;
};

/* The caller frees; NULL: out of memory. */
static char *tnef_name(const struct tnef_file *file)
{
	struct text_buffer name = {.limit = NAME_SIZE};

	(void)charset_add(&name, file->name_is_utf16 ? "utf-16le" : "", file->name,
			  file->name_length);
	if (text_end(&name))
		return name.data;
	free(name.data);
	return NULL;
}

static bool take_tnef_file(void *context, const struct tnef_file *file)
{
	const struct tnef_listing *tnef = context;
	struct content content = {.data = (char *)(uintptr_t)file->data,
				  .length = file->length,
				  .whole = true,
				  .ended = true};
	char *name = file->name_length > 0 ? tnef_name(file) : NULL;
	struct facts_member member = {.parent = tnef->parent,
				      .name = name != NULL ? name : "",
				      .sized = true,
				      .size = file->length};
	unsigned number = facts_builder_member(tnef->listing->builder, &member);
	char type[128] = "";

	free(name);
	if (number == 0) {
		tnef->listing->malformed |= MALFORMED_TOO_MANY_MEMBERS;
		return false;
	}
	strncat(type, file_type_of(tnef->listing->types, file->data, file->length),
		sizeof(type) - 1);
	facts_builder_member_detected(tnef->listing->builder, number, type, 0);
	open_nested(tnef->listing, &content, type, number);
	return !is_over(tnef->listing);
}

static uint64_t list_tnef(struct listing *listing, const char *data, size_t length, unsigned parent)
{
	struct tnef_listing tnef = {listing, parent};
	bool sound;

	listing->depth++;
	sound = tnef_read(data, length, take_tnef_file, &tnef);
	listing->depth--;
	return sound ? 0 : MALFORMED_ARCHIVE;
}

static uint64_t list_archive(struct listing *listing, const char *data, size_t length,
			     unsigned parent)
{
	struct archive *archive = open_archive(data, length);
	struct archive_entry *entry;
	char raw_name[NAME_SIZE];
	uint64_t malformed = 0;
	unsigned members = 0;
	int rc;

	if (archive == NULL)
		return MALFORMED_ARCHIVE;
	gzip_name(data, length, raw_name);
	listing->depth++;
	while ((rc = archive_read_next_header(archive, &entry)) >= ARCHIVE_WARN &&
	       rc != ARCHIVE_EOF) {
		if (archive_format(archive) == ARCHIVE_FORMAT_RAW &&
		    archive_filter_count(archive) <= 1) {
			malformed = MALFORMED_ARCHIVE; /* "raw" takes everything */
			break;
		}
		members++;
		if (!take_member(listing, archive, entry, parent, raw_name))
			break;
	}
	/* a list that is encrypted itself cannot be read, and says so no other way */
	if (archive_read_has_encrypted_entries(archive) == 1)
		listing->encrypted = true;
	else if (rc < ARCHIVE_WARN || members == 0) /* zeros are an empty tar */
		malformed |= MALFORMED_ARCHIVE;
	listing->depth--;
	archive_read_free(archive);
	return malformed;
}

/* All members of one archive; returns what is wrong with it. */
static uint64_t list(struct listing *listing, const char *data, size_t length, unsigned parent)
{
	return tnef_is_one(data, length) ? list_tnef(listing, data, length, parent)
					 : list_archive(listing, data, length, parent);
}

uint64_t archive_members_add(struct facts_builder *builder, struct file_types *types,
			     const char *data, size_t length, struct archive_budget *budget,
			     bool *encrypted_r)
{
	struct listing listing = {.builder = builder, .types = types, .budget = budget};
	uint64_t malformed = list(&listing, data, length, 0);

	*encrypted_r = listing.encrypted;
	return malformed | listing.malformed;
}
