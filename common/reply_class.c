/* SPDX-License-Identifier: BSD-2-Clause */
/* The classes of replies: names and meanings. */
#include "common/reply_class.h"
#include <string.h>

struct meaning {
	const char *name, *help;
};

/* clang-format off */
static const struct meaning meanings[REPLY_CLASS_COUNT] = {
	[REPLY_ACCEPTED] = {"accepted", "the receiver took the message"},
	[REPLY_REPUTATION] = {"reputation", "refused for what the sending address or its network is known for"},
	[REPLY_LISTED] = {"listed", "refused because a blocklist that is named has the sending address"},
	[REPLY_RATE] = {"rate", "too much or too fast from this address or sender"},
	[REPLY_GREYLISTED] = {"greylisted", "asked to try again later at a first contact"},
	[REPLY_POLICY] = {"policy", "against the receiver's own rules"},
	[REPLY_AUTHENTICATION] = {"authentication", "SPF, DKIM, DMARC or reverse DNS does not satisfy the receiver"},
	[REPLY_CONTENT] = {"content", "this message looks like spam, or holds what the receiver does not take"},
	[REPLY_VIRUS] = {"virus", "this message is taken for malware"},
	[REPLY_SIZE] = {"size", "this message is too large"},
	[REPLY_MAILBOX_UNKNOWN] = {"mailbox_unknown", "there is no such recipient"},
	[REPLY_MAILBOX_DISABLED] = {"mailbox_disabled", "the recipient takes no mail"},
	[REPLY_MAILBOX_FULL] = {"mailbox_full", "the recipient's mailbox is full"},
	[REPLY_RELAY_DENIED] = {"relay_denied", "this server does not take mail for that domain"},
	[REPLY_DNS] = {"dns", "the recipient's domain cannot be resolved, or takes no mail"},
	[REPLY_CONNECTION] = {"connection", "no connection to the receiver, or it was lost"},
	[REPLY_TLS] = {"tls", "no secure connection as it was wanted"},
	[REPLY_TROUBLE] = {"trouble", "a fault or shortage of the receiver's own"},
	[REPLY_LOOP] = {"loop", "the message goes in circles"},
	[REPLY_LOCAL] = {"local", "not tried: Postfix or easymail held it back or gave it up"},
	[REPLY_OTHER] = {"other", "nothing that the table of replies knows"},
};
/* clang-format on */

const char *reply_class_name(enum reply_class class)
{
	return meanings[class].name;
}

const char *reply_class_help(enum reply_class class)
{
	return meanings[class].help;
}

bool reply_class_parse(const char *text, enum reply_class *class_r)
{
	for (int i = 0; i < REPLY_CLASS_COUNT; i++) {
		if (strcmp(meanings[i].name, text) == 0) {
			*class_r = (enum reply_class)i;
			return true;
		}
	}
	return false;
}

bool reply_class_blames_address(enum reply_class class)
{
	return class == REPLY_REPUTATION || class == REPLY_LISTED;
}
