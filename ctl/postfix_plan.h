/* SPDX-License-Identifier: BSD-2-Clause */
/* The difference between Postfix's configuration and the desired one, shown and made. */
#ifndef EASYMAIL_CTL_POSTFIX_PLAN_H
#define EASYMAIL_CTL_POSTFIX_PLAN_H

#include "common/json.h"
#include "ctl/postfix_want.h"

enum postfix_change_kind {
	POSTFIX_PARAMETER,
	POSTFIX_SERVICE,
	POSTFIX_FILE,
};

struct postfix_change {
	enum postfix_change_kind kind;
	char *name;
	char *old; /* NULL: it is not there */
	char *new; /* NULL: it goes */
};

struct postfix_plan {
	size_t count;
	struct postfix_change *changes;
};

/* What is to be done; free it with postfix_plan_free. */
void postfix_plan_make(const struct postfix_state *current, const struct postfix_state *wanted,
		       struct postfix_plan *plan_r) __attribute__((nonnull));
void postfix_plan_free(struct postfix_plan *plan) __attribute__((nonnull));

/* `- ` and `+ ` lines, as a text that the caller frees; and the same as an array of objects. */
char *postfix_plan_text(const struct postfix_plan *plan) __attribute__((nonnull));
struct json *postfix_plan_json(const struct postfix_plan *plan) __attribute__((nonnull));

/* Makes the changes after a backup of main.cf and master.cf, whose time is in stamp_r; when one fails both files are
 * put back. */
bool postfix_plan_apply(const struct postfix_plan *plan, const char *directory, char stamp_r[32],
			struct error *err) __attribute__((nonnull, warn_unused_result));

#endif
