/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks that ask DNS: blocklists with their test points, and reverse DNS. */
#include "common/clock.h"
#include "services/monitor/looks.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PROOF_MS 100 /* how soon the same is looked at again after the test points were asked */

static struct dns_question *ask(struct looks *looks, struct dns *dns, const char *name,
				enum dns_type type)
{
	looks->under_way++;
	return dns_start(dns, name, type);
}

/* Takes the answer of a question that is due. The caller clears it. */
static void take(struct dns_question **question, struct dns_answer *answer_r)
{
	struct error err;

	dns_finish(*question, 1, answer_r, &err);
	*question = NULL;
}

static void judge_points(struct looks *looks, struct list_points *points)
{
	struct dns_answer listed, clear;

	take(&points->listed, &listed);
	take(&points->clear, &clear);
	points->health = blocklist_judge(&listed, &clear, points->detail);
	dns_answer_clear(&listed);
	dns_answer_clear(&clear);
	points->judged_ms = points->begun_ms;
	if (points->health == BLOCKLIST_GOOD)
		points->bad_run = 0;
	else if (points->health == BLOCKLIST_BAD && points->bad_run < EVIDENCE_LOOKS_MAX)
		points->bad_run++;
	points->due_ms = fleet_jitter(looks->settings->interval_ms);
}

static void turn_points(struct looks *looks, struct watched_list *list, bool ipv6)
{
	struct list_points *points = &list->points[ipv6];
	char name[DNS_NAME_MAX + 1];

	if (points->listed != NULL) {
		if (dns_is_due(points->listed) && dns_is_due(points->clear))
			judge_points(looks, points);
		return;
	}
	if (!points->wanted || list->dns == NULL || clock_ms() < points->due_ms)
		return;
	points->begun_ms = clock_ms();
	blocklist_point_name(ipv6, true, list->row.zone, name);
	points->listed = ask(looks, list->dns, name, DNS_A);
	blocklist_point_name(ipv6, false, list->row.zone, name);
	points->clear = ask(looks, list->dns, name, DNS_A);
}

/* A listing counts when the list proves itself after it was seen: a list that begins to list the world, or a resolver
 * that begins to lie, is found out before it has moved anything. */
static bool is_proved(struct list_points *points, struct item *item, struct look *look)
{
	if (item->since_ms != 0 && points->judged_ms >= item->since_ms) {
		item->since_ms = 0;
		return true;
	}
	if (item->since_ms == 0)
		item->since_ms = clock_ms();
	if (points->listed == NULL)
		points->due_ms = 0;
	look->again_ms = PROOF_MS;
	return false;
}

static void read_blocklist(const struct watched_list *list, struct list_points *points,
			   struct item *item, const struct dns_answer *answer, struct look *look_r)
{
	look_r->ttl_ms = answer->ttl * 1000;
	look_r->sight = SIGHT_UNKNOWN;
	switch (blocklist_read(answer, list->row.codes, list->row.code_count, look_r->detail)) {
	case BLOCKLIST_UNKNOWN:
		item->since_ms = 0;
		break;
	case BLOCKLIST_CLEAR:
		item->since_ms = 0;
		look_r->sight = SIGHT_WELL;
		break;
	case BLOCKLIST_LISTED:
		if (is_proved(points, item, look_r))
			look_r->sight = SIGHT_BAD;
		break;
	}
	if (points->health != BLOCKLIST_GOOD) {
		*look_r = (struct look){.sight = SIGHT_UNKNOWN};
		item->since_ms = 0;
		snprintf(look_r->detail, sizeof(look_r->detail), "%s", points->detail);
	}
}

bool looks_points(struct looks *looks, struct watched_list *list)
{
	const struct evidence_rules *rules = &looks->settings->rules;
	bool before[2] = {list_is_written_off(list, false, rules),
			  list_is_written_off(list, true, rules)};

	turn_points(looks, list, false);
	turn_points(looks, list, true);
	return before[0] != list_is_written_off(list, false, rules) ||
	       before[1] != list_is_written_off(list, true, rules);
}

bool looks_blocklist(struct looks *looks, struct watched_list *list, struct watched_ip *ip,
		     struct item *item, struct look *look_r)
{
	struct list_points *points = &list->points[ip_is_v4(&ip->row.ip.address) ? 0 : 1];
	char name[DNS_NAME_MAX + 1];
	struct dns_answer answer;

	if (points->judged_ms == 0) /* the test points first */
		return false;
	if (item->questions[0] == NULL) {
		if (!blocklist_name(&ip->row.ip.address, list->row.zone, name))
			return true;
		item->questions[0] = ask(looks, list->dns, name, DNS_A);
	}
	if (!dns_is_due(item->questions[0]))
		return false;
	take(&item->questions[0], &answer);
	read_blocklist(list, points, item, &answer, look_r);
	dns_answer_clear(&answer);
	return true;
}

static bool is_definite(const struct dns_answer *answer)
{
	return answer->status == DNS_FOUND || answer->status == DNS_NODATA ||
	       answer->status == DNS_NXDOMAIN;
}

static bool has_name(const struct dns_answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->count; i++) {
		size_t length = strlen(name);
		const char *text = answer->records[i].text;

		if (strncasecmp(text, name, length) == 0 && strcmp(text + length, ".") <= 0 &&
		    (text[length] == '\0' || strcmp(text + length, ".") == 0))
			return true;
	}
	return false;
}

static bool has_ip(const struct dns_answer *answer, const struct ip *ip)
{
	for (size_t i = 0; i < answer->count; i++) {
		if (ip_compare(&answer->records[i].ip, ip) == 0)
			return true;
	}
	return false;
}

static void read_reverse(const struct egress_ip_row *row, const struct dns_answer *back,
			 const struct dns_answer *forth, struct look *look_r)
{
	look_r->sight = SIGHT_BAD;
	if (!is_definite(back) || !is_definite(forth)) {
		look_r->sight = SIGHT_UNKNOWN;
		snprintf(look_r->detail, sizeof(look_r->detail), "no answer from DNS");
	} else if (back->count == 0) {
		snprintf(look_r->detail, sizeof(look_r->detail), "has no reverse DNS");
	} else if (!has_name(back, row->helo_name)) {
		snprintf(look_r->detail, sizeof(look_r->detail),
			 "its reverse DNS is %.100s, it says %.100s in EHLO", back->records[0].text,
			 row->helo_name);
	} else if (!has_ip(forth, &row->ip.address)) {
		snprintf(look_r->detail, sizeof(look_r->detail), "%.180s does not resolve to it",
			 row->helo_name);
	} else {
		look_r->sight = SIGHT_WELL;
	}
	look_r->ttl_ms = 1000 * (back->ttl < forth->ttl ? back->ttl : forth->ttl);
}

bool looks_reverse(struct looks *looks, struct watched_ip *ip, struct item *item,
		   struct look *look_r)
{
	const struct ip *address = &ip->row.ip.address;
	struct dns_answer back, forth;
	char name[DNS_REVERSE_SIZE];

	if (looks->dns == NULL)
		return true;
	if (item->questions[0] == NULL) {
		dns_reverse_name(address, name);
		item->questions[0] = ask(looks, looks->dns, name, DNS_PTR);
		item->questions[1] =
		    ask(looks, looks->dns, ip->row.helo_name, ip_is_v4(address) ? DNS_A : DNS_AAAA);
	}
	if (!dns_is_due(item->questions[0]) || !dns_is_due(item->questions[1]))
		return false;
	take(&item->questions[0], &back);
	take(&item->questions[1], &forth);
	read_reverse(&ip->row, &back, &forth, look_r);
	dns_answer_clear(&back);
	dns_answer_clear(&forth);
	return true;
}
