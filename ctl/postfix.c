/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl postfix: main.cf and master.cf as the database wants them. */
#include "ctl/nouns.h"
#include "ctl/output.h"
#include "ctl/postfix_rebind.h"
#include "ctl/postfix_site.h"
#include <stdlib.h>

static void show_plan(const struct ctl *ctl, const struct postfix_plan *plan)
{
	char *text;

	if (ctl->json) {
		output_list(ctl, "", postfix_plan_json(plan));
		return;
	}
	text = postfix_plan_text(plan);
	fputs(plan->count > 0 ? text : "nothing to change\n", stdout);
	free(text);
}

bool ctl_postfix_diff(struct ctl *ctl, struct error *err)
{
	struct postfix_view view;
	struct postfix_plan plan;
	bool done;

	if (!postfix_view_read(ctl, &view, err))
		return false;
	done = postfix_view_check_addresses(&view, err);
	postfix_view_plan(&view, &plan);
	show_plan(ctl, &plan);
	postfix_plan_free(&plan);
	postfix_view_free(&view);
	return done;
}

/* Postfix reads master.cf again only when it is told to. */
static bool reload(const struct ctl *ctl, const char *directory, struct error *err)
{
	if (ctl_option(ctl, "--no-reload") || !postfix_conf_is_running(directory))
		return true;
	if (postfix_conf_reload(directory, err))
		return true;
	return error_prefix(err, "changed, but not reloaded: ");
}

static bool apply_plan(const struct ctl *ctl, const char *directory,
		       const struct postfix_plan *plan, struct error *err)
{
	char stamp[32];

	if (plan->count > 0 && !postfix_plan_apply(plan, directory, stamp, err))
		return false;
	show_plan(ctl, plan);
	if (plan->count == 0)
		return true;
	if (!ctl->json)
		printf("backup: %s/main.cf%s, %s/master.cf%s\n", directory, stamp, directory,
		       stamp);
	return reload(ctl, directory, err);
}

bool ctl_postfix_apply(struct ctl *ctl, struct error *err)
{
	struct postfix_view view;
	struct postfix_plan plan;
	bool done;

	if (!postfix_view_read(ctl, &view, err))
		return false;
	postfix_view_plan(&view, &plan);
	done = postfix_view_check_addresses(&view, err) &&
	       apply_plan(ctl, view.site.directory, &plan, err);
	postfix_plan_free(&plan);
	postfix_view_free(&view);
	return done;
}

bool ctl_postfix_rebind(struct ctl *ctl, struct error *err)
{
	const char *directory = config_text(ctl->config, "postfix.config_directory");

	switch (postfix_rebind(ctl, err)) {
	case REBIND_DONE:
		output_done(
		    ctl, "postfix %s: the groups' own transports leave from addresses that are up",
		    directory);
		return true;
	case REBIND_NOT_SET_UP:
		return error_set(
		    err, "postfix %s: has no easymail transports; run `easymailctl postfix apply`",
		    directory);
	case REBIND_NOT_ALLOWED:
		return error_set(err, "postfix %s: this user may not change it; run it as root",
				 directory);
	case REBIND_FAILED:
		break;
	}
	return false;
}
