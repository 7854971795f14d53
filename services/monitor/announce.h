/* SPDX-License-Identifier: BSD-2-Clause */
/* Tells the operator's program, and by mail, that an egress IP has changed its state. */
#ifndef EASYMAIL_MONITOR_ANNOUNCE_H
#define EASYMAIL_MONITOR_ANNOUNCE_H

#include "services/monitor/child.h"
#include "services/monitor/ledger.h"

/* As monitor.notify_command and monitor.notify_to say; the queue runs it. */
void announce_move(const struct monitor_settings *settings, struct child_queue *queue,
		   const struct move *move) __attribute__((nonnull));

#endif
