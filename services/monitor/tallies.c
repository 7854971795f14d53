/* SPDX-License-Identifier: BSD-2-Clause */
/* Receivers' refusals: sums by receiving domain and IP, each judged against its group's others. */
#include "common/clock.h"
#include "common/log.h"
#include "services/monitor/fleet_private.h"
#include "services/monitor/refusals.h"
#include "services/monitor/tallies_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct sum {
	const struct fleet *fleet;
	size_t ip;
	char *domain; /* owned */
	struct refusal_tally tally;
};

struct sums {
	struct fleet *fleet;
	size_t count, size, at; /* at: the IP of the row before */
	struct sum *items;
};

struct tallies *tallies_new(void)
{
	return fleet_grow(NULL, 0, sizeof(struct tallies));
}

void tallies_free(struct tallies *tallies)
{
	if (tallies != NULL)
		free(tallies->delivered);
	free(tallies);
}

static bool read_open(struct journal *journal, int64_t since, const char *domain,
		      void (*each)(const struct journal_tally *tally, void *context), void *context,
		      struct error *err)
{
	bool done = journal_begin(journal, err) &&
		    journal_tally_read(journal, since, domain, each, context, err);

	journal_rollback(journal);
	return done;
}

bool tallies_read(struct tallies *tallies, const struct monitor_settings *settings, int64_t since,
		  const char *domain,
		  void (*each)(const struct journal_tally *tally, void *context), void *context)
{
	struct journal *journal = NULL;
	struct error err;
	bool done =
	    journal_open(settings->journal, JOURNAL_READ, settings->busy_ms, &journal, &err) &&
	    read_open(journal, since, domain, each, context, &err);

	journal_close(journal);
	if (!done && !tallies->failing)
		log_warning("what receivers say is not known: %s", err.text);
	tallies->failing = !done;
	return done;
}

/* The fleet's IP of that address; false: none. Rows of one IP follow one another. */
static bool find_ip(struct sums *sums, const char *address)
{
	for (size_t i = 0; i < sums->fleet->ip_count; i++) {
		size_t at = (sums->at + i) % sums->fleet->ip_count;

		if (strcmp(sums->fleet->ips[at].row.address, address) == 0) {
			sums->at = at;
			return true;
		}
	}
	return false;
}

static void take_tally(const struct journal_tally *tally, void *context)
{
	struct sums *sums = context;
	struct sum *sum;

	if (!find_ip(sums, tally->egress))
		return;
	if (sums->count == sums->size) {
		sums->size = 2 * sums->size + 64;
		sums->items = reallocarray(sums->items, sums->size, sizeof(*sums->items));
		if (sums->items == NULL)
			abort();
	}
	sum = &sums->items[sums->count++];
	*sum = (struct sum){.fleet = sums->fleet, .ip = sums->at};
	sum->domain = fleet_copy(tally->domain);
	sum->tally.replies = tally->count;
	sum->tally.refused = reply_class_blames_address(tally->class) ? tally->count : 0;
}

/* By domain, then by group, then by IP. */
static int compare(const void *left, const void *right)
{
	const struct sum *a = left, *b = right;
	int domain = strcmp(a->domain, b->domain), group;

	if (domain != 0)
		return domain;
	group = strcmp(a->fleet->ips[a->ip].row.group, b->fleet->ips[b->ip].row.group);
	if (group != 0)
		return group;
	return (a->ip > b->ip) - (a->ip < b->ip);
}

static void add(struct refusal_tally *to, const struct refusal_tally *tally)
{
	to->refused += tally->refused;
	to->replies += tally->replies;
}

static bool is_kept(const struct watched_ip *ip)
{
	return ip->row.ip.state == EGRESS_LISTED || ip->row.ip.state == EGRESS_LIMITED;
}

static void judge(const struct looks *looks, struct watched_ip *ip, const char *domain,
		  const struct refusal_tally *own, const struct refusal_tally *all)
{
	struct refusal_tally others = {all->refused - own->refused, all->replies - own->replies};
	int64_t least = looks->settings->refusal_least;
	enum sight sight = refusals_judge(own, &others, least, is_kept(ip));
	char detail[BLOCKLIST_DETAIL_SIZE];
	struct item *item;

	snprintf(detail, sizeof(detail),
		 "%lld of %lld replies of %.100s refuse it for its reputation, %lld of %lld the "
		 "others of its group",
		 (long long)own->refused, (long long)own->replies,
		 strcmp(domain, "*") == 0 ? "all receivers" : domain, (long long)others.refused,
		 (long long)others.replies);
	if (sight != SIGHT_BAD && own->refused == 0)
		return; /* what is not refused needs no item; one that is there is judged below */
	item = fleet_refusal_item(ip, domain);
	item->due_ms = looks->settings->interval_ms; /* judged in this round */
	looks_note(looks, ip, item, sight, detail, 0);
}

/* The sums from `at` on that are of one domain and group; where the next begins. */
static size_t judge_group(const struct looks *looks, struct sums *sums, size_t at)
{
	struct refusal_tally all = {0}, own = {0};
	const char *domain = sums->items[at].domain;
	const char *group = sums->fleet->ips[sums->items[at].ip].row.group;
	size_t end;

	for (end = at; end < sums->count && strcmp(sums->items[end].domain, domain) == 0 &&
		       strcmp(sums->fleet->ips[sums->items[end].ip].row.group, group) == 0;
	     end++)
		add(&all, &sums->items[end].tally);
	for (; at < end; at++) {
		add(&own, &sums->items[at].tally);
		if (at + 1 < end && sums->items[at + 1].ip == sums->items[at].ip)
			continue;
		judge(looks, &sums->fleet->ips[sums->items[at].ip], domain, &own, &all);
		own = (struct refusal_tally){0};
	}
	return end;
}

/* What is held against an IP, but did not come up this time. */
static void judge_silent(const struct looks *looks, struct fleet *fleet)
{
	static const struct refusal_tally none;

	for (size_t i = 0; i < fleet->ip_count; i++) {
		struct watched_ip *ip = &fleet->ips[i];

		for (size_t k = 0; k < ip->item_count; k++) {
			struct item *item = &ip->items[k];

			if (item->kind == EVIDENCE_REFUSAL && item->due_ms <= clock_ms() &&
			    !evidence_is_blank(&item->evidence))
				looks_note(looks, ip, item,
					   refusals_judge(&none, &none,
							  looks->settings->refusal_least,
							  is_kept(ip)),
					   NULL, 0);
		}
	}
}

void tallies_refusals(struct tallies *tallies, const struct looks *looks, struct fleet *fleet)
{
	const struct monitor_settings *settings = looks->settings;
	struct sums sums = {.fleet = fleet};
	int64_t since = (int64_t)time(NULL) / 60 - settings->refusal_minutes;

	if (clock_ms() < tallies->refusals_due_ms)
		return;
	tallies->refusals_due_ms = fleet_jitter(settings->interval_ms);
	if (tallies_read(tallies, settings, since, NULL, take_tally, &sums)) {
		if (sums.count > 0)
			qsort(sums.items, sums.count, sizeof(*sums.items), compare);
		for (size_t at = 0; at < sums.count;)
			at = judge_group(looks, &sums, at);
		judge_silent(looks, fleet);
	}
	for (size_t i = 0; i < sums.count; i++)
		free(sums.items[i].domain);
	free(sums.items);
}
