/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The workers: always as many as wanted, each proven by a canary before its first message and from time
 * to time after, ended when it is late, replaced when it is gone; and the change to new signatures, in
 * which the old workers serve until the new ones are proven.
 */
#ifndef EASYMAIL_SCANNER_POOL_H
#define EASYMAIL_SCANNER_POOL_H

#include "services/scanner/figures.h"
#include "services/scanner/loop.h"
#include "services/scanner/scanner_settings.h"

struct pool;

/* The answer to a job, tamed, and the facts beside it (a descriptor, which stays the pool's, or -1). Called
 * from the pool's events and ticks. */
typedef void (*pool_answered)(void *context, void *job, const struct scan_answer *answer,
			      int facts_fd);

/* Settings, loop and figures must outlive it. It begins to load at once. */
bool pool_new(struct loop *loop, const struct scanner_settings *settings, struct figures *figures,
	      pool_answered answered, void *context, struct pool **pool_r)
    __attribute__((nonnull(1, 2, 3, 4, 6), warn_unused_result)); /* false: out of memory */
void pool_free(struct pool *pool); /* takes NULL; jobs get no answer any more */

/* False: no worker is idle. The descriptor stays the caller's. */
bool pool_submit(struct pool *pool, void *job, const struct scan_request *request, int fd)
    __attribute__((nonnull, warn_unused_result));

/* There are no workers, and none are coming: the reason is in figures->error. */
bool pool_has_failed(const struct pool *pool) __attribute__((nonnull));

/* Loads the signatures anew; once more after a load that is under way. */
void pool_reload(struct pool *pool) __attribute__((nonnull));

/* To be called every 100 ms or so while something is under way, at least every second. */
void pool_tick(struct pool *pool) __attribute__((nonnull));
bool pool_is_at_rest(const struct pool *pool) __attribute__((nonnull));

#endif
