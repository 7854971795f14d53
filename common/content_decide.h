/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What becomes of a message: a pure function of the rules that it meets and the settings. The provider's
 * rules come first, then the built-in ones, then the tenant's.
 */
#ifndef EASYMAIL_CONTENT_DECIDE_H
#define EASYMAIL_CONTENT_DECIDE_H

#include "common/content_match.h"
#include "common/settings.h"

/* What there is to decide from. Rules of an owner that has none: NULL. */
struct content_case {
	const struct content_rules *provider, *defaults, *tenant;
	const struct setting_value *settings; /* a policy's array */
	struct content_input input;
};

struct content_ruling {
	enum message_action action; /* TAG never: see `tag` */
	char status[8];             /* of a refusal: "5.7.1" */
	char text[384];             /* of the reply or the quarantine; "" for accept */
	char tag[384];              /* what a header is to say; "" for none */
	size_t effect_count; /* what is to be done to it when it passes or is held, in order */
	const struct content_hit **effects;
	struct content_hits provider, defaults, tenant; /* all that was met; effects point there */
};

/* Always a ruling; with broken rules, or an expression that came to its limits, a tempfail whose text names the
 * rule. Free with content_ruling_free; it points into the rules. */
void content_decide(const struct content_case *content, struct content_ruling *ruling_r)
    __attribute__((nonnull));
void content_ruling_free(struct content_ruling *ruling) __attribute__((nonnull));

#endif
