/* SPDX-License-Identifier: BSD-2-Clause */
/* From the MTA's events to the filters' and back. */
#include "milters/chain/conversation.h"
#include "milters/chain/memory.h"
#include "milters/chain/recipients.h"
#include "milters/chain/scan.h"
#include "milters/chain/transaction.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct conversation {
	struct session session;
	struct chain *chain;
	bool client_known;
	bool reply_due; /* a verdict fell where the MTA could not be told */
	struct reply reply;
	struct transaction *transaction; /* NULL between messages */
};

struct body_chunk {
	const void *data;
	size_t length;
};

struct conversation *conversation_new(struct chain *chain)
{
	struct conversation *conversation;

	if (!gate_open_session(chain->gate))
		return NULL;
	conversation = memory_new(1, sizeof(*conversation));
	conversation->chain = chain;
	return conversation;
}

void conversation_free(struct conversation *conversation)
{
	if (conversation == NULL)
		return;
	conversation_abort(conversation);
	if (conversation->session.has_bulk_share)
		bulk_share_leave(conversation->chain->bulk_share);
	gate_close_session(conversation->chain->gate);
	free(conversation);
}

const struct reply *conversation_reply(const struct conversation *conversation)
{
	return &conversation->reply;
}

void conversation_connect(struct conversation *conversation, const char *name,
			  const struct sockaddr *address)
{
	struct session *session = &conversation->session;

	conversation_abort(conversation);
	conversation->client_known = address != NULL && ip_from_sockaddr(address, &session->client);
	snprintf(session->client_text, sizeof(session->client_text), "unknown");
	if (conversation->client_known)
		ip_format(&session->client, session->client_text);
	snprintf(session->client_name, sizeof(session->client_name), "%s", name);
	session->helo[0] = '\0';
}

void conversation_helo(struct conversation *conversation, const char *name)
{
	snprintf(conversation->session.helo, sizeof(conversation->session.helo), "%s", name);
}

static void set_reply(struct reply *reply, enum verdict verdict, const struct decision *decision)
{
	reply->verdict = verdict;
	reply->code = decision->code;
	memcpy(reply->status, decision->status, sizeof(reply->status));
	memcpy(reply->text, decision->text, sizeof(reply->text));
}

/* The message's fate is sealed; the reply outlives it. */
static enum verdict conclude(struct conversation *conversation, enum verdict verdict)
{
	struct transaction *transaction = conversation->transaction;

	set_reply(&conversation->reply, verdict, &transaction->message.decision);
	conversation->transaction = NULL;
	transaction_conclude(transaction, verdict);
	return verdict;
}

static enum verdict conclude_unless_continue(struct conversation *conversation,
					     enum verdict verdict)
{
	return verdict == VERDICT_CONTINUE ? verdict : conclude(conversation, verdict);
}

/* An event of a message that there is none of: what became of it is unknown. */
static enum verdict without_message(struct conversation *conversation)
{
	conversation->reply = (struct reply){
	    .verdict = VERDICT_TEMPFAIL,
	    .code = 451,
	    .status = "4.3.0",
	    .text = "The relay lost track of this message, try again",
	};
	return VERDICT_TEMPFAIL;
}

/* False: the event has its verdict already, because it was due or because there is no message. */
static bool is_open(struct conversation *conversation, enum verdict *verdict_r)
{
	if (conversation->reply_due) {
		conversation->reply_due = false;
		*verdict_r = conversation->reply.verdict;
		return false;
	}
	if (conversation->transaction == NULL) {
		*verdict_r = without_message(conversation);
		return false;
	}
	return true;
}

static enum verdict event_mail(const struct filter *filter, struct session *session,
			       struct message *message, const void *argument)
{
	(void)argument;
	return filter->mail == NULL ? VERDICT_CONTINUE : filter->mail(session, message);
}

static enum verdict event_rcpt(const struct filter *filter, struct session *session,
			       struct message *message, const void *argument)
{
	return filter->rcpt == NULL ? VERDICT_CONTINUE : filter->rcpt(session, message, argument);
}

static enum verdict event_data(const struct filter *filter, struct session *session,
			       struct message *message, const void *argument)
{
	(void)argument;
	return filter->data == NULL ? VERDICT_CONTINUE : filter->data(session, message);
}

static enum verdict event_eoh(const struct filter *filter, struct session *session,
			      struct message *message, const void *argument)
{
	(void)argument;
	return filter->eoh == NULL ? VERDICT_CONTINUE : filter->eoh(session, message);
}

static enum verdict event_body(const struct filter *filter, struct session *session,
			       struct message *message, const void *argument)
{
	const struct body_chunk *chunk = argument;

	if (filter->body == NULL)
		return VERDICT_CONTINUE;
	return filter->body(session, message, chunk->data, chunk->length);
}

static enum verdict event_eom(const struct filter *filter, struct session *session,
			      struct message *message, const void *argument)
{
	(void)argument;
	return filter->eom == NULL ? VERDICT_CONTINUE : filter->eom(session, message);
}

static enum verdict run(struct conversation *conversation, transaction_event event,
			const void *argument)
{
	return transaction_run(conversation->transaction, &conversation->session, event, argument);
}

/* What the chain asks of every message before any filter sees it. */
static enum verdict check_mail(struct conversation *conversation, const char *sender)
{
	struct transaction *transaction = conversation->transaction;
	struct message *message = &transaction->message;
	struct error err;

	snprintf(message->decision.sender, sizeof(message->decision.sender), "%s", sender);
	if (!conversation->client_known)
		return transaction_by_chain(
		    transaction,
		    message_tempfail(message, "4.3.0", "The relay cannot tell who its client is"));
	/* RFC 3463 X.1.7: the syntax of the sender's mailbox address is bad. */
	if (!mailbox_parse(sender, &message->sender, &err))
		return transaction_by_chain(
		    transaction, message_reject(message, "5.1.7", "Sender address: %s", err.text));
	memcpy(message->decision.sender, message->sender.address,
	       strnlen(message->sender.address, sizeof(message->decision.sender) - 1) + 1);
	message->decision.sender[sizeof(message->decision.sender) - 1] = '\0';
	return VERDICT_CONTINUE;
}

enum verdict conversation_mail(struct conversation *conversation, const char *sender,
			       const char *queue_id)
{
	enum verdict verdict;

	conversation_abort(conversation);
	conversation->transaction = transaction_new(conversation->chain, &conversation->session);
	transaction_set_queue_id(conversation->transaction, queue_id);
	verdict = check_mail(conversation, sender);
	if (verdict == VERDICT_CONTINUE)
		verdict = run(conversation, event_mail, NULL);
	return conclude_unless_continue(conversation, verdict);
}

/* Only this recipient is refused: the message's own decision stays as it was. */
static enum verdict refuse_recipient(struct conversation *conversation, enum verdict verdict,
				     const struct decision *before)
{
	struct decision *decision = &conversation->transaction->message.decision;
	int64_t elapsed_us = decision->elapsed_us;

	set_reply(&conversation->reply, verdict, decision);
	*decision = *before;
	decision->elapsed_us = elapsed_us;
	return verdict;
}

static enum verdict run_rcpt(struct conversation *conversation, const char *recipient)
{
	struct message *message = &conversation->transaction->message;
	struct mailbox mailbox;
	struct error err;

	/* RFC 3463 X.1.3: the syntax of the destination mailbox address is bad. */
	if (!mailbox_parse(recipient, &mailbox, &err))
		return transaction_by_chain(
		    conversation->transaction,
		    message_reject(message, "5.1.3", "Recipient address: %s", err.text));
	return run(conversation, event_rcpt, &mailbox);
}

/* A recipient that the chain has accepted; the MTA may still refuse it and does not say so. */
static void accept_recipient(struct conversation *conversation, const char *recipient)
{
	struct message *message = &conversation->transaction->message;
	struct mailbox mailbox;
	struct error unparsed;

	if (message->recipients++ == 0 && mailbox_parse(recipient, &mailbox, &unparsed))
		memcpy(message->recipient, mailbox.address, sizeof(message->recipient));
	recipients_receive(message->envelope, recipient);
}

enum verdict conversation_rcpt(struct conversation *conversation, const char *recipient)
{
	struct decision before;
	enum verdict verdict = VERDICT_CONTINUE;

	if (!chain_asks_rcpt(conversation->chain)) {
		if (conversation->transaction != NULL)
			accept_recipient(conversation, recipient);
		return VERDICT_CONTINUE;
	}
	if (!is_open(conversation, &verdict))
		return verdict;
	before = conversation->transaction->message.decision;
	verdict = run_rcpt(conversation, recipient);
	switch (verdict) {
	case VERDICT_CONTINUE:
		accept_recipient(conversation, recipient);
		return verdict;
	case VERDICT_REJECT:
	case VERDICT_TEMPFAIL:
		return refuse_recipient(conversation, verdict, &before);
	case VERDICT_DISCARD:
		return conclude(conversation, verdict);
	}
	return verdict;
}

enum verdict conversation_data(struct conversation *conversation, const char *queue_id)
{
	enum verdict verdict;

	if (conversation->transaction != NULL)
		transaction_set_queue_id(conversation->transaction, queue_id);
	if (!chain_asks_data(conversation->chain))
		return VERDICT_CONTINUE;
	if (!is_open(conversation, &verdict))
		return verdict;
	return conclude_unless_continue(conversation, run(conversation, event_data, NULL));
}

void conversation_header(struct conversation *conversation, const char *name, const char *value)
{
	struct transaction *transaction = conversation->transaction;

	if (transaction == NULL || transaction->headers_done ||
	    headers_receive(transaction->message.headers, name, value))
		return;
	/* RFC 3463 X.3.4: the message is too big for the system. */
	conclude(
	    conversation,
	    transaction_by_chain(
		transaction,
		message_reject(&transaction->message, "5.3.4",
			       "Too many or too long headers (at most %d, %zu octets together)",
			       HEADERS_COUNT_MAX, conversation->chain->limits.max_header_bytes)));
	conversation->reply_due = true;
}

/* The end of the headers, once: some MTAs leave the event out when there is no header. */
static enum verdict finish_headers(struct conversation *conversation)
{
	if (conversation->transaction->headers_done)
		return VERDICT_CONTINUE;
	conversation->transaction->headers_done = true;
	message_copy_headers(&conversation->transaction->message);
	return run(conversation, event_eoh, NULL);
}

enum verdict conversation_eoh(struct conversation *conversation, const char *queue_id)
{
	enum verdict verdict;

	if (!is_open(conversation, &verdict))
		return verdict;
	transaction_set_queue_id(conversation->transaction, queue_id);
	return conclude_unless_continue(conversation, finish_headers(conversation));
}

void conversation_body(struct conversation *conversation, const void *chunk, size_t length)
{
	struct body_chunk body = {chunk, length};
	enum verdict verdict;

	if (conversation->transaction == NULL || !chain_asks_body(conversation->chain))
		return;
	verdict = finish_headers(conversation);
	message_copy_body(&conversation->transaction->message, chunk, length);
	if (verdict == VERDICT_CONTINUE)
		verdict = run(conversation, event_body, &body);
	if (verdict == VERDICT_CONTINUE)
		return;
	conclude(conversation, verdict);
	conversation->reply_due = true;
}

/* Tells the MTA what the filters changed. */
static enum verdict apply_changes(struct transaction *transaction, conversation_apply apply,
				  void *context)
{
	struct changes changes;
	bool done;

	changes_gather(&transaction->message, &changes);
	done = apply(context, &changes);
	changes_free(&changes);
	if (done)
		return VERDICT_CONTINUE;
	return transaction_by_chain(transaction,
				    message_tempfail(&transaction->message, "4.3.0",
						     "The relay could not change the message"));
}

enum verdict conversation_eom(struct conversation *conversation, const char *queue_id,
			      conversation_apply apply, void *context)
{
	enum verdict verdict;

	if (!is_open(conversation, &verdict))
		return verdict;
	transaction_set_queue_id(conversation->transaction, queue_id);
	verdict = finish_headers(conversation);
	if (verdict == VERDICT_CONTINUE)
		verdict = run(conversation, event_eom, NULL);
	if (verdict == VERDICT_CONTINUE)
		verdict = apply_changes(conversation->transaction, apply, context);
	return conclude(conversation, verdict);
}

void conversation_abort(struct conversation *conversation)
{
	struct transaction *transaction = conversation->transaction;

	conversation->reply_due = false;
	conversation->transaction = NULL;
	if (transaction != NULL)
		transaction_abandon(transaction);
}
