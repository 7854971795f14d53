/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A circuit breaker: after so many failures in a row nobody is made to wait for rspamd any more; after a pause one
 * message tries, and by what becomes of it all may ask again or another pause begins. Used by all threads at once.
 */
#ifndef EASYMAIL_ANTISPAM_BREAKER_H
#define EASYMAIL_ANTISPAM_BREAKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum breaker_state {
	BREAKER_CLOSED,  /* all may ask */
	BREAKER_OPEN,    /* nobody may */
	BREAKER_PROBING, /* one is asking, the others may not */
};

struct breaker {
	unsigned failures_max; /* in a row */
	int64_t pause_ms;
	pthread_mutex_t lock; /* of what follows */
	enum breaker_state state;
	unsigned failures;
	int64_t opened_ms; /* by clock_ms */
};

/* Two closed or opened are not told apart: what changed, for the log. */
enum breaker_change {
	BREAKER_UNCHANGED,
	BREAKER_OPENED,
	BREAKER_REOPENED, /* the one that tried failed as well */
	BREAKER_RECLOSED,
};

void breaker_init(struct breaker *breaker, unsigned failures_max, int64_t pause_ms)
    __attribute__((nonnull));
void breaker_destroy(struct breaker *breaker) __attribute__((nonnull));

/* May this message ask now? After true, breaker_report has to follow. */
bool breaker_may_ask(struct breaker *breaker, int64_t now_ms)
    __attribute__((nonnull, warn_unused_result));
enum breaker_change breaker_report(struct breaker *breaker, bool answered, int64_t now_ms)
    __attribute__((nonnull));

enum breaker_state breaker_state(struct breaker *breaker) __attribute__((nonnull));
const char *breaker_state_name(enum breaker_state state); /* "closed" … */

#endif
