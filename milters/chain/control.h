/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The milter's answers to easymailctl, over socketmap in a thread of their own: map `status` (any key)
 * gives the process' state, map `decision` the decision record of a queue id, both as JSON.
 */
#ifndef EASYMAIL_CONTROL_H
#define EASYMAIL_CONTROL_H

#include "milters/chain/chain.h"

struct control;

/* The socket stays the caller's. */
bool control_start(int listen_fd, struct chain *chain, struct policy_store *policies,
		   struct control **control_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Takes NULL. */
void control_stop(struct control *control);

#endif
