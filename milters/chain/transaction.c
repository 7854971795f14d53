/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of one message in the chain. */
#include "milters/chain/transaction.h"
#include "common/clock.h"
#include "common/log.h"
#include "milters/chain/headers.h"
#include "milters/chain/memory.h"
#include "milters/chain/recipients.h"
#include "milters/chain/scan.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whose verdict it is when no filter gave it. */
#define CHAIN_NAME "chain"

/* Less than Postfix waits for an answer to a command (milter_command_timeout, 30 s). */
#define BULK_WAIT_MS 20000

void *filter_process(const struct session *session)
{
	return session->slot->process;
}

void *filter_message(const struct session *session)
{
	return session->slot->message;
}

struct transaction *transaction_new(struct chain *chain, const struct session *session)
{
	struct transaction *transaction =
	    memory_new(1, sizeof(*transaction) + chain->count * sizeof(struct filter_slot));
	struct decision *decision = &transaction->message.decision;

	transaction->chain = chain;
	transaction->message.headers = headers_new(chain->limits.max_header_bytes);
	transaction->message.envelope = memory_new(1, sizeof(struct recipients));
	if (chain_asks_scan(chain) || chain_asks_facts(chain))
		transaction->message.copy = message_copy_new(
		    chain->limits.max_scan_bytes, chain_asks_scan(chain), chain_asks_facts(chain));
	snprintf(decision->client, sizeof(decision->client), "%s", session->client_text);
	snprintf(decision->helo, sizeof(decision->helo), "%s", session->helo);
	for (size_t i = 0; i < chain->count; i++) {
		struct filter_slot *slot = &transaction->slots[i];

		*slot = chain->slots[i];
		if (slot->filter->message_new != NULL)
			slot->message = slot->filter->message_new(slot->process);
	}
	return transaction;
}

void transaction_set_queue_id(struct transaction *transaction, const char *queue_id)
{
	struct decision *decision = &transaction->message.decision;

	if (queue_id != NULL && queue_id[0] != '\0')
		snprintf(decision->queue_id, sizeof(decision->queue_id), "%s", queue_id);
}

static void note_filter(struct decision *decision, const char *name)
{
	snprintf(decision->filter, sizeof(decision->filter), "%s", name);
}

/* A filter that only returned the verdict gets the reply that goes with it. */
static void complete_reply(struct message *message, enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_CONTINUE:
		return;
	case VERDICT_REJECT:
		if (message->decision.verdict != DECISION_REJECT)
			(void)message_reject(message, "5.7.1", "Message refused");
		return;
	case VERDICT_TEMPFAIL:
		if (message->decision.verdict != DECISION_TEMPFAIL)
			(void)message_tempfail(message, "4.7.1", "Try again later");
		return;
	case VERDICT_DISCARD:
		if (message->decision.verdict != DECISION_DISCARD)
			(void)message_discard(message, "Message dropped");
		return;
	}
}

enum verdict transaction_by_chain(struct transaction *transaction, enum verdict verdict)
{
	note_filter(&transaction->message.decision, CHAIN_NAME);
	return verdict;
}

static enum verdict run_filters(struct transaction *transaction, struct session *session,
				transaction_event event, const void *argument)
{
	struct decision *decision = &transaction->message.decision;

	for (size_t i = 0; i < transaction->chain->count; i++) {
		const struct filter_slot *slot = &transaction->slots[i];
		enum decision_verdict before = decision->verdict;
		enum verdict verdict;

		if (transaction->message.is_return && !slot->filter->takes_returns)
			continue;
		session->slot = slot;
		verdict = event(slot->filter, session, &transaction->message, argument);
		session->slot = NULL;
		complete_reply(&transaction->message, verdict);
		if (verdict != VERDICT_CONTINUE || decision->verdict != before)
			note_filter(decision, slot->filter->name);
		if (verdict != VERDICT_CONTINUE)
			return verdict;
	}
	return VERDICT_CONTINUE;
}

/* RFC 3463 X.3.2: the system is not accepting messages. 421 makes the MTA end the session, which gives its process
 * back. */
static enum verdict refuse_session(struct transaction *transaction)
{
	struct message *message = &transaction->message;

	(void)message_tempfail(message, "4.3.2",
			       "Too many sessions with bulk mail; try again later");
	message->decision.code = 421;
	return transaction_by_chain(transaction, VERDICT_TEMPFAIL);
}

/* Bulk mail waits for its turn as soon as it is known to be that; whoever waits holds nobody else up. */
static enum verdict take_turn(struct transaction *transaction, struct session *session)
{
	struct message *message = &transaction->message;
	struct bulk_share *share = transaction->chain->bulk_share;
	const struct setting_value *settings;

	if (message->decision.way != WAY_BULK || message->policy == NULL || transaction->has_turn)
		return VERDICT_CONTINUE;
	settings = message->policy->settings;
	if (!session->has_bulk_share &&
	    !bulk_share_enter(share, settings[SETTING_BULK_SESSIONS].number))
		return refuse_session(transaction);
	session->has_bulk_share = true;
	transaction->has_turn = true;
	if (bulk_share_wait(share, settings[SETTING_BULK_RATE].number, BULK_WAIT_MS))
		return VERDICT_CONTINUE;
	return transaction_by_chain(
	    transaction,
	    message_tempfail(message, "4.3.2", "Too much bulk mail at once; try again later"));
}

enum verdict transaction_run(struct transaction *transaction, struct session *session,
			     transaction_event event, const void *argument)
{
	struct gate *gate = transaction->chain->gate;
	struct message *message = &transaction->message;
	int64_t began = clock_us();
	enum verdict verdict;

	if (gate_enter(gate)) {
		verdict = run_filters(transaction, session, event, argument);
		gate_leave(gate);
	} else {
		verdict = transaction_by_chain(
		    transaction,
		    message_tempfail(message, "4.3.2", "The relay is busy, try again later"));
	}
	message->decision.elapsed_us += clock_us() - began;
	return verdict == VERDICT_CONTINUE ? take_turn(transaction, session) : verdict;
}

/* Logs and keeps the decision, then lets go of everything. */
static void transaction_end(struct transaction *transaction)
{
	struct message *message = &transaction->message;
	struct decision *decision = &message->decision;
	char line[DECISION_LINE_SIZE];

	decision->recipients = message->recipients;
	decision->generation = message->generation;
	if (message->policy != NULL)
		snprintf(decision->tenant, sizeof(decision->tenant), "%s", message->policy->tenant);
	decision_format(decision, line, sizeof(line));
	log_info("%s", line);
	recent_put(transaction->chain->recent, decision);
	__atomic_fetch_add(&transaction->chain->messages, 1, __ATOMIC_RELAXED);
	for (size_t i = transaction->chain->count; i-- > 0;) {
		if (transaction->slots[i].filter->message_free != NULL)
			transaction->slots[i].filter->message_free(transaction->slots[i].message);
	}
	recipients_clear(message->envelope);
	free(message->envelope);
	free(message->new_body);
	headers_free(message->headers);
	message_copy_free(message->copy);
	policy_release(message->policy);
	free(transaction);
}

void transaction_conclude(struct transaction *transaction, enum verdict verdict)
{
	struct decision *decision = &transaction->message.decision;

	if (verdict == VERDICT_CONTINUE) {
		if (decision->verdict == DECISION_NONE)
			decision->verdict = DECISION_ACCEPT;
		decision->code = 250;
		snprintf(decision->status, sizeof(decision->status), "2.0.0");
	}
	transaction_end(transaction);
}

void transaction_abandon(struct transaction *transaction)
{
	transaction->message.decision.verdict = DECISION_NONE;
	transaction->message.decision.filter[0] = '\0';
	transaction->message.decision.text[0] = '\0';
	transaction_end(transaction);
}
