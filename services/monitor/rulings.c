/* SPDX-License-Identifier: BSD-2-Clause */
/* Gathers the facts for the state machine. */
#include "services/monitor/rulings.h"
#include <stdio.h>
#include <string.h>

struct words {
	char text[TITLE_SIZE];
};

/* One more, after a comma; cut at the size. */
static void append(struct words *words, const char *lead, const char *text)
{
	size_t used = strlen(words->text);

	snprintf(words->text + used, sizeof(words->text) - used, "%s%s", used > 0 ? ", " : lead,
		 text);
}

struct gathered {
	struct words absent, listed, refused_by;
	const char *refused, *misnamed;
	unsigned weight;
};

static void gather_listing(const struct fleet *fleet, const struct watched_ip *ip,
			   const struct item *item, const struct evidence_rules *rules,
			   struct gathered *gathered)
{
	const struct watched_list *list = &fleet->lists[item->list];
	char text[BLOCKLIST_ZONE_SIZE + 128];

	if (list_is_written_off(list, !ip_is_v4(&ip->row.ip.address), rules))
		return;
	gathered->weight += list->row.weight;
	snprintf(text, sizeof(text), "%s (%.120s)", list->row.zone,
		 item->detail ? item->detail : "");
	append(&gathered->listed, "listed by ", text);
}

static void gather(const struct fleet *fleet, const struct watched_ip *ip, const struct item *item,
		   const struct evidence_rules *rules, struct gathered *gathered)
{
	if (!item->evidence.bad)
		return;
	switch (item->kind) {
	case EVIDENCE_INTERFACE:
	case EVIDENCE_CONNECT:
		append(&gathered->absent, "", item->detail ? item->detail : "");
		break;
	case EVIDENCE_REVERSE:
		gathered->misnamed = item->detail;
		break;
	case EVIDENCE_BLOCKLIST:
		gather_listing(fleet, ip, item, rules, gathered);
		break;
	case EVIDENCE_REFUSAL:
		if (strcmp(item->subject, "*") == 0)
			gathered->refused = item->detail;
		else
			append(&gathered->refused_by, "refused for its reputation by ",
			       item->subject);
		break;
	}
}

bool rulings_is_warming(const struct fleet *fleet, const struct egress_ip_row *row,
			const char *today, int64_t *allowance_r)
{
	return row->warmup_start[0] != '\0' &&
	       warmup_allowance(&fleet->schedule, warmup_day(row->warmup_start, today),
				allowance_r);
}

static const char *text_or_null(const struct words *words)
{
	return words->text[0] != '\0' ? words->text : NULL;
}

/* Why it is well where the machine had no reason to give. */
static void complete_reason(const struct watched_ip *ip, struct egress_ruling *ruling)
{
	if (ruling->reason[0] != '\0' || ruling->state == ip->row.ip.state)
		return;
	snprintf(ruling->reason, sizeof(ruling->reason), "%s",
		 ip->row.ip.state == EGRESS_WARMING ? "its warm-up is over"
						    : "all looks were good again");
}

void rulings_make(const struct fleet *fleet, const struct watched_ip *ip,
		  const struct evidence_rules *rules, const char *today,
		  struct egress_ruling *ruling_r)
{
	struct gathered gathered = {0};
	int64_t unused;
	struct egress_facts facts = {
	    .state = ip->row.ip.state,
	    .by_operator = !ip->row.by_monitor,
	    .warming = rulings_is_warming(fleet, &ip->row, today, &unused),
	};

	for (size_t i = 0; i < ip->item_count; i++)
		gather(fleet, ip, &ip->items[i], rules, &gathered);
	facts.absent = text_or_null(&gathered.absent);
	facts.listed = text_or_null(&gathered.listed);
	facts.listed_weight = gathered.weight;
	facts.refused = gathered.refused;
	facts.refused_by = text_or_null(&gathered.refused_by);
	facts.misnamed = gathered.misnamed;
	egress_machine_rule(&facts, ruling_r);
	complete_reason(ip, ruling_r);
}
