/* SPDX-License-Identifier: BSD-2-Clause */
/* How much mail an address may carry on a day of its warm-up: pure functions. */
#ifndef EASYMAIL_MONITOR_WARMUP_H
#define EASYMAIL_MONITOR_WARMUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct warmup_step {
	int64_t day; /* counted from 1 */
	int64_t allowance;
};

/* By day, upwards. */
struct warmup_schedule {
	size_t count;
	struct warmup_step steps[366];
};

/* Which day of a warm-up `today` is when `start` is its first, both "2026-01-31" in UTC; 0: before it, or no date. */
int64_t warmup_day(const char *start, const char *today) __attribute__((nonnull));

/* The allowance of that day. False: the warm-up is over, or has not begun. */
bool warmup_allowance(const struct warmup_schedule *schedule, int64_t day, int64_t *allowance_r)
    __attribute__((nonnull));

#endif
