/* SPDX-License-Identifier: BSD-2-Clause */
/* The round over all things watched, and what follows from a look. */
#include "services/monitor/looks.h"
#include "common/clock.h"
#include <stdio.h>
#include <string.h>

#define UNDER_WAY_MAX 1024 /* questions and connections at a time */
#define TTL_MS_MAX    3600000

static void mark_dirty(struct item *item)
{
	item->dirty = !evidence_is_blank(&item->evidence) || item->stored;
}

/* How long until the next look. What has long been well is asked again when the answer may have changed. */
static int64_t next_ms(const struct looks *looks, const struct item *item, enum sight sight,
		       int64_t ttl_ms)
{
	int64_t interval = looks->settings->interval_ms;

	if (evidence_is_in_doubt(&item->evidence))
		return looks->settings->confirm_ms < interval ? looks->settings->confirm_ms
							      : interval;
	if (sight != SIGHT_WELL || item->evidence.bad || ttl_ms < interval)
		return interval;
	return ttl_ms < TTL_MS_MAX ? ttl_ms : TTL_MS_MAX;
}

void looks_note(const struct looks *looks, struct watched_ip *ip, struct item *item,
		enum sight sight, const char *detail, int64_t ttl_ms)
{
	struct evidence before = item->evidence;

	if (evidence_note(&item->evidence, sight, &looks->settings->rules))
		ip->unruled = true;
	if (sight == SIGHT_BAD)
		item_set_detail(item, detail);
	else if (evidence_is_blank(&item->evidence))
		item_set_detail(item, sight == SIGHT_UNKNOWN ? detail : NULL);
	if (before.history != item->evidence.history || before.looks != item->evidence.looks ||
	    before.bad != item->evidence.bad)
		mark_dirty(item);
	item->due_ms = fleet_jitter(next_ms(looks, item, sight, ttl_ms));
}

/* Here and now: no look that takes time. */
static bool look_interface(struct looks *looks, const struct watched_ip *ip, struct look *look_r)
{
	look_r->ttl_ms = 0;
	look_r->sight = SIGHT_UNKNOWN;
	switch (interfaces_have(looks->interfaces, &ip->row.ip.address)) {
	case FOUND_ERROR:
		snprintf(look_r->detail, sizeof(look_r->detail), "interfaces cannot be listed");
		break;
	case FOUND_NONE:
		look_r->sight = SIGHT_BAD;
		snprintf(look_r->detail, sizeof(look_r->detail), "is on no interface of this host");
		break;
	case FOUND_ONE:
		look_r->sight = SIGHT_WELL;
		break;
	}
	return true;
}

static bool is_under_way(const struct item *item)
{
	return item->questions[0] != NULL || item->questions[1] != NULL || item->probe != NULL;
}

static bool look(struct looks *looks, struct fleet *fleet, struct watched_ip *ip, struct item *item,
		 struct look *look_r)
{
	switch (item->kind) {
	case EVIDENCE_INTERFACE:
		return look_interface(looks, ip, look_r);
	case EVIDENCE_CONNECT:
		return looks_connect(looks, ip, item, look_r);
	case EVIDENCE_REVERSE:
		return looks_reverse(looks, ip, item, look_r);
	case EVIDENCE_BLOCKLIST:
		return looks_blocklist(looks, &fleet->lists[item->list], ip, item, look_r);
	case EVIDENCE_REFUSAL: /* refusal_watch.c, from the journal */
		break;
	}
	return false;
}

static void turn_item(struct looks *looks, struct fleet *fleet, struct watched_ip *ip,
		      struct item *item)
{
	struct look seen = {.sight = SIGHT_UNKNOWN};

	if (item->kind == EVIDENCE_REFUSAL)
		return;
	if (!is_under_way(item) && looks->under_way >= UNDER_WAY_MAX)
		return;
	if (!look(looks, fleet, ip, item, &seen))
		return;
	looks->done++;
	looks_note(looks, ip, item, seen.sight, seen.detail[0] != '\0' ? seen.detail : NULL,
		   seen.ttl_ms);
	if (seen.again_ms > 0)
		item->due_ms = clock_ms() + seen.again_ms;
}

/* A list has proved dead or alive: what it says of the IPs that it lists counts otherwise now. */
static void unrule_listed(struct fleet *fleet, size_t list)
{
	for (size_t i = 0; i < fleet->ip_count; i++) {
		struct watched_ip *ip = &fleet->ips[i];

		for (size_t k = 0; k < ip->item_count; k++)
			ip->unruled |= ip->items[k].kind == EVIDENCE_BLOCKLIST &&
				       ip->items[k].list == list && ip->items[k].evidence.bad;
	}
}

void looks_turn(struct looks *looks, struct fleet *fleet)
{
	int64_t now = clock_ms();
	size_t under_way = 0;

	for (size_t i = 0; i < fleet->list_count; i++) {
		if (looks_points(looks, &fleet->lists[i]))
			unrule_listed(fleet, i);
	}
	for (size_t i = 0; i < fleet->ip_count; i++) {
		struct watched_ip *ip = &fleet->ips[i];

		for (size_t k = 0; k < ip->item_count; k++) {
			struct item *item = &ip->items[k];

			if (item->due_ms <= now)
				turn_item(looks, fleet, ip, item);
			under_way += is_under_way(item);
		}
	}
	looks->under_way = under_way;
}
