/* SPDX-License-Identifier: BSD-2-Clause */
/* One message in the chain's hands: what the filters see of it, their states, and its end. */
#ifndef EASYMAIL_TRANSACTION_H
#define EASYMAIL_TRANSACTION_H

#include "milters/chain/chain.h"

struct transaction {
	struct chain *chain;
	struct message message;
	bool has_turn;              /* as bulk mail, in the order of bulk_share.h */
	bool headers_done;          /* the filters have had `eoh` */
	struct filter_slot slots[]; /* the chain's, with this message's states */
};

/* A message begins; each filter's message_new runs. */
struct transaction *transaction_new(struct chain *chain, const struct session *session)
    __attribute__((nonnull));

/* Postfix's queue id, once known. Takes NULL and "" for not known yet. */
void transaction_set_queue_id(struct transaction *transaction, const char *queue_id)
    __attribute__((nonnull(1)));

/*
 * The one end of a message: completes, logs and keeps its decision record, runs each filter's
 * message_free and releases everything. CONTINUE: accepted.
 */
void transaction_conclude(struct transaction *transaction, enum verdict verdict)
    __attribute__((nonnull));
/* The same when the client left or gave up before a verdict. */
void transaction_abandon(struct transaction *transaction) __attribute__((nonnull));

/* A verdict of the chain's own, as if a filter had given it: first note it with message_reject … */
enum verdict transaction_by_chain(struct transaction *transaction, enum verdict verdict)
    __attribute__((nonnull));

/* One event of one filter. */
typedef enum verdict (*transaction_event)(const struct filter *filter, struct session *session,
					  struct message *message, const void *argument);

/* Runs an event through the filters until one gives a verdict; waits for its turn to work first. */
enum verdict transaction_run(struct transaction *transaction, struct session *session,
			     transaction_event event, const void *argument)
    __attribute__((nonnull(1, 2, 3)));

#endif
