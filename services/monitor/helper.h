/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process that moves null senders' mail: binding a transport otherwise means to change Postfix's configuration,
 * which the monitor's user may not. It keeps the privileges of the start, parses nothing, and knows one deed.
 */
#ifndef EASYMAIL_MONITOR_HELPER_H
#define EASYMAIL_MONITOR_HELPER_H

#include "common/error.h"

struct helper;
/* Forks; before any thread, and before privileges are dropped. It runs `easymailctl -c CONFIG postfix rebind`. The
 * helper ends when the monitor does, however that ends. */
bool helper_new(const char *easymailctl, const char *config_path, struct helper **helper_r,
		struct error *err) __attribute__((nonnull, warn_unused_result));
void helper_free(struct helper *helper); /* takes NULL */

/* Asks for the deed; asked again while it is done, it is done once more. */
void helper_ask(struct helper *helper) __attribute__((nonnull));

/* Sends what was asked for, hears what became of it: failures are logged once, and tried again after a while. Never
 * waits. */
void helper_turn(struct helper *helper) __attribute__((nonnull));

#endif
