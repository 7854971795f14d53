/* SPDX-License-Identifier: BSD-2-Clause */
/* Postfix's queue, as postqueue(1) tells it. */
#ifndef EASYMAIL_CTL_QUEUE_H
#define EASYMAIL_CTL_QUEUE_H

#include "common/json.h"
#include "ctl/command.h"

/* Calls `each` for every queued message, held ones too: an object of `postqueue -j`. False: the queue could not be
 * read, in part or at all. */
bool queue_each(const struct ctl *ctl, void (*each)(const struct json *queued, void *context),
		void *context, struct error *err) __attribute__((nonnull, warn_unused_result));

/* The message that has been queued longest. */
struct queue_oldest {
	char queue_id[64]; /* "": the queue is empty */
	int64_t arrival;   /* seconds since 1970 */
};
bool queue_find_oldest(const struct ctl *ctl, struct queue_oldest *oldest_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
