/* SPDX-License-Identifier: BSD-2-Clause */
/* Indexes the relay hosts that plain SQL inserted. They count before that too; indexed they cost less. */
#ifndef EASYMAIL_MAPD_UPKEEP_H
#define EASYMAIL_MAPD_UPKEEP_H

#include "common/error.h"
#include <stdint.h>

struct upkeep_figures {
	uint64_t indexed; /* relay hosts since the start */
	bool behind;      /* more are pending, or the database cannot be written */
	char error[512];  /* why the last turn failed, "" when it did not */
};

struct upkeep;
/* Waits at most busy_ms for other writers. Aborts without memory. The path must outlive it. */
struct upkeep *upkeep_new(const char *database_path, int busy_ms) __attribute__((nonnull));
void upkeep_free(struct upkeep *upkeep); /* takes NULL */

/*
 * One turn, at most one transaction. How many ms until the next is due: few while more are pending.
 * A failure is logged once until the next success; nothing else comes of it.
 */
int upkeep_turn(struct upkeep *upkeep) __attribute__((nonnull));

/* A copy; from any thread. */
void upkeep_figures(struct upkeep *upkeep, struct upkeep_figures *figures_r)
    __attribute__((nonnull));

#endif
