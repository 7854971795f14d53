/* SPDX-License-Identifier: BSD-2-Clause */
/* What is in an archive, and in the archives in it, through libarchive: zip, 7z, rar, tar, gzip and the like. */
#ifndef EASYMAIL_SCANNER_ARCHIVE_MEMBERS_H
#define EASYMAIL_SCANNER_ARCHIVE_MEMBERS_H

#include "common/facts_builder.h"
#include "services/scanner/file_type.h"

/* What one message's archives may cost together. */
struct archive_budget {
	unsigned depth; /* levels of archives in archives */
	size_t bytes;   /* that are unpacked; what is left is left for the next archive */
	int64_t deadline_ms;
};

/* Is a file of this type, or one that ends like a zip, worth a look? */
bool archive_is_one(const char *type, const char *data, size_t length) __attribute__((nonnull));

/*
 * Adds the members of an archive to the newest part of the facts. Returns what is wrong, MALFORMED_…; *encrypted_r
 * says whether some of it, or its list of members, asks for a password.
 */
uint64_t archive_members_add(struct facts_builder *builder, struct file_types *types,
			     const char *data, size_t length, struct archive_budget *budget,
			     bool *encrypted_r) __attribute__((nonnull));

#endif
