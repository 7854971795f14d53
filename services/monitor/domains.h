/* SPDX-License-Identifier: BSD-2-Clause */
/* The tenants' domains: SPF, DKIM and DMARC of each, one after the other, in a thread of its own. */
#ifndef EASYMAIL_MONITOR_DOMAINS_H
#define EASYMAIL_MONITOR_DOMAINS_H

#include "common/dns.h"
#include "services/monitor/control.h"
#include "services/monitor/settings.h"

/* At most five a second, each again after monitor.domain_interval; findings go into tenants.db. `dns`, `settings` and
 * `control` must outlive it. */
struct domains;
bool domains_new(const struct monitor_settings *settings, struct dns *dns, struct control *control,
		 struct domains **domains_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
/* Ends the thread, within a second when dns_cancel was called before. Takes NULL. */
void domains_free(struct domains *domains);

#endif
