/* SPDX-License-Identifier: BSD-2-Clause */
/* The table from findings to actions. */
#include "milters/av/av_policy.h"
#include <stdio.h>
#include <string.h>

/* The findings beside a virus, each with its setting and how a reader is told. */
static const struct {
	uint32_t flag;
	enum setting_id setting;
	const char *text;
} flags[] = {
    {SCAN_PARTIAL, SETTING_AV_ON_PARTIAL, "a message/partial cannot be scanned for viruses"},
    {SCAN_ENCRYPTED_ARCHIVE, SETTING_AV_ON_ENCRYPTED_ARCHIVE,
     "an encrypted archive cannot be scanned for viruses"},
    {SCAN_ENCRYPTED_DOCUMENT, SETTING_AV_ON_ENCRYPTED_DOCUMENT,
     "an encrypted document cannot be scanned for viruses"},
    {SCAN_MACROS, SETTING_AV_ON_MACROS, "a document contains macros"},
};

/* A choice that names no action is a table gone wrong: the message stays with the tenant's server. */
static enum message_action action_of(const struct setting_value *settings, enum setting_id id)
{
	enum message_action action;

	return setting_action(id, &settings[id], &action) == FOUND_ONE ? action : ACTION_TEMPFAIL;
}

/* `temporary` and `permanent` are the status codes for the two kinds of refusal. */
static void rule(struct av_ruling *ruling, enum message_action action, const char *temporary,
		 const char *permanent)
{
	ruling->action = action;
	snprintf(ruling->status, sizeof(ruling->status), "%s",
		 action == ACTION_TEMPFAIL ? temporary
		 : action == ACTION_ACCEPT ? ""
					   : permanent);
}

static void rule_infected(const struct setting_value *settings, const struct scan_answer *answer,
			  struct av_ruling *ruling)
{
	rule(ruling, action_of(settings, SETTING_AV_ON_INFECTED), "4.7.1", "5.7.1");
	if (answer->part == 0)
		snprintf(ruling->text, sizeof(ruling->text), "Virus %s found", answer->signature);
	else if (answer->part_name[0] == '\0')
		snprintf(ruling->text, sizeof(ruling->text), "Virus %s found in part %u",
			 answer->signature, answer->part);
	else
		snprintf(ruling->text, sizeof(ruling->text), "Virus %s found in part %u, %s",
			 answer->signature, answer->part, answer->part_name);
}

static void rule_flags(const struct setting_value *settings, const struct scan_answer *answer,
		       struct av_ruling *ruling)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		enum message_action action;

		if ((answer->flags & flags[i].flag) == 0)
			continue;
		action = action_of(settings, flags[i].setting);
		if (action <= ruling->action)
			continue;
		rule(ruling, action, "4.7.1", "5.7.1");
		snprintf(ruling->text, sizeof(ruling->text), "%s", flags[i].text);
	}
}

/* A limit of ours may have a choice of its own; "unknown" leaves it to on_unknown. */
static void rule_unknown(const struct setting_value *settings, const struct scan_answer *answer,
			 struct av_ruling *ruling)
{
	enum message_action action = action_of(settings, SETTING_AV_ON_UNKNOWN);

	if ((answer->flags & SCAN_OVER_LIMIT) != 0)
		(void)setting_action(SETTING_AV_ON_OVER_LIMIT, &settings[SETTING_AV_ON_OVER_LIMIT],
				     &action);
	if (action == ACTION_ACCEPT)
		action = ACTION_TAG;
	rule(ruling, action, "4.3.0", "5.7.1");
	snprintf(ruling->text, sizeof(ruling->text), "Not scanned for viruses: %s", answer->why);
	rule_flags(settings, answer, ruling);
}

/* Too busy is our own passing state, whatever the tenant chose for what cannot be scanned. */
static void rule_busy(const struct scan_answer *answer, struct av_ruling *ruling)
{
	rule(ruling, ACTION_TEMPFAIL, "4.3.2", "4.3.2");
	snprintf(ruling->text, sizeof(ruling->text), "The virus scanner is busy: %s", answer->why);
}

void av_rule(const struct setting_value settings[SETTING_COUNT], const struct scan_answer *answer,
	     struct av_ruling *ruling_r)
{
	memset(ruling_r, 0, sizeof(*ruling_r));
	switch ((enum scan_verdict)answer->verdict) {
	case SCAN_CLEAN:
		return;
	case SCAN_FLAGGED:
		rule_flags(settings, answer, ruling_r);
		return;
	case SCAN_INFECTED:
		rule_infected(settings, answer, ruling_r);
		return;
	case SCAN_UNKNOWN:
		rule_unknown(settings, answer, ruling_r);
		return;
	case SCAN_BUSY:
		rule_busy(answer, ruling_r);
		return;
	}
	rule(ruling_r, ACTION_TEMPFAIL, "4.3.0", "4.3.0");
	snprintf(ruling_r->text, sizeof(ruling_r->text), "The virus scanner gave no verdict");
}
