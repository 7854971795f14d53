/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of a message whose content nobody could look into: a pure function of why and the settings. */
#ifndef EASYMAIL_CONTENT_UNKNOWN_H
#define EASYMAIL_CONTENT_UNKNOWN_H

#include "common/scan_protocol.h"
#include "common/settings.h"

/* ACCEPT never: what is taken is tagged. */
enum message_action content_rule_unknown(const struct setting_value settings[SETTING_COUNT],
					 const struct scan_answer *answer)
    __attribute__((nonnull));

#endif
