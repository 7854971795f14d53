/* SPDX-License-Identifier: BSD-2-Clause */
/* Places of a message that are to be written anew, and the body that comes of it. */
#ifndef EASYMAIL_BODY_EDITS_H
#define EASYMAIL_BODY_EDITS_H

#include "milters/content/transfer_coding.h"

struct body_edit {
	size_t at, length;    /* in the message as it arrived */
	struct octets octets; /* in its place */
};

/* Starts as zeroes. */
struct body_edits {
	size_t count;
	struct body_edit *items;
};

/* Takes over the octets. What lies in a place that is written anew already, or around one, is dropped: false. */
bool body_edits_put(struct body_edits *edits, size_t at, size_t length, struct octets *octets)
    __attribute__((nonnull));
/* Is the octet in a place that is written anew? */
bool body_edits_cover(const struct body_edits *edits, size_t at) __attribute__((nonnull));
void body_edits_free(struct body_edits *edits) __attribute__((nonnull));

/* What is behind the header, as it will be; from malloc. Edits that do not lie there are left out. */
char *body_edits_apply(struct body_edits *edits, const char *message, size_t length, size_t body_at,
		       size_t *length_r) __attribute__((nonnull));

#endif
