/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a message that came back says: about which recipients, and what. Reads delivery status notifications
 * (RFC 3464, RFC 6522), feedback reports (RFC 5965), and the texts that mail systems without either write. Never
 * fails: what it does not understand is BOUNCE_NONE. What it says is a stranger's word; bounces.h judges it.
 */
#ifndef EASYMAIL_BOUNCE_REPORT_H
#define EASYMAIL_BOUNCE_REPORT_H

#include "common/mailbox.h"
#include <stddef.h>

#define BOUNCE_RECIPIENTS_MAX 16
#define BOUNCE_TEXT_SIZE      1024
#define BOUNCE_BODY_SIZE      4096
#define BOUNCE_FIELD_SIZE     320

enum bounce_kind {
	BOUNCE_NONE,      /* tells of no delivery */
	BOUNCE_REPORT,    /* of mail that was not delivered, or not yet */
	BOUNCE_COMPLAINT, /* its reader called the mail unwanted */
	BOUNCE_AUTO_REPLY, /* a machine answers for its owner (RFC 3834), or says that mail was read (RFC 8098) */
};

enum bounce_action {
	BOUNCE_FAILED,
	BOUNCE_DELAYED,   /* the sender's side need do nothing yet */
	BOUNCE_DELIVERED, /* or relayed, or expanded: nothing is wrong */
};

struct bounce_recipient {
	char address[MAILBOX_SIZE]; /* as the report has it; need not be one */
	enum bounce_action action;
	char status[12];             /* enhanced status code (RFC 3463), "" when there is none */
	char text[BOUNCE_TEXT_SIZE]; /* what the receiving side said; one line */
};

struct bounce_report {
	enum bounce_kind kind;
	size_t count;
	struct bounce_recipient recipients[BOUNCE_RECIPIENTS_MAX];
	char from[BOUNCE_FIELD_SIZE], subject[BOUNCE_FIELD_SIZE];
	char body[BOUNCE_BODY_SIZE]; /* what it says to people; one line */
	char returned_path
	    [BOUNCE_FIELD_SIZE]; /* envelope sender of the mail it is about; "" unknown */
	char returned_to[BOUNCE_FIELD_SIZE]; /* header To of that mail; "" unknown */
	char returned_id[BOUNCE_FIELD_SIZE]; /* its Message-ID; "" unknown */
};

void bounce_read(const void *octets, size_t length, struct bounce_report *report_r)
    __attribute__((nonnull));

const char *bounce_kind_name(enum bounce_kind kind);

#endif
