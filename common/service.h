/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a daemon and its service manager tell each other (sd_listen_fds(3), sd_notify(3)). Without a
 * service manager all of it does nothing and succeeds.
 */
#ifndef EASYMAIL_SERVICE_H
#define EASYMAIL_SERVICE_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * The listening stream sockets that were handed over: `*count_r` descriptors from `*first_r` on, 0 when
 * there are none. The first call takes them from the environment. False: a descriptor that was handed
 * over is no listening stream socket, or the manager's variables make no sense.
 */
bool service_listen_fds(int *first_r, int *count_r) __attribute__((nonnull, warn_unused_result));

/* Ready to serve: systemd starts what waits for this unit (Type=notify). */
void service_ready(void);

/* The clean end has begun. */
void service_stopping(void);

/* Another process is now the one that the unit stands for: a successor that has taken over. */
void service_main_pid(pid_t pid);

/* Raises the soft limit of open descriptors as far as needed and allowed; false: not far enough. */
bool service_raise_descriptors(unsigned long wanted) __attribute__((warn_unused_result));

/* Before any thread: SIGTERM and SIGINT wait for sigtimedwait(2) with ends_r; SIGPIPE and SIGHUP do nothing. */
void service_block_signals(sigset_t *ends_r) __attribute__((nonnull));

/* One line for `systemctl status`. */
void service_status(const char *format, ...) __attribute__((format(printf, 1, 2), nonnull(1)));

#endif
