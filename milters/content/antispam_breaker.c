/* SPDX-License-Identifier: BSD-2-Clause */
/* States and their changes. */
#include "milters/content/antispam_breaker.h"

void breaker_init(struct breaker *breaker, unsigned failures_max, int64_t pause_ms)
{
	*breaker = (struct breaker){.failures_max = failures_max, .pause_ms = pause_ms};
	pthread_mutex_init(&breaker->lock, NULL);
}

void breaker_destroy(struct breaker *breaker)
{
	pthread_mutex_destroy(&breaker->lock);
}

static bool may_ask(struct breaker *breaker, int64_t now_ms)
{
	switch (breaker->state) {
	case BREAKER_CLOSED:
		return true;
	case BREAKER_OPEN:
		if (now_ms - breaker->opened_ms < breaker->pause_ms)
			return false;
		breaker->state = BREAKER_PROBING;
		return true;
	case BREAKER_PROBING:
		return false;
	}
	return false;
}

bool breaker_may_ask(struct breaker *breaker, int64_t now_ms)
{
	bool may;

	pthread_mutex_lock(&breaker->lock);
	may = may_ask(breaker, now_ms);
	pthread_mutex_unlock(&breaker->lock);
	return may;
}

/* An answer closes it whoever got it: those that asked before it opened may still be under way. */
static enum breaker_change report_answer(struct breaker *breaker)
{
	enum breaker_change change =
	    breaker->state == BREAKER_CLOSED ? BREAKER_UNCHANGED : BREAKER_RECLOSED;

	breaker->state = BREAKER_CLOSED;
	breaker->failures = 0;
	return change;
}

static enum breaker_change report_failure(struct breaker *breaker, int64_t now_ms)
{
	enum breaker_state before = breaker->state;

	if (breaker->failures < breaker->failures_max)
		breaker->failures++;
	if (before == BREAKER_OPEN || breaker->failures < breaker->failures_max)
		return BREAKER_UNCHANGED;
	breaker->state = BREAKER_OPEN;
	breaker->opened_ms = now_ms;
	return before == BREAKER_CLOSED ? BREAKER_OPENED : BREAKER_REOPENED;
}

enum breaker_change breaker_report(struct breaker *breaker, bool answered, int64_t now_ms)
{
	enum breaker_change change;

	pthread_mutex_lock(&breaker->lock);
	change = answered ? report_answer(breaker) : report_failure(breaker, now_ms);
	pthread_mutex_unlock(&breaker->lock);
	return change;
}

enum breaker_state breaker_state(struct breaker *breaker)
{
	enum breaker_state state;

	pthread_mutex_lock(&breaker->lock);
	state = breaker->state;
	pthread_mutex_unlock(&breaker->lock);
	return state;
}

const char *breaker_state_name(enum breaker_state state)
{
	switch (state) {
	case BREAKER_CLOSED:
		return "closed";
	case BREAKER_OPEN:
		return "open";
	case BREAKER_PROBING:
		return "half-open";
	}
	return "invalid";
}
