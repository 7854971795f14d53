/* SPDX-License-Identifier: BSD-2-Clause */
/* The tenant filter's decisions about recipients. */
#include "milters/tenant/tenant_recipient.h"

bool recipient_is_checked(const struct setting_value *settings)
{
	return settings[SETTING_SUPPRESSION_CHECK].number != 0;
}

static enum recipient_ruling rule_listed(enum suppression_reason reason)
{
	switch (reason) {
	case SUPPRESSION_SOFT:
	case SUPPRESSION_HARD:
		return RECIPIENT_DEAD;
	case SUPPRESSION_COMPLAINT:
		return RECIPIENT_COMPLAINED;
	case SUPPRESSION_MANUAL:
		return RECIPIENT_LISTED;
	}
	return RECIPIENT_LISTED;
}

enum recipient_ruling recipient_rule(const struct setting_value *settings, enum found found,
				     enum suppression_reason reason)
{
	switch (found) {
	case FOUND_NONE:
		return RECIPIENT_PASS;
	case FOUND_ONE:
		return rule_listed(reason);
	case FOUND_ERROR:
		break;
	}
	return settings[SETTING_SUPPRESSION_ON_ERROR].number != 0 ? RECIPIENT_PASS
								  : RECIPIENT_UNKNOWN;
}
