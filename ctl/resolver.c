/* SPDX-License-Identifier: BSD-2-Clause */
/* Opens the resolver as the command's words and the configuration say. */
#include "ctl/resolver.h"

bool resolver_new(const struct ctl *ctl, struct dns **dns_r, struct error *err)
{
	const char *server = ctl_option(ctl, "--dns");
	int timeout_ms = (int)config_number(ctl->config, "dns.timeout");

	if (server && !server[0])
		return error_set(err, "--dns: is empty; give an address, as in 192.0.2.53 or "
				      "127.0.0.1@5353");
	if (server)
		return dns_new(server, timeout_ms, dns_r, err) || error_prefix(err, "--dns: ");
	return dns_new(config_text(ctl->config, "dns.servers"), timeout_ms, dns_r, err);
}
