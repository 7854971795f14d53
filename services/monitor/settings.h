/* SPDX-License-Identifier: BSD-2-Clause */
/* What the monitor takes from easymail.conf. */
#ifndef EASYMAIL_MONITOR_SETTINGS_H
#define EASYMAIL_MONITOR_SETTINGS_H

#include "common/config.h"
#include "common/ip.h"
#include "services/monitor/evidence.h"
#include <netinet/in.h>

#define MONITOR_TARGETS_MAX 8

struct monitor_target {
	struct ip address;
	in_port_t port;
};

struct monitor_settings {
	const char *database, *journal; /* of the configuration, which outlives this */
	int busy_ms;
	const char *dns_servers;
	int dns_timeout_ms;
	int interval_ms, confirm_ms;
	struct evidence_rules rules;
	size_t target_count;
	struct monitor_target targets[MONITOR_TARGETS_MAX];
	int probe_timeout_ms;
	int64_t refusal_least, refusal_minutes;
	int64_t domain_interval_ms;
	const char *notify_command, *notify_to, *postfix_directory;
};

bool monitor_settings_read(const struct config *config, struct monitor_settings *settings_r,
			   struct error *err) __attribute__((nonnull, warn_unused_result));

#endif
