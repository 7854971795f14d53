/* SPDX-License-Identifier: BSD-2-Clause */
/* What a line of Postfix's, or easymail-milter's `decision` line, says about a message. Hostile text: fuzzed. */
#ifndef EASYMAIL_TRACKER_POSTFIX_LINE_H
#define EASYMAIL_TRACKER_POSTFIX_LINE_H

#include "common/domain.h"
#include "common/egress_select.h"
#include "common/journal_delivery.h"

enum line_kind {
	LINE_OTHER,    /* nothing that the journal keeps */
	LINE_SENDER,   /* qmgr took it up: its queue id and sender */
	LINE_DELIVERY, /* an attempt to deliver it to one recipient */
	LINE_EXPIRED,  /* it was in the queue too long: a delivery without a recipient */
	LINE_REMOVED,  /* it is gone from the queue */
	LINE_DECISION, /* what easymail-milter decided */
};

/* Texts point into the line or this; never copy it. */
struct line_event {
	enum line_kind kind;
	const char *queue_id;             /* also in delivery and decision */
	const char *sender;               /* of LINE_SENDER and LINE_EXPIRED */
	struct journal_delivery delivery; /* without time, tenant, sender and class */
	struct journal_decision decision; /* without time */
	char transport[EGRESS_TRANSPORT_SIZE], egress[IP_TEXT_SIZE], domain[DOMAIN_SIZE];
};

/* Both texts are changed. */
void postfix_line_parse(char *program, char *text, struct line_event *event_r)
    __attribute__((nonnull));

#endif
