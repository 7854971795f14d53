/* SPDX-License-Identifier: BSD-2-Clause */
/* The settings for what is not known. */
#include "milters/content/content_unknown.h"

/* False: the choice is left to another setting. */
static bool choose(const struct setting_value *settings, enum setting_id id,
		   enum message_action *action_r)
{
	return setting_action(id, &settings[id], action_r) == FOUND_ONE;
}

bool content_is_avs(const struct setting_value settings[SETTING_COUNT],
		    const struct scan_answer *answer)
{
	enum message_action own;

	return (answer->verdict == SCAN_UNKNOWN || answer->verdict == SCAN_BUSY) &&
	       !choose(settings, SETTING_CONTENT_ON_UNKNOWN, &own);
}

enum message_action content_rule_unknown(const struct setting_value settings[SETTING_COUNT],
					 const struct scan_answer *answer)
{
	bool over_limit = (answer->flags & SCAN_OVER_LIMIT) != 0;
	enum message_action action = ACTION_TEMPFAIL;

	/* Too busy is our own passing state, whatever the tenant chose. */
	if (answer->verdict == SCAN_BUSY)
		return ACTION_TEMPFAIL;
	if (!choose(settings, SETTING_CONTENT_ON_UNKNOWN, &action) &&
	    !(over_limit && choose(settings, SETTING_AV_ON_OVER_LIMIT, &action)) &&
	    !choose(settings, SETTING_AV_ON_UNKNOWN, &action))
		return ACTION_TEMPFAIL;
	return action == ACTION_ACCEPT ? ACTION_TAG : action;
}
