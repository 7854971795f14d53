/* SPDX-License-Identifier: BSD-2-Clause */
/* The listening sockets: handed over by a service manager or a predecessor, or made from a name. */
#ifndef EASYMAIL_LISTEN_H
#define EASYMAIL_LISTEN_H

#include "common/error.h"
#include <sys/types.h>

/* As in smtpd_milters: an absolute path, "unix:PATH" or "inet:PORT@ADDRESS". False: it is none of these. */
bool listen_check(const char *name, struct error *err) __attribute__((nonnull, warn_unused_result));

/* `mode` is a Unix socket's. The descriptor does not block and is closed on exec. */
bool listen_open(const char *name, mode_t mode, int *fd_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
