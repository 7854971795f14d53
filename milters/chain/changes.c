/* SPDX-License-Identifier: BSD-2-Clause */
/* Puts together what the MTA is to be told. */
#include "milters/chain/changes.h"
#include "milters/chain/filter.h"
#include "milters/chain/memory.h"
#include "milters/chain/recipients.h"
#include <stdio.h>
#include <stdlib.h>

/* Says in the held message itself who holds it and why; the egress transports take it out again. */
static void note_quarantine(struct message *message)
{
	char text[sizeof(message->decision.text) + 128];

	snprintf(text, sizeof(text), "%s %s: %s",
		 message->policy != NULL ? message->policy->tenant : "-", message->decision.filter,
		 message->decision.text);
	message_header_insert(message, 0, QUARANTINE_HEADER, text);
}

static void gather_recipients(const struct message *message, struct changes *changes)
{
	const struct recipients *envelope = message->envelope;

	changes->deleted = memory_new(envelope->count, sizeof(*changes->deleted));
	changes->added = memory_new(envelope->count, sizeof(*changes->added));
	for (size_t i = 0; i < envelope->count; i++) {
		const struct recipient *recipient = &envelope->items[i];

		if (recipient->given != NULL && recipient->gone)
			changes->deleted[changes->deleted_count++] = recipient->given;
		if (recipient->given == NULL && !recipient->gone)
			changes->added[changes->added_count++] = recipient->address;
	}
}

void changes_gather(struct message *message, struct changes *changes_r)
{
	*changes_r = (struct changes){0};
	if (message->decision.return_path[0] != '\0')
		changes_r->sender = message->decision.return_path;
	/* RFC 3834, RFC 5321 section 4.5.5: nobody is told what becomes of a bounce. */
	if (message->is_return)
		changes_r->sender = "";
	if (message->decision.verdict == DECISION_QUARANTINE) {
		changes_r->quarantine = message->decision.text;
		note_quarantine(message);
	}
	if (message->decision.return_path[0] != '\0')
		changes_r->sender = message->decision.return_path;
	changes_r->edits = headers_edits(message->headers, &changes_r->edit_count);
	changes_r->body = message_new_body(message, &changes_r->body_length);
	gather_recipients(message, changes_r);
}

void changes_free(struct changes *changes)
{
	free(changes->edits);
	free((void *)changes->deleted);
	free((void *)changes->added);
}
