/* SPDX-License-Identifier: BSD-2-Clause */
/* What is done with a message after its scan: a pure function of the scanner's answer and the settings. */
#ifndef EASYMAIL_AV_POLICY_H
#define EASYMAIL_AV_POLICY_H

#include "common/scan_protocol.h"
#include "common/settings.h"

struct av_ruling {
	enum message_action action;
	char status[8]; /* of the reply, RFC 3463: "5.7.1", "4.3.2"; "" for accept */
	char text[384]; /* of the reply, the quarantine or the header that tags; "" for accept */
};

/*
 * `settings` is a policy's array. Of several findings the strictest action counts. What could not be
 * scanned is never accepted without a word: `accept` tags it then.
 */
void av_rule(const struct setting_value settings[SETTING_COUNT], const struct scan_answer *answer,
	     struct av_ruling *ruling_r) __attribute__((nonnull));

#endif
