/* SPDX-License-Identifier: BSD-2-Clause */
/* Takes from a message's headers what tells of the tenant's network: names, addresses, programs. */
#ifndef EASYMAIL_HIDE_HEADERS_H
#define EASYMAIL_HIDE_HEADERS_H

#include "milters/chain/message.h"
#include "milters/chain/session.h"
#include "milters/sign/hide_words.h"

/* What was taken away, for support: `Name: value | Name: value`, printable, without quotes; what does not fit is
 * counted only. */
struct hide_trace {
	size_t count;
	size_t used;
	char text[3072];
};

/*
 * Deletes the headers that hide_table knows, and any other that is not standard when its value holds the
 * client's name or address, one of those that stood in a deleted header, or any inner one. A comment in
 * MIME-Version goes too. A Received line that this relay itself has left as its only trace stays: Postfix
 * counts them, and so ends loops. `words` comes with is_public set and otherwise zero, and is filled.
 */
void hide_headers(struct message *message, const struct session *session, struct hide_words *words,
		  struct hide_trace *trace) __attribute__((nonnull));

#endif
