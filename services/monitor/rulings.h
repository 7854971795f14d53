/* SPDX-License-Identifier: BSD-2-Clause */
/* From what was seen of an IP to the state that it should be in. */
#ifndef EASYMAIL_MONITOR_RULINGS_H
#define EASYMAIL_MONITOR_RULINGS_H

#include "services/monitor/egress_machine.h"
#include "services/monitor/fleet.h"

/* `today` is "2026-01-31", UTC. */
void rulings_make(const struct fleet *fleet, const struct watched_ip *ip,
		  const struct evidence_rules *rules, const char *today,
		  struct egress_ruling *ruling_r) __attribute__((nonnull));

/* Is today a day of its warm-up? allowance_r: how many messages. */
bool rulings_is_warming(const struct fleet *fleet, const struct egress_ip_row *row,
			const char *today, int64_t *allowance_r) __attribute__((nonnull));

#endif
