/* SPDX-License-Identifier: BSD-2-Clause */
/* The envelope's recipients as they arrived and as they will be. Filters reach them through message_recipient_…. */
#ifndef EASYMAIL_RECIPIENTS_H
#define EASYMAIL_RECIPIENTS_H

#include <stdbool.h>
#include <stddef.h>

struct recipient {
	char *given;   /* as the MTA wrote it, with its brackets; NULL: a filter added it */
	char *address; /* without brackets */
	bool gone;
};

struct recipients {
	size_t count;
	struct recipient *items;
};

void recipients_receive(struct recipients *recipients, const char *given) __attribute__((nonnull));
void recipients_clear(struct recipients *recipients) __attribute__((nonnull));

#endif
