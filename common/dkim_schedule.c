/* SPDX-License-Identifier: BSD-2-Clause */
/* When a DKIM key goes to its next state by itself. */
#include "common/dkim_schedule.h"

#define DAY_S 86400

/* Between the moment a key is replaced and the last signature by it: a message's data may take that
 * long to come, and clocks of the database and of the queue are read apart. */
#define OVERLAP_S 60

static enum dkim_step step_pending(const struct dkim_key_facts *facts)
{
	if (facts->rotate_days == 0)
		return DKIM_STEP_NONE;
	if (!facts->was_looked_for)
		return DKIM_STEP_ASK_DNS;
	switch (facts->sight) {
	case DKIM_SIGHT_PUBLISHED:
		return DKIM_STEP_ACTIVATE;
	case DKIM_SIGHT_MISSING:
		return DKIM_STEP_AWAIT_RECORD;
	case DKIM_SIGHT_DIFFERENT:
	case DKIM_SIGHT_UNKNOWN:
		break;
	}
	return DKIM_STEP_BAD_RECORD;
}

static enum dkim_step step_active(const struct dkim_key_facts *facts)
{
	bool is_due = facts->rotate_days > 0 && facts->state_age_s >= facts->rotate_days * DAY_S;

	return is_due && !facts->has_next ? DKIM_STEP_MAKE_NEXT : DKIM_STEP_NONE;
}

static enum dkim_step step_retiring(const struct dkim_key_facts *facts)
{
	if (facts->state_age_s < facts->retire_days * DAY_S)
		return DKIM_STEP_NONE;
	switch (facts->queue) {
	case DKIM_QUEUE_NOT_ASKED:
		return DKIM_STEP_ASK_QUEUE;
	case DKIM_QUEUE_DRAINED:
		return DKIM_STEP_RETIRE;
	case DKIM_QUEUE_HOLDS_OLDER:
		return DKIM_STEP_AWAIT_QUEUE;
	case DKIM_QUEUE_UNKNOWN:
		break;
	}
	return DKIM_STEP_BAD_QUEUE;
}

enum dkim_step dkim_schedule_step(const struct dkim_key_facts *facts)
{
	switch (facts->state) {
	case DKIM_KEY_PENDING:
		return step_pending(facts);
	case DKIM_KEY_ACTIVE:
		return step_active(facts);
	case DKIM_KEY_RETIRING:
		return step_retiring(facts);
	case DKIM_KEY_RETIRED:
		break;
	}
	return DKIM_STEP_NONE;
}

bool dkim_schedule_may_have_signed(int64_t arrival, int64_t replaced)
{
	return arrival <= replaced + OVERLAP_S;
}
