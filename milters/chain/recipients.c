/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of recipients. */
#include "milters/chain/recipients.h"
#include "milters/chain/memory.h"
#include "milters/chain/message.h"
#include <stdlib.h>
#include <string.h>

static struct recipient *append(struct recipients *recipients)
{
	/* The room is the next power of two. */
	if ((recipients->count & (recipients->count - 1)) == 0)
		recipients->items = memory_grow(recipients->items, 2 * recipients->count + 1,
						sizeof(*recipients->items));
	recipients->items[recipients->count] = (struct recipient){0};
	return &recipients->items[recipients->count++];
}

void recipients_receive(struct recipients *recipients, const char *given)
{
	struct recipient *recipient = append(recipients);
	size_t length = strlen(given);
	bool bracketed = length >= 2 && given[0] == '<' && given[length - 1] == '>';

	recipient->given = memory_text(given);
	recipient->address = memory_text(bracketed ? given + 1 : given);
	if (bracketed)
		recipient->address[length - 2] = '\0';
}

void recipients_clear(struct recipients *recipients)
{
	for (size_t i = 0; i < recipients->count; i++) {
		free(recipients->items[i].given);
		free(recipients->items[i].address);
	}
	free(recipients->items);
	*recipients = (struct recipients){0};
}

/* The index-th that is still there; NULL: there are not so many. */
static struct recipient *at(const struct message *message, size_t index)
{
	struct recipients *envelope = message->envelope;

	for (size_t i = 0; i < envelope->count; i++) {
		if (!envelope->items[i].gone && index-- == 0)
			return &envelope->items[i];
	}
	return NULL;
}

size_t message_recipient_count(const struct message *message)
{
	size_t count = 0;

	for (size_t i = 0; i < message->envelope->count; i++)
		count += !message->envelope->items[i].gone;
	return count;
}

const char *message_recipient_at(const struct message *message, size_t index)
{
	const struct recipient *recipient = at(message, index);

	return recipient == NULL ? NULL : recipient->address;
}

void message_recipient_add(struct message *message, const char *address)
{
	message->recipient[0] = '\0';
	for (size_t i = 0; i < message->envelope->count; i++) {
		struct recipient *recipient = &message->envelope->items[i];

		if (strcasecmp(recipient->address, address) == 0) {
			recipient->gone = false;
			return;
		}
	}
	append(message->envelope)->address = memory_text(address);
}

void message_recipients_delete(struct message *message)
{
	message->recipient[0] = '\0';
	for (size_t i = 0; i < message->envelope->count; i++)
		message->envelope->items[i].gone = true;
}
