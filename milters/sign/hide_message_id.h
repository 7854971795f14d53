/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Message-IDs that name hosts inside the tenant's network, rewritten: each always into the same one, so that
 * References and In-Reply-To of later messages still name the earlier ones.
 */
#ifndef EASYMAIL_HIDE_MESSAGE_ID_H
#define EASYMAIL_HIDE_MESSAGE_ID_H

#include "common/crypto.h"
#include "milters/chain/message.h"
#include "milters/sign/hide_words.h"

struct hide_ids {
	const unsigned char
	    *key;           /* CRYPTO_SEAL_KEY_BYTES; the new IDs cannot be traced without it */
	const char *domain; /* the new IDs' right side */
	const struct hide_words *words; /* hide_headers has filled it */
};

/*
 * Rewrites Message-ID, Resent-Message-ID, References and In-Reply-To: every ID with an inner name or address in
 * it, and every one of the host that made this message's own, unless that is one of words->is_public.
 */
void hide_message_ids(struct message *message, const struct hide_ids *ids) __attribute__((nonnull));

#endif
