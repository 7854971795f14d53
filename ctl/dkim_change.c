/* SPDX-License-Identifier: BSD-2-Clause */
/* DKIM keys from state to state, and the queue that retiring ones wait for. */
#include "ctl/dkim_change.h"
#include <string.h>
#include <time.h>

bool dkim_change_state(struct db *db, const struct dkim_key_row *seen, enum dkim_key_state to,
		       struct error *err)
{
	struct dkim_key_row row;

	if (!dkim_key_rows_get(db, seen->domain, seen->selector, &row, err))
		return false;
	if (row.id != seen->id || row.state != seen->state ||
	    strcmp(row.state_since, seen->state_since) != 0)
		return error_set(err, "DKIM key %s of %s: was changed meanwhile; try again",
				 row.selector, row.domain);
	return dkim_key_rows_set_state(db, &row, to, err);
}

static void read_queue(const struct ctl *ctl, struct dkim_drain *drain)
{
	bool done = queue_find_oldest(ctl, &drain->oldest, &drain->why);

	drain->read = done ? DKIM_QUEUE_DRAINED : DKIM_QUEUE_UNKNOWN;
}

enum dkim_queue dkim_drain_ask(const struct ctl *ctl, struct dkim_drain *drain,
			       const struct dkim_key_row *row, struct error *why_r)
{
	int64_t replaced = (int64_t)time(NULL) - row->state_age_s;

	if (drain->read == DKIM_QUEUE_NOT_ASKED)
		read_queue(ctl, drain);
	if (drain->read == DKIM_QUEUE_UNKNOWN) {
		error_set(why_r, "Postfix's queue could not be read: %.300s", drain->why.text);
		return DKIM_QUEUE_UNKNOWN;
	}
	if (!drain->oldest.queue_id[0] ||
	    !dkim_schedule_may_have_signed(drain->oldest.arrival, replaced))
		return DKIM_QUEUE_DRAINED;
	error_set(why_r,
		  "message %s has been queued since before the key was replaced and may carry its "
		  "signature",
		  drain->oldest.queue_id);
	return DKIM_QUEUE_HOLDS_OLDER;
}
