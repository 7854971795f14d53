/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the fleet, and taking over what the one before knew. */
#include "services/monitor/fleet.h"
#include "common/clock.h"
#include "common/db.h"
#include "services/monitor/fleet_private.h"
#include <stdlib.h>
#include <string.h>

int64_t fleet_jitter(int64_t ms)
{
	return clock_ms() + ms - ms / 10 + (int64_t)((double)random() / RAND_MAX * (double)ms / 5);
}

void *fleet_grow(void *items, size_t count, size_t size)
{
	void *grown = reallocarray(items, count + 1, size);

	if (grown == NULL)
		abort();
	memset((char *)grown + count * size, 0, size);
	return grown;
}

char *fleet_copy(const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		abort();
	return copy;
}

void item_set_detail(struct item *item, const char *detail)
{
	free(item->detail);
	item->detail = detail == NULL ? NULL : fleet_copy(detail);
}

bool list_is_written_off(const struct watched_list *list, bool ipv6,
			 const struct evidence_rules *rules)
{
	return list->points[ipv6].bad_run >= rules->well;
}

static void take_ip(const struct egress_ip_row *row, void *context)
{
	struct fleet *fleet = context;

	fleet->ips = fleet_grow(fleet->ips, fleet->ip_count, sizeof(*fleet->ips));
	fleet->ips[fleet->ip_count].row = *row;
	fleet->ips[fleet->ip_count++].unruled = true;
}

static void take_list(const struct blocklist_row *row, void *context)
{
	struct fleet *fleet = context;
	struct watched_list *list;

	if (!row->enabled)
		return;
	fleet->lists = fleet_grow(fleet->lists, fleet->list_count, sizeof(*fleet->lists));
	list = &fleet->lists[fleet->list_count++];
	list->row = *row;
	list->points[0].wanted = row->ipv4;
	list->points[1].wanted = row->ipv6;
}

static void take_step(int64_t day, int64_t allowance, void *context)
{
	struct warmup_schedule *schedule = context;

	if (schedule->count < sizeof(schedule->steps) / sizeof(schedule->steps[0]))
		schedule->steps[schedule->count++] = (struct warmup_step){day, allowance};
}

static struct item *add_item(struct watched_ip *ip, enum evidence_kind kind, const char *subject)
{
	struct item *item;

	ip->items = fleet_grow(ip->items, ip->item_count, sizeof(*ip->items));
	item = &ip->items[ip->item_count++];
	item->kind = kind;
	item->subject = fleet_copy(subject);
	return item;
}

/* What is watched of each IP. First looks are spread over an interval. */
static void add_items(struct fleet *fleet, const struct fleet_sources *sources,
		      struct watched_ip *ip)
{
	int64_t interval = sources->settings->interval_ms;

	add_item(ip, EVIDENCE_INTERFACE, "");
	if (sources->settings->target_count > 0)
		add_item(ip, EVIDENCE_CONNECT, "");
	add_item(ip, EVIDENCE_REVERSE, "");
	for (size_t i = 0; i < fleet->list_count; i++) {
		const struct watched_list *list = &fleet->lists[i];

		if (list->points[ip_is_v4(&ip->row.ip.address) ? 0 : 1].wanted && list->dns != NULL)
			add_item(ip, EVIDENCE_BLOCKLIST, list->row.zone)->list = i;
	}
	for (size_t i = 0; i < ip->item_count; i++)
		ip->items[i].due_ms =
		    clock_ms() + (int64_t)((double)random() / RAND_MAX * (double)interval);
}

struct item *fleet_refusal_item(struct watched_ip *ip, const char *domain)
{
	for (size_t i = 0; i < ip->item_count; i++) {
		if (ip->items[i].kind == EVIDENCE_REFUSAL &&
		    strcmp(ip->items[i].subject, domain) == 0)
			return &ip->items[i];
	}
	return add_item(ip, EVIDENCE_REFUSAL, domain);
}

static bool read_rows(struct db *db, struct fleet *fleet, struct error *err)
{
	return supervision_generation(db, &fleet->provider, err) &&
	       egress_ips_list(db, NULL, take_ip, fleet, err) &&
	       blocklists_list(db, take_list, fleet, err) &&
	       warmup_steps_list(db, take_step, &fleet->schedule, err);
}

bool fleet_read(struct db *db, const struct fleet_sources *sources, struct fleet *old,
		struct fleet **fleet_r, struct error *err)
{
	struct fleet *fleet = fleet_grow(NULL, 0, sizeof(*fleet));

	if (!read_rows(db, fleet, err)) {
		fleet_free(fleet);
		return false;
	}
	for (size_t i = 0; i < fleet->list_count; i++)
		fleet->lists[i].dns =
		    resolvers_get(sources->resolvers, fleet->lists[i].row.resolver);
	for (size_t i = 0; i < fleet->ip_count; i++)
		add_items(fleet, sources, &fleet->ips[i]);
	if (!fleet_recall(db, fleet, old, err)) {
		fleet_free(fleet);
		return false;
	}
	if (old != NULL) {
		fleet_take_over(fleet, old);
		fleet_free(old);
	}
	*fleet_r = fleet;
	return true;
}

void fleet_give_up(struct dns_question **question)
{
	struct dns_answer answer;
	struct error err;

	if (*question == NULL)
		return;
	dns_finish(*question, 1, &answer, &err);
	dns_answer_clear(&answer);
	*question = NULL;
}

static void free_item(struct item *item)
{
	fleet_give_up(&item->questions[0]);
	fleet_give_up(&item->questions[1]);
	probe_free(item->probe);
	free(item->subject);
	free(item->detail);
}

void fleet_free(struct fleet *fleet)
{
	if (fleet == NULL)
		return;
	for (size_t i = 0; i < fleet->ip_count; i++) {
		for (size_t k = 0; k < fleet->ips[i].item_count; k++)
			free_item(&fleet->ips[i].items[k]);
		free(fleet->ips[i].items);
	}
	for (size_t i = 0; i < 2 * fleet->list_count; i++) {
		fleet_give_up(&fleet->lists[i / 2].points[i % 2].listed);
		fleet_give_up(&fleet->lists[i / 2].points[i % 2].clear);
	}
	free(fleet->ips);
	free(fleet->lists);
	free(fleet);
}
