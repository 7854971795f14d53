/* SPDX-License-Identifier: BSD-2-Clause */
/* The tenant filter's decisions about recipients. */
#include "milters/tenant/tenant_recipient.h"

enum recipient_ruling recipient_rule_direction(const struct recipient_facts *facts)
{
	switch (facts->address) {
	case RETURN_ADDRESS_ELSEWHERE:
		if (facts->stranger)
			return RECIPIENT_STRANGER;
		return facts->is_return ? RECIPIENT_APART : RECIPIENT_PASS;
	case RETURN_ADDRESS_GENUINE:
	case RETURN_ADDRESS_COMPLAINTS:
		return facts->recipients > 0 && !facts->is_return ? RECIPIENT_APART
								  : RECIPIENT_RETURN;
	case RETURN_ADDRESS_EXPIRED:
		return RECIPIENT_EXPIRED;
	case RETURN_ADDRESS_FORGED:
		return RECIPIENT_FORGED;
	case RETURN_ADDRESS_UNKNOWN:
		break;
	}
	return RECIPIENT_UNVERIFIED;
}

bool recipient_is_checked(const struct setting_value *settings, bool is_bulk)
{
	switch ((enum suppression_check)settings[SETTING_SUPPRESSION_CHECK].number) {
	case SUPPRESSION_CHECK_OFF:
		return false;
	case SUPPRESSION_CHECK_ON:
		return true;
	case SUPPRESSION_CHECK_BULK:
		return is_bulk;
	}
	return true;
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
