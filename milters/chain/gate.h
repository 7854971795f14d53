/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How much is under way at once. libmilter starts a thread for whatever arrives, without bound; here
 * sessions are counted, and of the threads that have work only so many work at a time.
 */
#ifndef EASYMAIL_GATE_H
#define EASYMAIL_GATE_H

#include <stdbool.h>
#include <stdint.h>

struct gate;
struct gate *gate_new(unsigned max_sessions, unsigned max_busy, int wait_ms);
void gate_free(struct gate *gate); /* takes NULL */

/* A session begins; false when there are max_sessions. */
bool gate_open_session(struct gate *gate) __attribute__((nonnull, warn_unused_result));
void gate_close_session(struct gate *gate) __attribute__((nonnull));
unsigned gate_sessions(struct gate *gate) __attribute__((nonnull));

/* Before and after work. Waits for its turn; false when it does not come within wait_ms. */
bool gate_enter(struct gate *gate) __attribute__((nonnull, warn_unused_result));
void gate_leave(struct gate *gate) __attribute__((nonnull));
unsigned gate_busy(struct gate *gate) __attribute__((nonnull));

#endif
