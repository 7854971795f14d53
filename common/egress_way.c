/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of the ways. */
#include "common/egress_way.h"
#include <string.h>

static const char *const names[EGRESS_WAYS] = {
    [WAY_CORPORATE] = "corporate",
    [WAY_BULK] = "bulk",
    [WAY_SUSPECT] = "suspect",
};

const char *egress_way_name(enum egress_way way)
{
	return names[way];
}

enum found egress_stream_parse(const char *text, enum egress_way *way_r)
{
	for (int way = WAY_CORPORATE; way <= WAY_BULK; way++) {
		if (strcmp(names[way], text) == 0) {
			*way_r = (enum egress_way)way;
			return FOUND_ONE;
		}
	}
	return FOUND_NONE;
}
