/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules that are there out of the box: one table. Each is switched by a setting, which is its action. */
#ifndef EASYMAIL_CONTENT_DEFAULTS_H
#define EASYMAIL_CONTENT_DEFAULTS_H

#include "common/content_rules.h"
#include "common/settings.h"

struct content_default {
	const char *name;
	const char *condition; /* in the language of rules; NULL: `what` is more than `limit` */
	enum setting_id setting;
	enum setting_id limit; /* a number, 0: none */
	const char *what;      /* "size" or "recipients" */
	const char *status;    /* of a refusal, RFC 3463 */
	const char *text;      /* what a reader is told */
};

#define CONTENT_DEFAULT_COUNT 9

extern const struct content_default content_defaults[CONTENT_DEFAULT_COUNT];

/* Those with a condition, compiled; the number of the rule at `index` is -1 - index. Held for the caller. */
struct content_rules *content_defaults_new(void);

#endif
