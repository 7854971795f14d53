/* SPDX-License-Identifier: BSD-2-Clause */
/* The decision record: all that was decided about one message, as logged, shown and kept. */
#ifndef EASYMAIL_DECISION_H
#define EASYMAIL_DECISION_H

#include "common/egress_select.h"
#include "common/egress_way.h"
#include "common/ip.h"
#include "common/json.h"
#include "common/mailbox.h"

#define DECISION_LINE_SIZE 4096 /* any decision's line, with the NUL */

enum decision_verdict {
	DECISION_NONE, /* not decided yet; at the end of a session: the client left in mid-message */
	DECISION_ACCEPT,
	DECISION_REJECT,
	DECISION_TEMPFAIL,
	DECISION_DISCARD,
	DECISION_QUARANTINE,
};

struct decision {
	enum decision_verdict verdict;
	char queue_id[64]; /* Postfix's; "" when it ended before DATA */
	char client[IP_TEXT_SIZE];
	char helo[256];
	char sender[MAILBOX_SIZE];          /* "" is the null sender */
	size_t recipients;                  /* accepted */
	char tenant[64];                    /* "" when none was found */
	char filter[16];                    /* whose verdict it is; "" when all let it pass */
	int code;                           /* 250, 451, 550 … */
	char status[12];                    /* "5.7.1" */
	char text[512];                     /* of the reply, or the reason of a quarantine */
	char egress[EGRESS_TRANSPORT_SIZE]; /* the transport chosen; "" for none */
	enum egress_way way;                /* corporate unless something put it in another */
	char return_path[320]; /* the envelope sender that it leaves with; "" for its own */
	char spf[12];          /* what receivers' SPF checks of the sender will say for it:
	                                       "pass", … or "unknown"; "" when not asked */
	char signatures[384];  /* DKIM: "DOMAIN/SELECTOR,…"; "" for none */
	int64_t generation;    /* of the policy it was decided by; 0 for none */
	int64_t elapsed_us;    /* from MAIL to the verdict, in the chain's own time */
};

const char *decision_verdict_name(enum decision_verdict verdict);

/*
 * The one line per message: `decision id=… client=… helo=… from=<…> rcpts=… tenant=… verdict=… filter=…
 * code=… status=… egress=… way=… return_path=<…> spf=… dkim=… generation=… us=… text="…"`, keys always all there and in this order; values are made
 * printable, `"` becomes `'` and `\` becomes `/`; blanks become `_` except in text. DECISION_LINE_SIZE holds any.
 */
void decision_format(const struct decision *decision, char *line_r, size_t size)
    __attribute__((nonnull));

/* The same as an object: keys verdict, reply, filter, tenant, egress and the rest. */
struct json *decision_to_json(const struct decision *decision) __attribute__((nonnull));

#endif
