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

/* Has another IP of the same family reached one of the targets since then? */
static bool others_reach(const struct looks *looks, const struct ip *source, int64_t since)
{
	for (size_t i = 0; i < 2 * looks->settings->target_count; i++) {
		const struct ip *other = &looks->reached[i / 2][i % 2].source;

		if (looks->reached[i / 2][i % 2].at_ms >= since && ip_compare(other, source) != 0 &&
		    ip_is_v4(other) == ip_is_v4(source))
			return true;
	}
	return false;
}

/* After a failure: another IP's connection says that it is the address' own fault, none within an interval that the
 * targets or the network are away. */
static bool is_told(const struct looks *looks, const struct ip *source, struct item *item,
		    struct look *look_r)
{
	int64_t patience =
	    (int64_t)looks->settings->interval_ms * 6 / 5 + looks->settings->probe_timeout_ms;
	bool others = others_reach(looks, source, item->since_ms);

	if (!others && clock_ms() < item->since_ms + patience)
		return false;
	item->since_ms = 0;
	look_r->sight = others ? SIGHT_BAD : SIGHT_UNKNOWN;
	snprintf(look_r->detail, sizeof(look_r->detail),
		 "cannot connect to any of monitor.probe_targets");
	return true;
}

bool looks_connect(struct looks *looks, struct watched_ip *ip, struct item *item,
		   struct look *look_r)
{
	const struct ip *source = &ip->row.ip.address;
	enum probe_result result;
	size_t target;

	if (item->since_ms != 0)
		return is_told(looks, source, item, look_r);
	if (item->probe == NULL) {
		item->probe = probe_start(looks->settings, source, (size_t)looks->done);
		looks->under_way++;
	}
	result = probe_turn(item->probe, &target);
	if (result == PROBE_UNDER_WAY)
		return false;
	probe_free(item->probe);
	item->probe = NULL;
	if (result == PROBE_FAILED) {
		item->since_ms = clock_ms();
		return false;
	}
	if (result == PROBE_CONNECTED) {
		look_r->sight = SIGHT_WELL;
		note_reached(looks, target, source);
	}
	return true;
}
