/* SPDX-License-Identifier: BSD-2-Clause */
/* Header fields in a message's fingerprint, and the boundaries that they announce. */
#ifndef EASYMAIL_ANTISPAM_PRINT_FIELDS_H
#define EASYMAIL_ANTISPAM_PRINT_FIELDS_H

#include "milters/content/antispam_print.h"
#include "milters/content/antispam_words.h"

#define BOUNDARIES_MAX 16

/* Each stands for itself by its number; RFC 2046 section 5.1.1 gives it up to 70 characters. */
struct boundaries {
	size_t count;
	struct {
		const char *at;
		size_t length;
	} boundary[BOUNDARIES_MAX];
};

/* A line between parts: a delimiter counts by its boundary's number, anything else as it is. */
void boundaries_add_line(const struct boundaries *boundaries, struct words *words, const char *line,
			 size_t length) __attribute__((nonnull));

/* The header of a part, with the empty line; `source` for that of the message itself, NULL for others. False: a line
 * is no field. */
bool fields_add(struct words *words, struct boundaries *boundaries,
		const struct print_source *source, const char *header, size_t length)
    __attribute__((nonnull(1, 2, 4), warn_unused_result));

#endif
