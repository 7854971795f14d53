/* SPDX-License-Identifier: BSD-2-Clause */
/* The chain behind libmilter. One per process: libmilter keeps its own state in globals. */
#ifndef EASYMAIL_RUNNER_H
#define EASYMAIL_RUNNER_H

#include "milters/chain/chain.h"

/* Makes `chain` answer on a listening socket that the caller made. The socket becomes libmilter's. */
bool runner_open(struct chain *chain, int listen_fd, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/*
 * Serves until SIGTERM or SIGINT reaches libmilter's signal thread, then returns within some seconds.
 * False: libmilter gave up (it has logged why), or stopped in a hurry.
 */
bool runner_run(void) __attribute__((warn_unused_result));

#endif
