/* SPDX-License-Identifier: BSD-2-Clause */
/* What changes DKIM keys: shared by the commands that do it one by one and by `dkim maintain`. */
#ifndef EASYMAIL_CTL_DKIM_CHANGE_H
#define EASYMAIL_CTL_DKIM_CHANGE_H

#include "common/dkim_schedule.h"
#include "ctl/queue.h"

/* Moves a key that was read in an earlier transaction. Refuses when it is not as it was `seen` any more. */
bool dkim_change_state(struct db *db, const struct dkim_key_row *seen, enum dkim_key_state to,
		       struct error *err) __attribute__((nonnull, warn_unused_result));

/* Makes the next key for an active one, pending; in transactions of its own. Appends its dkim_record_json. Leaves
 * ctl->context changed. */
bool dkim_change_make_next(struct ctl *ctl, const struct dkim_key_row *active, struct json *records,
			   struct error *err) __attribute__((nonnull, warn_unused_result));

/* Postfix's queue, read when it is first asked about and then remembered. Starts as {0}. */
struct dkim_drain {
	enum dkim_queue read; /* NOT_ASKED, UNKNOWN with `why`, or DRAINED with `oldest` */
	struct queue_oldest oldest;
	struct error why;
};

/* Has the mail that this retiring key signed left the queue? If it is not DKIM_QUEUE_DRAINED, `why_r` is why the key
 * stays. Not for a transaction: postqueue takes its time. */
enum dkim_queue dkim_drain_ask(const struct ctl *ctl, struct dkim_drain *drain,
			       const struct dkim_key_row *row, struct error *why_r)
    __attribute__((nonnull));

#endif
