/* SPDX-License-Identifier: BSD-2-Clause */
/* What is done with a message after its check for spam: a pure function of rspamd's answer and the settings. */
#ifndef EASYMAIL_ANTISPAM_POLICY_H
#define EASYMAIL_ANTISPAM_POLICY_H

#include "common/settings.h"
#include "milters/content/rspamd_reply.h"

struct antispam_finding {
	bool answered; /* false: nothing is known of the message, and `why` says why */
	struct rspamd_reply reply;
	char why[192];
};

struct antispam_ruling {
	enum message_action action;
	bool is_suspect; /* accepted, but by the way for suspicious mail only, and not signed */
	char status[8];  /* of the reply, RFC 3463; "" for accept */
	char text[512];  /* of the reply, the quarantine or the header that tags; "" for accept */
};

/*
 * `settings` is a policy's array; `has_suspect_way`: there is a group for suspicious mail. The strictest of what the
 * score reaches and what a rule of rspamd's has forced counts.
 */
void antispam_rule(const struct setting_value settings[SETTING_COUNT], bool has_suspect_way,
		   const struct antispam_finding *finding, struct antispam_ruling *ruling_r)
    __attribute__((nonnull));

/* Is it beyond doubt: far from every threshold, and nothing forced? Only that may be said of a message that
 * was not asked for. */
bool antispam_is_clean(const struct setting_value settings[SETTING_COUNT],
		       const struct antispam_finding *finding) __attribute__((nonnull));

#endif
