/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the MTA says about one SMTP session, event by event, and what the chain answers. It holds no
 * matter in which order events come: MAIL after MAIL, an end in mid-message, an event without a
 * message (451, never an accept). Knows nothing of libmilter.
 */
#ifndef EASYMAIL_CONVERSATION_H
#define EASYMAIL_CONVERSATION_H

#include "milters/chain/chain.h"
#include "milters/chain/headers.h"

/* What the MTA is to be told with the last verdict that was not CONTINUE. */
struct reply {
	enum verdict verdict;
	int code;
	char status[12];
	char text[512];
};

struct conversation;

/* NULL when there are max_sessions already: the MTA's every MAIL is then to be answered 451. */
struct conversation *conversation_new(struct chain *chain) __attribute__((nonnull));
void conversation_free(struct conversation *conversation); /* takes NULL */

const struct reply *conversation_reply(const struct conversation *conversation)
    __attribute__((nonnull));

/* NULL or a family other than IP: the client is unknown, and every MAIL of it is 451. */
void conversation_connect(struct conversation *conversation, const char *name,
			  const struct sockaddr *address) __attribute__((nonnull(1, 2)));
void conversation_helo(struct conversation *conversation, const char *name)
    __attribute__((nonnull));

/* `queue_id` is NULL where the MTA has not told it. */
enum verdict conversation_mail(struct conversation *conversation, const char *sender,
			       const char *queue_id) __attribute__((nonnull(1, 2)));
/* REJECT and TEMPFAIL concern this recipient only; always CONTINUE when no filter asks for recipients. */
enum verdict conversation_rcpt(struct conversation *conversation, const char *recipient)
    __attribute__((nonnull));
/* Always CONTINUE when no filter asks for it. */
enum verdict conversation_data(struct conversation *conversation, const char *queue_id)
    __attribute__((nonnull(1)));

/* These two cannot be answered: what they decide is told at eoh or eom. */
void conversation_header(struct conversation *conversation, const char *name, const char *value)
    __attribute__((nonnull));
void conversation_body(struct conversation *conversation, const void *chunk, size_t length)
    __attribute__((nonnull(1)));

enum verdict conversation_eoh(struct conversation *conversation, const char *queue_id)
    __attribute__((nonnull(1)));

/* What the MTA is to be told of a message that passes. */
struct changes {
	const struct edit *edits; /* of the headers, in this order */
	size_t edit_count;
	const char *sender;     /* the envelope sender that it leaves with; NULL: as it came */
	const char *quarantine; /* why it goes to the hold queue; NULL: it does not */
};

/* The message is complete. When the chain lets it pass, `apply` tells the MTA the changes; when that fails
 * the verdict is TEMPFAIL. */
typedef bool (*conversation_apply)(void *context, const struct changes *changes);
enum verdict conversation_eom(struct conversation *conversation, const char *queue_id,
			      conversation_apply apply, void *context)
    __attribute__((nonnull(1, 3)));

void conversation_abort(struct conversation *conversation) __attribute__((nonnull));

#endif
