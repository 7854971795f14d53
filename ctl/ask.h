/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks easymail's running programs for their state. */
#ifndef EASYMAIL_CTL_ASK_H
#define EASYMAIL_CTL_ASK_H

#include "common/error.h"
#include "common/json.h"

/* The map `status` of the program at `socket_path`. False: no answer, or none that is JSON; the error names the
 * socket. The caller drops the answer. */
bool ask_status(const char *socket_path, struct json **answer_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* A command of a running program, by its map `command`. */
bool ask_command(const char *socket_path, const char *command, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
