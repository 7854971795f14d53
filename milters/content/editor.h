/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changes inside a message's body: attachments taken out, texts appended. What is signed or encrypted is never
 * touched, nor is a part whose place in the message is not known.
 */
#ifndef EASYMAIL_EDITOR_H
#define EASYMAIL_EDITOR_H

#include "common/message_facts.h"
#include "milters/chain/message.h"
#include "milters/content/body_edits.h"

/* Everything is borrowed. */
struct editor {
	struct message *message;
	const struct message_facts *facts;
	const char *data; /* the message as it arrived (message_copy_data) */
	size_t length;
	struct body_edits edits;
	struct octets text, html; /* what is to be appended */
};

void editor_start(struct editor *editor, struct message *message, const struct message_facts *facts,
		  const char *data, size_t length) __attribute__((nonnull));

/* A text part that says so takes the part's place. False: it must not or cannot be touched; the error says why. */
bool editor_remove(struct editor *editor, unsigned part, const char *notice, struct error *why)
    __attribute__((nonnull, warn_unused_result));

/* To the message's own texts, not to attached ones; `html` NULL: made of `text`. Done by editor_finish. */
void editor_append(struct editor *editor, const char *text, const char *html)
    __attribute__((nonnull(1, 2)));

/* Gives the message its new body and headers, if anything changed. False: the texts could not be appended, the
 * rest is done; the error says why. Ends the editor in any case. */
bool editor_finish(struct editor *editor, struct error *why)
    __attribute__((nonnull, warn_unused_result));

/* Parts of it, for its files only. */
bool editor_is_protected(const struct editor *editor, const struct facts_part *part,
			 struct error *why) __attribute__((nonnull));
/* The part becomes this text, UTF-8, which is encoded; `type` is its Content-Type. */
bool editor_write(struct editor *editor, const struct facts_part *part, const char *type,
		  const struct octets *text, bool keep_header) __attribute__((nonnull));
bool editor_append_texts(struct editor *editor, struct error *why) __attribute__((nonnull));

#endif
