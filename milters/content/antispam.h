/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The content filter's antispam engine: asks rspamd what it thinks of a message, or another message of the same campaign
 * was told, and does what the tenant's settings say. Of one process, used by all its threads.
 */
#ifndef EASYMAIL_ANTISPAM_H
#define EASYMAIL_ANTISPAM_H

#include "milters/chain/filter.h"

/* The only filter's header that this module writes. */
#define ANTISPAM_HEADER "X-Easymail-Spam"

struct antispam;

bool antispam_new(const struct config *config, struct antispam **antispam_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void antispam_free(struct antispam *antispam); /* takes NULL */

/* At the end of a message that has its policy. Quarantine and "suspicious" are CONTINUE. */
enum verdict antispam_judge(struct antispam *antispam, const struct session *session,
			    struct message *message) __attribute__((nonnull));

/* For easymailctl: engine, breaker, counts. The caller drops it. */
struct json *antispam_state(struct antispam *antispam) __attribute__((nonnull));

#endif
