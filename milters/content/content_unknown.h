/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of a message whose content nobody could look into: a pure function of why and the settings. */
#ifndef EASYMAIL_CONTENT_UNKNOWN_H
#define EASYMAIL_CONTENT_UNKNOWN_H

#include "common/scan_protocol.h"
#include "common/settings.h"

/* Is it for an av filter in the same chain to decide: could the message not be scanned either, and does
 * content.on_unknown say "av"? */
bool content_is_avs(const struct setting_value settings[SETTING_COUNT],
		    const struct scan_answer *answer) __attribute__((nonnull));

/* ACCEPT never: what is taken is tagged. */
enum message_action content_rule_unknown(const struct setting_value settings[SETTING_COUNT],
					 const struct scan_answer *answer) __attribute__((nonnull));

#endif
