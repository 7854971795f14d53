/* SPDX-License-Identifier: BSD-2-Clause */
/* Puts a ruling on content into effect. */
#ifndef EASYMAIL_CONTENT_ACT_H
#define EASYMAIL_CONTENT_ACT_H

#include "common/content_decide.h"
#include "milters/chain/filter.h"

#define CONTENT_HEADER "X-Easymail-Content"

/* `data`: the message as it arrived, which `facts` is about. An attachment that a rule takes out and that must not be
 * touched holds the message; a text that could not be appended is noted in its record. */
enum verdict content_act(struct message *message, const struct content_ruling *ruling,
			 const struct message_facts *facts, const char *data, size_t length)
    __attribute__((nonnull));

#endif
