/* SPDX-License-Identifier: BSD-2-Clause */
/* Can an address connect out? One connection at a time to one target after the other, without waiting. */
#ifndef EASYMAIL_MONITOR_PROBE_H
#define EASYMAIL_MONITOR_PROBE_H

#include "services/monitor/settings.h"

enum probe_result {
	PROBE_UNDER_WAY,
	PROBE_CONNECTED,
	PROBE_FAILED,  /* to every target of the address' family */
	PROBE_NOTHING, /* there is no such target, or the host is out of sockets: nothing is known */
};

/* The targets are those of `settings`, the first one tried is number `first` modulo their count. */
struct probe;
struct probe *probe_start(const struct monitor_settings *settings, const struct ip *source,
			  size_t first) __attribute__((nonnull));
/* Goes on as far as it can without waiting. target_r: which one was connected to. */
enum probe_result probe_turn(struct probe *probe, size_t *target_r) __attribute__((nonnull));
void probe_free(struct probe *probe); /* takes NULL */

#endif
