/* SPDX-License-Identifier: BSD-2-Clause */
/* Unix stream sockets by path. */
#ifndef EASYMAIL_UNIX_SOCKET_H
#define EASYMAIL_UNIX_SOCKET_H

#include "common/error.h"
#include <sys/types.h>

/*
 * Listens at `path`: the socket appears there complete, with its mode, in the place of a stale one. A
 * socket that somebody listens on, or a file of another kind, is refused. Of two processes that start
 * at the same time one succeeds. The file stays when the process ends; nobody listens on it then.
 */
bool unix_listen(const char *path, mode_t mode, int *fd_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* "0660": octal, permissions only. */
bool unix_mode_parse(const char *text, mode_t *mode_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Connects within timeout_ms (a listener that does not accept is no excuse to hang). */
bool unix_connect(const char *path, int timeout_ms, int *fd_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
