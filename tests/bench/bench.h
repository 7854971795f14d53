/* SPDX-License-Identifier: BSD-2-Clause */
/* What the figures' programs have alike. */
#ifndef EASYMAIL_TESTS_BENCH_H
#define EASYMAIL_TESTS_BENCH_H

#include <time.h>

/* Of CLOCK_MONOTONIC or CLOCK_PROCESS_CPUTIME_ID, in microseconds. */
static inline double bench_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

#endif
