/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks for every IP that may send, and lets egress_select choose by the answers. */
#include "common/egress_choice.h"
#include "common/clock.h"
#include <stdio.h>
#include <stdlib.h>

/* For egress_select_ranked. */
static unsigned char rank_of(enum spf_result result)
{
	switch (result) {
	case SPF_PASS:
		return 0;
	case SPF_NONE:
	case SPF_NEUTRAL:
	case SPF_TEMPERROR:
	case SPF_PERMERROR:
		break;
	case SPF_SOFTFAIL:
		return 2;
	case SPF_FAIL:
		return 3;
	}
	return 1;
}

/* The results of all that may send. All are asked for before the first is waited for. */
static void gather(struct spf_preflight *preflight, const struct egress_set *set,
		   const struct mailbox *sender, int wait_ms, enum spf_result *results_r)
{
	int64_t deadline = clock_ms() + wait_ms;

	for (size_t i = 0; i < set->count; i++) {
		results_r[i] = SPF_TEMPERROR;
		if (preflight != NULL && egress_state_may_send(set->ips[i].state))
			results_r[i] = spf_preflight_peek(preflight, sender, &set->ips[i].address);
	}
	if (preflight == NULL || wait_ms == 0)
		return;
	for (size_t i = 0; i < set->count; i++) {
		if (egress_state_may_send(set->ips[i].state))
			results_r[i] =
			    spf_preflight_ask(preflight, sender, &set->ips[i].address, deadline);
	}
}

/* The map's key: the address in lower case. */
static void make_key(const struct mailbox *sender, char *key_r, size_t size)
{
	snprintf(key_r, size, "%s", sender->address);
	for (char *c = key_r; *c != '\0'; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
}

void egress_choose(struct spf_preflight *preflight, const struct egress_set *set,
		   const struct mailbox *sender, int wait_ms, struct egress_choice *choice_r)
{
	enum spf_result *results = calloc(set->count + 1, sizeof(*results));
	unsigned char *ranks = calloc(set->count + 1, 1);
	char key[sizeof(sender->address)];

	if (results == NULL || ranks == NULL)
		abort();
	gather(preflight, set, sender, wait_ms, results);
	for (size_t i = 0; i < set->count; i++)
		ranks[i] = rank_of(results[i]);
	make_key(sender, key, sizeof(key));
	choice_r->ip = egress_select_ranked(set, key, ranks);
	choice_r->spf = choice_r->ip == NULL ? SPF_TEMPERROR : results[choice_r->ip - set->ips];
	free(results);
	free(ranks);
}
