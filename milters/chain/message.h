/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One message on its way through the chain: envelope, policy, headers as they will leave, decision.
 *
 * Filters change the model; the runner compares it with what arrived and tells Postfix at the end, so
 * that each filter sees what those before it made, and the last one signs what leaves.
 */
#ifndef EASYMAIL_MESSAGE_H
#define EASYMAIL_MESSAGE_H

#include "common/decision.h"
#include "common/mailbox.h"
#include "common/policy.h"

struct header {
	const char *name; /* as written */
	const char
	    *value; /* with its folds as LF and the leading white space that it arrived with */
};

struct headers;      /* the list; message_header_… */
struct message_copy; /* scan.h */
struct recipients;   /* message_recipient_… */

struct message {
	struct mailbox sender;
	size_t recipients; /* accepted so far */
	char recipient[sizeof(
	    ((struct mailbox *)0)
		->address)]; /* the first of them; "" when it cannot be read, or a filter changed them */
	struct policy *policy; /* NULL until the tenant filter knows; released with the message */
	enum egress_way client_stream; /* that its relay host puts its mail in */
	int64_t generation;            /* of the database when the policy was read */
	struct headers *headers;
	struct message_copy *copy; /* NULL unless a filter has `needs_scan` or `needs_facts` */
	struct recipients *envelope;
	void *new_body; /* NULL: the one that arrived stays; message_new_body */
	size_t new_body_length;
	struct decision decision;
};

/*
 * Puts the message on another way, where it leaves from addresses of its own. A way overrules those before it in
 * enum egress_way and none takes a message back; until the egress filter's eom. decision.way says which it is.
 */
void message_set_way(struct message *message, enum egress_way way) __attribute__((nonnull));

/* The envelope sender that the message leaves with, in decision.return_path; "" leaves it as it came. */
void message_set_return_path(struct message *message, const char *address) __attribute__((nonnull));

/* Headers are counted from 0 in the order they will leave in; deleted ones are not counted. */
size_t message_header_count(const struct message *message) __attribute__((nonnull));
const struct header *message_header_at(const struct message *message, size_t index)
    __attribute__((nonnull));

/* The first at or after `from` whose name is `name` in any case: its index in *index_r. */
bool message_header_find(const struct message *message, const char *name, size_t from,
			 size_t *index_r) __attribute__((nonnull));

/* Copies are taken. Insert puts it before the header at `index` (0: at the top, below what Postfix itself
 * puts there); add puts it last. Values are unfolded or folded with LF; no leading blank needed. */
void message_header_insert(struct message *message, size_t index, const char *name,
			   const char *value) __attribute__((nonnull));
void message_header_add(struct message *message, const char *name, const char *value)
    __attribute__((nonnull));
void message_header_replace(struct message *message, size_t index, const char *value)
    __attribute__((nonnull));
void message_header_delete(struct message *message, size_t index) __attribute__((nonnull));

/* The recipients that it will go to. Adding one that is there already changes nothing. */
size_t message_recipient_count(const struct message *message) __attribute__((nonnull));
const char *message_recipient_at(const struct message *message, size_t index)
    __attribute__((nonnull));
void message_recipient_add(struct message *message, const char *address) __attribute__((nonnull));
void message_recipients_delete(struct message *message) __attribute__((nonnull)); /* all */

/*
 * At eom: another body, lines ending in CRLF, in place of the one that arrived or an earlier replacement. The
 * octets, from malloc, become the message's. Filters that come later read it here: their `body` has seen the
 * one that arrived. NULL: that one stays.
 */
void message_replace_body(struct message *message, void *octets, size_t length)
    __attribute__((nonnull));
const void *message_new_body(const struct message *message, size_t *length_r)
    __attribute__((nonnull));

#endif
