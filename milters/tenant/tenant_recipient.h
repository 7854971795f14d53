/* SPDX-License-Identifier: BSD-2-Clause */
/* May this tenant's mail go to this recipient? Pure functions of what the suppression list answered. */
#ifndef EASYMAIL_TENANT_RECIPIENT_H
#define EASYMAIL_TENANT_RECIPIENT_H

#include "common/settings.h"
#include "common/suppression.h"

enum recipient_ruling {
	RECIPIENT_PASS,
	RECIPIENT_DEAD,       /* earlier mail came back: 550 */
	RECIPIENT_COMPLAINED, /* its owner does not want this tenant's mail: 550 */
	RECIPIENT_LISTED,     /* somebody put it on the list: 550 */
	RECIPIENT_UNKNOWN,    /* the list could not be read: 451 */
};

/* Does this tenant ask the list at all? */
bool recipient_is_checked(const struct setting_value *settings) __attribute__((nonnull));

/* `reason` counts with FOUND_ONE only. */
enum recipient_ruling recipient_rule(const struct setting_value *settings, enum found found,
				     enum suppression_reason reason) __attribute__((nonnull));

#endif
