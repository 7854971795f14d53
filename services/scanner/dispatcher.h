/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scanner's clients: takes their messages, hands each to an idle worker, lets them wait in order
 * while there is none, and answers busy when they waited too long or too many wait already.
 */
#ifndef EASYMAIL_SCANNER_DISPATCHER_H
#define EASYMAIL_SCANNER_DISPATCHER_H

#include "services/scanner/figures.h"
#include "services/scanner/loop.h"
#include "services/scanner/scanner_settings.h"

struct dispatcher;

/* Listens on listen_fd, which it takes over. Settings, loop and figures must outlive it. */
bool dispatcher_new(struct loop *loop, const struct scanner_settings *settings,
		    struct figures *figures, int listen_fd, struct dispatcher **dispatcher_r,
		    struct error *err) __attribute__((nonnull, warn_unused_result));
void dispatcher_free(struct dispatcher *dispatcher); /* takes NULL */

/* After each event of the loop: deadlines, the queue. How long the loop may wait for the next one. */
int dispatcher_turn(struct dispatcher *dispatcher) __attribute__((nonnull));

void dispatcher_reload(struct dispatcher *dispatcher) __attribute__((nonnull));

/* Takes no more messages; those that wait are answered busy. Done when none is being scanned. */
void dispatcher_drain(struct dispatcher *dispatcher) __attribute__((nonnull));
bool dispatcher_is_done(const struct dispatcher *dispatcher) __attribute__((nonnull));

#endif
