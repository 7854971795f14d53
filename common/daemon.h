/* SPDX-License-Identifier: BSD-2-Clause */
/* The frame of a daemon: its command line, its turns until a signal, its socket. */
#ifndef EASYMAIL_DAEMON_H
#define EASYMAIL_DAEMON_H

#include "common/config.h"
#include "common/socketmap.h"
#include <signal.h>

struct daemon_program {
	const char *name; /* "easymail-mapd" */
	/* What of the configuration only this program can judge (-t); NULL: nothing. */
	bool (*check)(const struct config *config, struct error *err);
	/* From start to end; the log is open. False: it could not begin, or not go on. */
	bool (*live)(const struct config *config, const char *config_path, struct error *err);
};

/*
 * The whole of main(): [-tV] [-c CONFIG]. An error is logged, and said on stderr where the log is not.
 * Gives the exit status: 0 done, 1 failed, 2 the command line is wrong.
 */
int daemon_main(int argc, char **argv, const struct daemon_program *program)
    __attribute__((nonnull));

/*
 * The service manager's one socket, or our own at the path that `option` ("mapd.socket") says, with
 * the mode that `option`_mode says.
 */
bool daemon_listen(const struct config *config, const char *option, int *fd_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/*
 * Tells the service manager and the log that it has started, takes turns until a signal of `ends` (which
 * all threads block, see service_block_signals) comes, and tells that it stops. turn() gives how many
 * milliseconds there are to the next. The server, unless NULL, runs in a thread of its own meanwhile.
 */
bool daemon_run(const sigset_t *ends, struct socketmap_server *server, int (*turn)(void *context),
		void *context, struct error *err)
    __attribute__((nonnull(1, 3, 5), warn_unused_result));

#endif
