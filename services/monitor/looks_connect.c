/* SPDX-License-Identifier: BSD-2-Clause */
/* Connecting out: an address that cannot is only to blame while another one can. */
#include "common/clock.h"
#include "services/monitor/looks.h"
#include <stdio.h>
#include <string.h>

static void note_reached(struct looks *looks, size_t target, const struct ip *source)
{
	/* Two places, so that there is one of another IP than any. */
	if (ip_compare(&looks->reached[target][0].source, source) != 0)
		looks->reached[target][1] = looks->reached[target][0];
	looks->reached[target][0].source = *source;
	looks->reached[target][0].at_ms = clock_ms();
}

/* Has another IP of the same family reached one of the targets lately? */
static bool others_reach(const struct looks *looks, const struct ip *source)
{
	int64_t since = clock_ms() - 2 * (int64_t)looks->settings->interval_ms;

	for (size_t i = 0; i < 2 * looks->settings->target_count; i++) {
		const struct ip *other = &looks->reached[i / 2][i % 2].source;
		int64_t at_ms = looks->reached[i / 2][i % 2].at_ms;

		if (at_ms != 0 && at_ms >= since && ip_compare(other, source) != 0 &&
		    ip_is_v4(other) == ip_is_v4(source))
			return true;
	}
	return false;
}

bool looks_connect(struct looks *looks, struct watched_ip *ip, struct item *item,
		   struct look *look_r)
{
	const struct ip *source = &ip->row.ip.address;
	size_t target;
	enum probe_result result;

	if (item->probe == NULL) {
		item->probe = probe_start(looks->settings, source, (size_t)looks->done);
		looks->under_way++;
	}
	result = probe_turn(item->probe, &target);
	if (result == PROBE_UNDER_WAY)
		return false;
	probe_free(item->probe);
	item->probe = NULL;
	look_r->ttl_ms = 0;
	look_r->sight = SIGHT_UNKNOWN;
	if (result == PROBE_CONNECTED) {
		look_r->sight = SIGHT_WELL;
		note_reached(looks, target, source);
	} else if (result == PROBE_FAILED) {
		snprintf(look_r->detail, sizeof(look_r->detail),
			 "cannot connect to any of monitor.probe_targets");
		if (others_reach(looks, source))
			look_r->sight = SIGHT_BAD;
	}
	return true;
}
