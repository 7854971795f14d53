/* SPDX-License-Identifier: BSD-2-Clause */
/* What a message needs before it can be signed as it will leave: Date, Message-ID, lines that fit. */
#ifndef EASYMAIL_COMPLETE_HEADERS_H
#define EASYMAIL_COMPLETE_HEADERS_H

#include "milters/chain/message.h"
#include <time.h>

/*
 * Adds Date and Message-ID where they are missing (RFC 5322 section 3.6, RFC 6409 section 8), the ID within `domain`,
 * and folds lines that Postfix would break.
 */
bool complete_headers(struct message *message, const char *domain, time_t now, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
