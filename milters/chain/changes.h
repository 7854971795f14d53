/* SPDX-License-Identifier: BSD-2-Clause */
/* All that the MTA is to be told of a message that passes: what filters made of it. */
#ifndef EASYMAIL_CHANGES_H
#define EASYMAIL_CHANGES_H

#include "milters/chain/headers.h"
#include "milters/chain/message.h"

/* Borrowed from the message but for the arrays themselves. */
struct changes {
	struct edit *edits; /* of the headers, in the order they are to be done in */
	size_t edit_count;
	const char *sender;     /* the envelope sender that it leaves with; NULL: as it came */
	const char *quarantine; /* why it goes to the hold queue; NULL: it does not */
	const void *body;       /* in place of the one that arrived; NULL: that stays */
	size_t body_length;
	const char **deleted, **added; /* recipients, as the MTA wrote them and as addresses */
	size_t deleted_count, added_count;
};

/* Also puts the header of held mail into the message. */
void changes_gather(struct message *message, struct changes *changes_r) __attribute__((nonnull));
void changes_free(struct changes *changes) __attribute__((nonnull));

#endif
