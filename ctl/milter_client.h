/* SPDX-License-Identifier: BSD-2-Clause */
/* The milter protocol, version 6, from Postfix 3.7's side: one session with one message. */
#ifndef EASYMAIL_CTL_MILTER_CLIENT_H
#define EASYMAIL_CTL_MILTER_CLIENT_H

#include "common/error.h"
#include "common/ip.h"
#include "ctl/pairs.h"
#include <stddef.h>

/* What Postfix knows before the first header. */
struct milter_envelope {
	struct ip client;
	const char *client_name; /* "unknown" when it has none that is verified */
	const char *helo;
	const char *sender;            /* without angle brackets */
	const char *const *recipients; /* the same; ends with NULL */
	const char *queue_id;
	const char *hostname; /* macro j */
};

/* A message as Postfix holds it: header values keep the blank after the colon; folds and body lines end with LF. */
struct milter_message {
	struct pairs headers; /* in order; only pairs_append fills it, names may be doubled */
	char *body;           /* lines end with CRLF */
	size_t body_length;
};

enum milter_action {
	MILTER_ADD,    /* a header at the end */
	MILTER_INSERT, /* a header at `index` */
	MILTER_CHANGE, /* the `index`th header of that name, from 1 */
	MILTER_DELETE, /* likewise */
};

struct milter_change {
	enum milter_action action;
	unsigned index;
	char *name;
	char *value;
};

struct milter_recipient {
	bool added;
	char *address; /* as the milter wrote it, in angle brackets */
};

enum milter_verdict {
	MILTER_ACCEPT,
	MILTER_REJECT,
	MILTER_TEMPFAIL,
	MILTER_DISCARD,
	MILTER_QUARANTINE,
};

struct milter_result {
	enum milter_verdict verdict;
	char reply[1024]; /* "550 5.7.1 …"; "" when the milter left it to Postfix */
	const char
	    *stage; /* "connect", "helo", "mail", "rcpt", "data", "header", "eoh", "body", "eom" */
	size_t refused_recipients;
	size_t change_count;
	struct milter_change *changes;
	bool new_body; /* `body` takes the place of the message's */
	char *body;    /* NUL-terminated; NULL: nothing in it */
	size_t body_length;
	size_t recipient_count;
	struct milter_recipient *recipients; /* that are added or taken away, in order */
};

const char *milter_verdict_name(enum milter_verdict verdict);
const char *milter_action_name(enum milter_action action);

/*
 * Connects to the Unix socket, and plays the session. Each answer must come within timeout_ms. False: no verdict could
 * be had. Free the result with milter_result_free in either case.
 */
bool milter_check(const char *socket, int timeout_ms, const struct milter_envelope *envelope,
		  const struct milter_message *message, struct milter_result *result_r,
		  struct error *err) __attribute__((nonnull(1, 3, 4, 5, 6), warn_unused_result));
void milter_result_free(struct milter_result *result) __attribute__((nonnull));

#endif
