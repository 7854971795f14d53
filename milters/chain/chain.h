/* SPDX-License-Identifier: BSD-2-Clause */
/* The filters of one process in their order, what they share, and how much may be under way. */
#ifndef EASYMAIL_CHAIN_H
#define EASYMAIL_CHAIN_H

#include "milters/chain/bulk_share.h"
#include "milters/chain/filter.h"
#include "milters/chain/gate.h"
#include "milters/chain/recent.h"

/* A filter as it runs: its process state, and in a message's copy that message's state. */
struct filter_slot {
	const struct filter *filter;
	void *process;
	void *message;
};

struct chain_limits {
	unsigned max_sessions;   /* beyond it every MAIL is 451 */
	unsigned max_busy;       /* callbacks that work at once */
	int busy_wait_ms;        /* how long one waits for its turn, then 451 */
	size_t max_header_bytes; /* of one message, all headers together; beyond it 550 */
	size_t max_scan_bytes;   /* a larger message is not scanned: unknown */
};

struct chain {
	struct chain_limits limits;
	struct gate *gate;
	struct bulk_share *bulk_share;
	struct recent *recent;
	uint64_t messages; /* since the start; atomic */
	size_t count;
	struct filter_slot slots[];
};

/* Starts the filters in order; when one does not start those before it are stopped again. */
bool chain_new(const struct filter *const *filters, size_t count,
	       const struct filter_context *context, const struct chain_limits *limits,
	       struct chain **chain_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Takes NULL. No session may be left. */
void chain_free(struct chain *chain);

/* FILTER_CHANGES_… of all filters. */
unsigned chain_changes(const struct chain *chain) __attribute__((nonnull));

/* Does any filter ask for the event? */
bool chain_asks_rcpt(const struct chain *chain) __attribute__((nonnull));
bool chain_asks_data(const struct chain *chain) __attribute__((nonnull));
bool chain_asks_scan(const struct chain *chain) __attribute__((nonnull));
bool chain_asks_facts(const struct chain *chain) __attribute__((nonnull));
bool chain_asks_body(const struct chain *chain) __attribute__((nonnull));

#endif
