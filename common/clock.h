/* SPDX-License-Identifier: BSD-2-Clause */
/* Time for deadlines and intervals: it never jumps, and has nothing to do with the date. */
#ifndef EASYMAIL_CLOCK_H
#define EASYMAIL_CLOCK_H

#include <stdint.h>

int64_t clock_ms(void);
int64_t clock_us(void);

#endif
