/* SPDX-License-Identifier: BSD-2-Clause */
/* Other programs, run beside the monitor's work: one after the other, none for longer than a minute. */
#ifndef EASYMAIL_MONITOR_CHILD_H
#define EASYMAIL_MONITOR_CHILD_H

#include <stddef.h>

/* A queue of programs to run; more than CHILD_QUEUE_MAX are dropped, with a line in the log. */
#define CHILD_QUEUE_MAX 200
struct child_queue;
struct child_queue *child_queue_new(void);
void child_queue_free(struct child_queue *queue); /* takes NULL; ends what runs */

/* `words` ends with NULL, `environment` too (NAME=VALUE, beside ours); `input` is its standard input, "" for none.
 * All of it is copied. What goes wrong is in the log. */
void child_queue_add(struct child_queue *queue, const char *const *words,
		     const char *const *environment, const char *input) __attribute__((nonnull));

/* Starts the next one, looks after the one that runs. Never waits. */
void child_queue_turn(struct child_queue *queue) __attribute__((nonnull));

#endif
