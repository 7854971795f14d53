/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fingerprint of a message: equal for messages of one campaign, which differ in what is personal only. It covers
 * every octet: headers, the structure, texts, the contents of attachments, and what lies between the parts.
 */
#ifndef EASYMAIL_ANTISPAM_PRINT_H
#define EASYMAIL_ANTISPAM_PRINT_H

#include "common/crypto.h"
#include "common/mailbox.h"
#include "common/message_facts.h"
#include "common/settings.h"
#include <time.h>

struct print_source {
	const struct message_facts *facts;
	const char *data; /* that the facts' offsets count in */
	size_t length;
	int64_t tenant_id;
	const char *sender_domain;
	const char *client;    /* its address */
	const char *recipient; /* the only one */
	const struct setting_value
	    *settings; /* a policy's: what was clean by others is not so by these */
	time_t now;
};

/* False: it has none, for it is malformed, has parts that are messages, or is too personal. Such a message is like no
 * other. */
bool antispam_print(const struct print_source *source, unsigned char digest_r[CRYPTO_HASH_BYTES])
    __attribute__((nonnull, warn_unused_result));

#endif
