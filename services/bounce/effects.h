/* SPDX-License-Identifier: BSD-2-Clause */
/* What one mail that came back does. */
#ifndef EASYMAIL_BOUNCE_EFFECTS_H
#define EASYMAIL_BOUNCE_EFFECTS_H

#include "common/bounces.h"
#include "common/config.h"
#include "common/return_address.h"

struct effects {
	const struct config *config;
	struct policy_store *policies;
	struct return_site site;
	struct bounce_rules *rules;
	struct suppressions *suppressions;
	int64_t now;
};

/* After false too the caller calls effects_close. */
bool effects_open(const struct config *config, struct effects *effects_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void effects_close(struct effects *effects) __attribute__((nonnull));

/*
 * Takes the report that came to the envelope recipient `to`, and logs what became of it. True also when it does
 * nothing, because it is no bounce, or forged, expired, repeated, or not about a recipient of that message. False:
 * something of ours does not work now; the same mail is to be tried again.
 */
bool effects_take(struct effects *effects, const char *to, const struct bounce_report *report,
		  struct error *err) __attribute__((nonnull, warn_unused_result));

#endif
