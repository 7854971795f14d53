/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's control socket, a thread of its own: map `status` answers one line of JSON. */
#ifndef EASYMAIL_MONITOR_CONTROL_H
#define EASYMAIL_MONITOR_CONTROL_H

#include "services/monitor/looks.h"

struct control;

/* The socket is made at `path`; answers begin with control_start. */
bool control_new(const char *path, struct control **control_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void control_free(struct control *control); /* takes NULL; ends the thread */
bool control_start(struct control *control, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* What `status` answers from now on; does nothing when that was less than a second ago. */
void control_publish(struct control *control, const struct looks *looks, const struct fleet *fleet,
		     const char *error) __attribute__((nonnull));
void control_count_move(struct control *control) __attribute__((nonnull));
void control_count_domain(struct control *control) __attribute__((nonnull)); /* one was checked */

#endif
