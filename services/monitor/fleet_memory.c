/* SPDX-License-Identifier: BSD-2-Clause */
/* What a fleet knows from before: from the database after a start, from the fleet before it later. */
#include "services/monitor/fleet_private.h"
#include <string.h>

/* The IP of the same row and address; NULL: none. Both are sorted alike, so `hint` is nearly always right. */
static struct watched_ip *find_ip(const struct fleet *fleet, const struct egress_ip_row *row,
				  size_t hint)
{
	for (size_t i = 0; i < fleet->ip_count; i++) {
		struct watched_ip *ip = &fleet->ips[(hint + i) % fleet->ip_count];

		if (ip->row.id == row->id && strcmp(ip->row.address, row->address) == 0)
			return ip;
	}
	return NULL;
}

/* The item of that kind and subject; NULL: none. */
static struct item *find_item(const struct watched_ip *ip, enum evidence_kind kind,
			      const char *subject)
{
	for (size_t i = 0; i < ip->item_count; i++) {
		if (ip->items[i].kind == kind && strcmp(ip->items[i].subject, subject) == 0)
			return &ip->items[i];
	}
	return NULL;
}

struct recall {
	struct fleet *fleet;
	const struct fleet *old;
	size_t at; /* the IP of the row before: rows come by address */
};

static struct watched_ip *find_address(struct recall *recall, const char *address)
{
	for (size_t i = 0; i < recall->fleet->ip_count; i++) {
		size_t at = (recall->at + i) % recall->fleet->ip_count;

		if (strcmp(recall->fleet->ips[at].row.address, address) == 0) {
			recall->at = at;
			return &recall->fleet->ips[at];
		}
	}
	return NULL;
}

static void take_row(const struct evidence_row *row, void *context)
{
	struct recall *recall = context;
	struct watched_ip *ip = find_address(recall, row->address);
	struct item *item;

	if (ip == NULL || (recall->old != NULL && find_ip(recall->old, &ip->row, recall->at)))
		return;
	item = row->kind == EVIDENCE_REFUSAL ? fleet_refusal_item(ip, row->subject)
					     : find_item(ip, row->kind, row->subject);
	if (item == NULL)
		return;
	item->evidence = (struct evidence){row->history, row->looks, row->bad};
	item_set_detail(item, row->detail);
	item->stored = true;
}

bool fleet_recall(struct db *db, struct fleet *fleet, const struct fleet *old, struct error *err)
{
	struct recall recall = {.fleet = fleet, .old = old};

	return evidence_rows_list(db, NULL, take_row, &recall, err);
}

/* An operator has set the state since, whatever it was: what was seen before does not count any more. */
static bool is_operators_word(const struct egress_ip_row *now, const struct egress_ip_row *before)
{
	return !now->by_monitor && (now->ip.state != before->ip.state || before->by_monitor ||
				    strcmp(now->state_since, before->state_since) != 0);
}

/* The questions of a list whose zone or resolver has changed mean something else. */
static bool is_same_list(const struct watched_list *a, const struct watched_list *b)
{
	return strcmp(a->row.zone, b->row.zone) == 0 && a->dns == b->dns;
}

static void take_item(const struct fleet *fleet, const struct fleet *old, struct item *item,
		      struct item *before)
{
	size_t list = item->list;
	bool same = item->kind != EVIDENCE_BLOCKLIST ||
		    is_same_list(&fleet->lists[list], &old->lists[before->list]);
	struct item fresh = *item;

	*item = *before;
	*before = fresh; /* freed with the old fleet */
	item->list = list;
	if (!same) {
		fleet_give_up(&item->questions[0]);
		item->due_ms = before->due_ms;
	}
}

static void take_ip(const struct fleet *fleet, const struct fleet *old, struct watched_ip *ip,
		    struct watched_ip *before)
{
	for (size_t i = 0; i < before->item_count; i++) {
		struct item *known = &before->items[i], *item;

		if (known->kind == EVIDENCE_REFUSAL && evidence_is_blank(&known->evidence) &&
		    !known->dirty)
			continue; /* forgotten */
		if (known->kind == EVIDENCE_REFUSAL)
			item = fleet_refusal_item(ip, known->subject);
		else
			item = find_item(ip, known->kind, known->subject);
		if (item != NULL)
			take_item(fleet, old, item, known);
	}
	ip->unruled |= before->unruled;
}

static void take_points(struct fleet *fleet, struct fleet *old)
{
	for (size_t i = 0; i < fleet->list_count * old->list_count; i++) {
		struct watched_list *list = &fleet->lists[i / old->list_count];
		struct watched_list *before = &old->lists[i % old->list_count];

		if (!is_same_list(list, before))
			continue;
		for (int family = 0; family < 2; family++) {
			bool wanted = list->points[family].wanted;

			list->points[family] = before->points[family];
			list->points[family].wanted = wanted;
			before->points[family] = (struct list_points){0};
		}
	}
}

void fleet_take_over(struct fleet *fleet, struct fleet *old)
{
	for (size_t i = 0; i < fleet->ip_count; i++) {
		struct watched_ip *ip = &fleet->ips[i];
		struct watched_ip *before = find_ip(old, &ip->row, i);

		if (before != NULL && !is_operators_word(&ip->row, &before->row))
			take_ip(fleet, old, ip, before);
	}
	take_points(fleet, old);
}
