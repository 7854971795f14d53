/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A restart that refuses nobody: the program starts itself anew, from its file as it is now, with the
 * listening sockets handed on; when the successor serves, the old process takes no more sessions.
 */
#ifndef EASYMAIL_HANDOVER_H
#define EASYMAIL_HANDOVER_H

#include "common/error.h"
#include <stddef.h>
#include <sys/types.h>

#define HANDOVER_SOCKETS_MAX 4

/* Remembers the program's file and arguments. Before any thread starts. */
bool handover_prepare(char **arguments, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/*
 * Starts the successor with `fds` as LISTEN_FDS (sd_listen_fds(3)) and waits until it serves. False: it
 * did not within timeout_ms, or ended; it is gone then and nothing has changed.
 */
bool handover_start(const int *fds, size_t count, int timeout_ms, pid_t *successor_r,
		    struct error *err) __attribute__((nonnull, warn_unused_result));

/* In the successor: tells the predecessor, if there is one, that it may stop. */
void handover_tell_predecessor(void);

/* Puts a socket that nobody can connect to in the place of `listen_fd`, for whoever polls it. */
bool handover_mute(int listen_fd, struct error *err) __attribute__((nonnull, warn_unused_result));

#endif
