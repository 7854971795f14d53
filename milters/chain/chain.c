/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting and stopping the filters of a process. */
#include "milters/chain/chain.h"
#include "milters/chain/memory.h"
#include <stdlib.h>

static bool start_filters(struct chain *chain, const struct filter *const *filters, size_t count,
			  const struct filter_context *context, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		struct filter_slot *slot = &chain->slots[i];

		slot->filter = filters[i];
		if (filters[i]->start != NULL && !filters[i]->start(context, &slot->process, err))
			return error_prefix(err, "filter %s: ", filters[i]->name);
		chain->count = i + 1;
	}
	return true;
}

bool chain_new(const struct filter *const *filters, size_t count,
	       const struct filter_context *context, const struct chain_limits *limits,
	       struct chain **chain_r, struct error *err)
{
	struct chain *chain = memory_new(1, sizeof(*chain) + count * sizeof(struct filter_slot));
	struct filter_context own = *context;

	chain->limits = *limits;
	chain->gate = gate_new(limits->max_sessions, limits->max_busy, limits->busy_wait_ms);
	chain->bulk_share = bulk_share_new();
	chain->recent = recent_new();
	own.filters = filters;
	own.filter_count = count;
	if (!start_filters(chain, filters, count, &own, err)) {
		chain_free(chain);
		return false;
	}
	*chain_r = chain;
	return true;
}

void chain_free(struct chain *chain)
{
	if (chain == NULL)
		return;
	for (size_t i = chain->count; i-- > 0;) {
		if (chain->slots[i].filter->stop != NULL)
			chain->slots[i].filter->stop(chain->slots[i].process);
	}
	recent_free(chain->recent);
	bulk_share_free(chain->bulk_share);
	gate_free(chain->gate);
	free(chain);
}

unsigned chain_changes(const struct chain *chain)
{
	unsigned changes = 0;

	for (size_t i = 0; i < chain->count; i++)
		changes |= chain->slots[i].filter->changes;
	return changes;
}

bool chain_asks_rcpt(const struct chain *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		if (chain->slots[i].filter->rcpt != NULL)
			return true;
	}
	return false;
}

bool chain_asks_data(const struct chain *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		if (chain->slots[i].filter->data != NULL)
			return true;
	}
	return false;
}

bool chain_asks_scan(const struct chain *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		if (chain->slots[i].filter->needs_scan)
			return true;
	}
	return false;
}

bool chain_asks_facts(const struct chain *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		if (chain->slots[i].filter->needs_facts)
			return true;
	}
	return false;
}

bool chain_asks_body(const struct chain *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		if (chain->slots[i].filter->needs_body)
			return true;
	}
	return chain_asks_scan(chain) || chain_asks_facts(chain);
}
