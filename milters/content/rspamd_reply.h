/* SPDX-License-Identifier: BSD-2-Clause */
/* rspamd's answer to /checkv2, checked: what does not read as one is an error, never a clean verdict. */
#ifndef EASYMAIL_RSPAMD_REPLY_H
#define EASYMAIL_RSPAMD_REPLY_H

#include "common/error.h"
#include <stddef.h>
#include <stdint.h>

/* By the profile no score makes an action: other than NO_ACTION, a rule has forced it. */
enum rspamd_action {
	RSPAMD_NO_ACTION,
	RSPAMD_ADD_HEADER,  /* and "rewrite subject" */
	RSPAMD_SOFT_REJECT, /* and "greylist": rspamd's own time-out is one */
	RSPAMD_QUARANTINE,
	RSPAMD_DISCARD,
	RSPAMD_REJECT,
};

struct rspamd_reply {
	enum rspamd_action action;
	int64_t score; /* hundredths */
	char symbols
	    [384]; /* "NAME(5.00),NAME(1.20)": those that raise the score, the heaviest first */
	char
	    message[128]; /* what the rule that forced the action says; printable; "" for nothing */
};

/* The parser that is fuzzed. */
bool rspamd_reply_parse(const char *text, struct rspamd_reply *reply_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
