/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables from scores and forced actions to what is done. */
#include "milters/content/antispam_policy.h"
#include <stdio.h>
#include <string.h>

#define CLEAN_MARGIN 100 /* hundredths below the lowest threshold */

/* From the mildest to the strictest; a suspicious message is apart. */
static const struct {
	enum setting_id threshold;
	enum message_action action;
} thresholds[] = {
    {SETTING_ANTISPAM_TAG_SCORE, ACTION_TAG},
    {SETTING_ANTISPAM_TEMPFAIL_SCORE, ACTION_TEMPFAIL},
    {SETTING_ANTISPAM_QUARANTINE_SCORE, ACTION_QUARANTINE},
    {SETTING_ANTISPAM_REJECT_SCORE, ACTION_REJECT},
};

static enum message_action forced_action(enum rspamd_action action)
{
	switch (action) {
	case RSPAMD_NO_ACTION:
		return ACTION_ACCEPT;
	case RSPAMD_ADD_HEADER:
		return ACTION_TAG;
	case RSPAMD_SOFT_REJECT:
		return ACTION_TEMPFAIL;
	case RSPAMD_QUARANTINE:
		return ACTION_QUARANTINE;
	case RSPAMD_DISCARD:
		return ACTION_DISCARD;
	case RSPAMD_REJECT:
		return ACTION_REJECT;
	}
	return ACTION_TEMPFAIL;
}

static bool reaches(const struct setting_value *settings, enum setting_id threshold, int64_t score)
{
	return settings[threshold].number != SETTING_SCORE_OFF &&
	       score >= settings[threshold].number;
}

static enum message_action score_action(const struct setting_value *settings, int64_t score)
{
	enum message_action action = ACTION_ACCEPT;

	for (size_t i = 0; i < sizeof(thresholds) / sizeof(*thresholds); i++) {
		if (reaches(settings, thresholds[i].threshold, score))
			action = thresholds[i].action;
	}
	return action;
}

/* A choice that names no action is a table gone wrong: the message stays with the tenant's server. */
static enum message_action action_of(const struct setting_value *settings, enum setting_id id)
{
	enum message_action action;

	return setting_action(id, &settings[id], &action) == FOUND_ONE ? action : ACTION_TEMPFAIL;
}

/* "12.34" */
static void format_score(int64_t score, char *text_r, size_t size)
{
	long long size_of = (long long)(score < 0 ? -score : score);

	snprintf(text_r, size, "%s%lld.%02lld", score < 0 ? "-" : "", size_of / 100, size_of % 100);
}

static void set_status(struct antispam_ruling *ruling, const char *temporary)
{
	const char *status = ruling->action == ACTION_ACCEPT     ? ""
			     : ruling->action == ACTION_TEMPFAIL ? temporary
								 : "5.7.1";

	snprintf(ruling->status, sizeof(ruling->status), "%s", status);
}

/* What a client is told are the score and a rule's own words; the names of the rules stay in what is tagged or
 * held, and in the log. */
static void set_text(struct antispam_ruling *ruling, const struct rspamd_reply *reply)
{
	char score[32];

	format_score(reply->score, score, sizeof(score));
	if (ruling->action == ACTION_ACCEPT)
		return;
	if (ruling->action == ACTION_TAG || ruling->action == ACTION_QUARANTINE)
		snprintf(ruling->text, sizeof(ruling->text), "spam score %s%s%s", score,
			 reply->symbols[0] != '\0' ? ", " : "", reply->symbols);
	else
		snprintf(ruling->text, sizeof(ruling->text),
			 "The message looks like spam%s%s, score %s",
			 reply->message[0] != '\0' ? ": " : "", reply->message, score);
}

static void rule_answered(const struct setting_value *settings, bool has_suspect_way,
			  const struct rspamd_reply *reply, struct antispam_ruling *ruling)
{
	enum message_action forced = forced_action(reply->action);
	enum message_action action = score_action(settings, reply->score);

	if (forced > action)
		action = forced;
	if (action < ACTION_TEMPFAIL &&
	    reaches(settings, SETTING_ANTISPAM_SUSPECT_SCORE, reply->score)) {
		ruling->is_suspect = has_suspect_way;
		action =
		    has_suspect_way ? ACTION_TAG : action_of(settings, SETTING_ANTISPAM_ON_SUSPECT);
	}
	ruling->action = action;
	set_status(ruling, "4.7.1");
	set_text(ruling, reply);
}

static void rule_failed(const struct setting_value *settings, const char *why,
			struct antispam_ruling *ruling)
{
	ruling->action = action_of(settings, SETTING_ANTISPAM_ON_FAILURE);
	if (ruling->action == ACTION_ACCEPT)
		ruling->action = ACTION_TAG;
	set_status(ruling, "4.3.0");
	snprintf(ruling->text, sizeof(ruling->text), "Not checked for spam: %s", why);
}

void antispam_rule(const struct setting_value settings[SETTING_COUNT], bool has_suspect_way,
		   const struct antispam_finding *finding, struct antispam_ruling *ruling_r)
{
	memset(ruling_r, 0, sizeof(*ruling_r));
	if (finding->answered)
		rule_answered(settings, has_suspect_way, &finding->reply, ruling_r);
	else
		rule_failed(settings, finding->why, ruling_r);
}

bool antispam_is_clean(const struct setting_value settings[SETTING_COUNT],
		       const struct antispam_finding *finding)
{
	int64_t score = finding->reply.score + CLEAN_MARGIN;

	return finding->answered && finding->reply.action == RSPAMD_NO_ACTION &&
	       score_action(settings, score) == ACTION_ACCEPT &&
	       !reaches(settings, SETTING_ANTISPAM_SUSPECT_SCORE, score);
}
