/* SPDX-License-Identifier: BSD-2-Clause */
/* Outlook's winmail.dat: the files in a TNEF stream ([MS-OXTNEF]). Bounded by its length; copies nothing. */
#ifndef EASYMAIL_SCANNER_TNEF_H
#define EASYMAIL_SCANNER_TNEF_H

#include <stdbool.h>
#include <stddef.h>

/* A file as it stands in the stream. */
struct tnef_file {
	/* The long name if there is one, or else the short one; in UTF-16LE or in an 8-bit code page. */
	const char *name;
	size_t name_length; /* octets; 0: it has none */
	bool name_is_utf16;
	const char *data; /* a message in the message is another TNEF stream */
	size_t length;
};

/* False: no more are wanted. */
typedef bool (*tnef_visit)(void *context, const struct tnef_file *file);

/* Does it begin as such a stream? */
bool tnef_is_one(const char *data, size_t length) __attribute__((nonnull));

/* False: it does not parse to its end; what came before has been visited. */
bool tnef_read(const char *data, size_t length, tnef_visit visit, void *context)
    __attribute__((nonnull(1, 3), warn_unused_result));

#endif
