/* SPDX-License-Identifier: BSD-2-Clause */
/* The main thread beside libmilter's: signals, and the handover to a successor. */
#ifndef EASYMAIL_SUPERVISE_H
#define EASYMAIL_SUPERVISE_H

#include "common/error.h"
#include "milters/chain/gate.h"

struct supervision {
	struct gate *gate;
	int listen_fd, control_fd;
	int drain_ms;                  /* how long old sessions may take after a handover */
	void (*let_go)(void *context); /* the successor has control_fd: stop using it */
	void *context;
};

/* Before any thread starts, so that all threads have it so. */
void supervise_block_signals(void);

/*
 * Runs the runner until SIGTERM or SIGINT or, after SIGUSR2, until a successor has taken over and the
 * last session is closed. SIGHUP does nothing. False: libmilter failed.
 */
bool supervise(const struct supervision *supervision, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
