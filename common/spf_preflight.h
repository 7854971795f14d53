/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Would receivers' SPF checks of this sender pass for that address of ours? Answered out of a cache that
 * threads of its own fill, so that no message waits for DNS unless it wants to. Thread-safe.
 *
 * The sender is one with a domain, never the null sender: that one's SPF is the egress' HELO name's, the
 * provider's own affair. SPF_TEMPERROR is "unknown": not known yet, or DNS does not tell.
 */
#ifndef EASYMAIL_SPF_PREFLIGHT_H
#define EASYMAIL_SPF_PREFLIGHT_H

#include "common/spf_cache.h"

#define SPF_QUEUE_MAX 512 /* questions that wait for a thread; more are dropped and come again */

/* Who evaluates; for tests. `cancel` makes evaluations that are under way end soon. */
struct spf_evaluator {
	void (*evaluate)(void *context, const struct spf_question *question,
			 struct spf_outcome *outcome_r);
	void (*cancel)(void *context);
	void (*free)(void *context);
	void *context;
};

struct spf_preflight;

/* Over DNS, see dns_new. Starts threads: call after the process has become a daemon. */
bool spf_preflight_new(const char *servers, int dns_timeout_ms, struct spf_preflight **preflight_r,
		       struct error *err) __attribute__((nonnull, warn_unused_result));
/* Takes the evaluator over, also when it fails. */
bool spf_preflight_with(const struct spf_evaluator *evaluator, size_t entries,
			struct spf_preflight **preflight_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void spf_preflight_free(struct spf_preflight *preflight); /* at once; takes NULL */

/* What is known, never waiting. What is not known or out of date is asked for; until the answer is there
 * the last one serves, for a day. */
enum spf_result spf_preflight_peek(struct spf_preflight *preflight, const struct mailbox *sender,
				   const struct ip *address) __attribute__((nonnull));

/*
 * What is known and not out of date, waiting for it until `deadline` (clock_ms) when need be. Each
 * evaluation is waited out once only, and none while DNS answers for nobody.
 */
enum spf_result spf_preflight_ask(struct spf_preflight *preflight, const struct mailbox *sender,
				  const struct ip *address, int64_t deadline)
    __attribute__((nonnull));

/* The record that the sender's domain had at the last fail, for free(); NULL when it is not known. */
char *spf_preflight_record(struct spf_preflight *preflight, const struct mailbox *sender,
			   const struct ip *address) __attribute__((nonnull));

#endif
