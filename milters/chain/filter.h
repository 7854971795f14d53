/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole contract between the runner and a filter: a table of callbacks and the verdicts they
 * give. A filter never sees libmilter; the runner never sees what a filter decides from.
 *
 * Argument order everywhere: session, message, the event's own, struct error last.
 */
#ifndef EASYMAIL_FILTER_H
#define EASYMAIL_FILTER_H

#include "common/config.h"
#include "common/policy.h"
#include "milters/chain/message.h"
#include "milters/chain/session.h"

enum verdict {
	VERDICT_CONTINUE, /* the next filter, the next event */
	VERDICT_REJECT,   /* 5xx, for good: the message, or in `rcpt` that recipient only */
	VERDICT_TEMPFAIL, /* 4xx: the tenant's server keeps it and tries again */
	VERDICT_DISCARD,  /* taken with 250 and dropped; the decision record says so */
};

/* What the filters of one process share. */
struct filter_context {
	const struct config *config;
	struct policy_store *policies;
	const struct filter *const *filters; /* of the chain, in their order */
	size_t filter_count;
};

/*
 * Every callback may be NULL. Events come in SMTP order; a filter that gave a verdict other than
 * CONTINUE sees no later event of that message, and neither do the filters after it. `message_free`
 * runs exactly once for each `message_new`, however the message ends.
 */
struct filter {
	const char *name;    /* "tenant": in logs, decision records, `-m` */
	const char *purpose; /* one sentence for the usage text */
	bool needs_body;     /* asks for `body`; when none does, Postfix keeps the body to itself */
	bool needs_scan;    /* asks message_scan at eom: the chain keeps the whole message for it */
	bool needs_facts;   /* asks message_facts; the message is scanned only if others ask */
	bool takes_returns; /* sees what comes to our return paths too, not only what leaves */
	unsigned changes; /* FILTER_CHANGES_…: what it may do to a message, for the negotiation */

	bool (*start)(const struct filter_context *context, void **process_r, struct error *err);
	void (*stop)(void *process);
	void (*report)(void *process, struct json *state); /* puts its own keys; in any thread */
	void *(*message_new)(void *process);
	void (*message_free)(void *state);

	enum verdict (*mail)(struct session *session, struct message *message);
	enum verdict (*rcpt)(struct session *session, struct message *message,
			     const struct mailbox *recipient);
	enum verdict (*data)(struct session *session, struct message *message);
	enum verdict (*eoh)(struct session *session,
			    struct message *message); /* headers are complete */
	enum verdict (*body)(struct session *session, struct message *message, const void *chunk,
			     size_t length);
	enum verdict (*eom)(struct session *session, struct message *message);
};

#define FILTER_CHANGES_HEADERS    0x01u
#define FILTER_CHANGES_BODY       0x02u
#define FILTER_CHANGES_RECIPIENTS 0x04u
#define FILTER_CHANGES_SENDER     0x08u
#define FILTER_QUARANTINES        0x10u

/* The calling filter's own state: of the process, of this message. */
void *filter_process(const struct session *session) __attribute__((nonnull));
void *filter_message(const struct session *session) __attribute__((nonnull));

/*
 * The ways to give a verdict other than CONTINUE: note reply and filter in the message's decision,
 * then return the verdict. `code` is the enhanced status code (RFC 3463); the SMTP code is 550 for a
 * reject and 451 for a tempfail. The text may quote hostile input: the runner makes it printable.
 */
enum verdict message_reject(struct message *message, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull));
enum verdict message_tempfail(struct message *message, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull));
enum verdict message_discard(struct message *message, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull));

/* Adds to what the record of a message that is let through says; a message that is held keeps its reason alone. */
void message_remark(struct message *message, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull));

/* Postfix's hold queue once the whole chain has passed; CONTINUE, the first reason stays. The held message
 * gets a header for easymailctl: `TENANT FILTER: REASON`. */
#define QUARANTINE_HEADER "X-Easymail-Quarantine"
enum verdict message_quarantine(struct message *message, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull));

/* A note on a message that passes, behind those that are there, for its decision record: what was done or left. */
void message_remark(struct message *message, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull));

#endif
