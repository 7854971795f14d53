/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scanner's control socket, a thread of its own: map `status` answers one line of JSON, map
 * `command` with the key `reload` has the signatures loaded anew.
 */
#ifndef EASYMAIL_SCANNER_CONTROL_H
#define EASYMAIL_SCANNER_CONTROL_H

#include "common/config.h"
#include "services/scanner/figures.h"

struct control;

/* `reload` is called from the thread. The socket is made at scanner.control_socket. */
bool control_new(const struct config *config, void (*reload)(void *context), void *context,
		 struct control **control_r, struct error *err)
    __attribute__((nonnull(1, 2, 4, 5), warn_unused_result));
void control_free(struct control *control); /* takes NULL; ends the thread */

/* Begins to answer. */
bool control_start(struct control *control, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* What `status` answers from now on. */
void control_publish(struct control *control, const struct figures *figures)
    __attribute__((nonnull));

#endif
