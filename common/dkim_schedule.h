/* SPDX-License-Identifier: BSD-2-Clause */
/* When a DKIM key goes to its next state by itself: a decision from facts, which asks nobody. */
#ifndef EASYMAIL_DKIM_SCHEDULE_H
#define EASYMAIL_DKIM_SCHEDULE_H

#include "common/dkim_record.h"

/* Is mail still queued that the key may have signed? */
enum dkim_queue {
	DKIM_QUEUE_NOT_ASKED,
	DKIM_QUEUE_UNKNOWN, /* the queue could not be read */
	DKIM_QUEUE_HOLDS_OLDER,
	DKIM_QUEUE_DRAINED,
};

struct dkim_key_facts {
	enum dkim_key_state state;
	int64_t state_age_s;
	int64_t rotate_days; /* of its tenant; 0: keys of its domains change by hand only */
	int64_t retire_days;
	bool has_next;         /* active: a pending key of its domain and algorithm is there */
	bool was_looked_for;   /* pending: DNS was asked, and `sight` is the answer */
	enum dkim_sight sight; /* of its record */
	enum dkim_queue queue; /* retiring: of mail from before it was replaced */
};

enum dkim_step {
	DKIM_STEP_NONE,
	DKIM_STEP_MAKE_NEXT,
	DKIM_STEP_ASK_DNS, /* decide again with `sight` */
	DKIM_STEP_ACTIVATE,
	DKIM_STEP_AWAIT_RECORD, /* nobody has published it yet */
	DKIM_STEP_BAD_RECORD,   /* DNS has another, or could not tell: somebody has to mend that */
	DKIM_STEP_ASK_QUEUE,    /* decide again with `queue` */
	DKIM_STEP_RETIRE,
	DKIM_STEP_AWAIT_QUEUE,
	DKIM_STEP_BAD_QUEUE, /* it could not be read */
};

enum dkim_step dkim_schedule_step(const struct dkim_key_facts *facts) __attribute__((nonnull));

/* May a message that came into the queue at `arrival` have been signed by a key that was replaced at
 * `replaced`? Both in seconds since 1970. Generous: keys change beside mail that is being signed. */
bool dkim_schedule_may_have_signed(int64_t arrival, int64_t replaced);

#endif
