/* SPDX-License-Identifier: BSD-2-Clause */
/* What a receiver's reply to our mail means: the classes that replies are sorted into. */
#ifndef EASYMAIL_REPLY_CLASS_H
#define EASYMAIL_REPLY_CLASS_H

#include <stdbool.h>

enum reply_class {
	REPLY_ACCEPTED,
	REPLY_REPUTATION, /* refused for what the sending address, or its network, is known for */
	REPLY_LISTED,     /* refused because a blocklist that is named has the address */
	REPLY_RATE,       /* too much or too fast from this address or sender */
	REPLY_GREYLISTED, /* "try again later" at a first contact */
	REPLY_POLICY,     /* the receiver's own rules; not the address' reputation */
	REPLY_AUTHENTICATION,   /* SPF, DKIM or DMARC of the sender's domain, or reverse DNS */
	REPLY_CONTENT,          /* this message looks like spam, or holds what is not taken */
	REPLY_VIRUS,            /* this message is taken for malware */
	REPLY_SIZE,             /* this message is too large */
	REPLY_MAILBOX_UNKNOWN,  /* no such recipient */
	REPLY_MAILBOX_DISABLED, /* there, but takes no mail */
	REPLY_MAILBOX_FULL,
	REPLY_RELAY_DENIED, /* this server does not take mail for that domain */
	REPLY_DNS,          /* the recipient's domain cannot be resolved, or takes no mail */
	REPLY_CONNECTION,   /* no connection, or it was lost */
	REPLY_TLS,          /* no secure connection as wanted */
	REPLY_TROUBLE,      /* a fault or shortage of the receiver's own */
	REPLY_LOOP,         /* too many hops */
	REPLY_LOCAL,        /* not tried: Postfix or easymail held it back or gave it up */
	REPLY_OTHER,        /* nothing that the table knows */
	REPLY_AUTOMATIC, /* no refusal: a machine answers for the recipient; in mail that comes back only */
	REPLY_CLASS_COUNT,
};

/* "accepted", "mailbox_unknown", …: as the journal and the table of rules have it. */
const char *reply_class_name(enum reply_class class);
bool reply_class_parse(const char *text, enum reply_class *class_r) __attribute__((nonnull));

/* One line on what it means, for people. */
const char *reply_class_help(enum reply_class class);

/* Is the sending address itself refused: what supervision counts against it? */
bool reply_class_blames_address(enum reply_class class);

#endif
