/* SPDX-License-Identifier: BSD-2-Clause */
/* Leaves word for a tenant that a virus was found in its mail. */
#ifndef EASYMAIL_AV_NOTICE_H
#define EASYMAIL_AV_NOTICE_H

#include "common/config.h"
#include "milters/av/av_policy.h"
#include "milters/chain/message.h"
#include "milters/chain/session.h"
#include <stdatomic.h>

/* Where notices are left; of one process, used by all its threads. */
struct av_notices {
	const char *directory; /* borrowed from the configuration */
	atomic_bool failing;   /* the log has been told */
};

void av_notices_read(const struct config *config, struct av_notices *notices_r)
    __attribute__((nonnull));

/* When the answer is an infection and the tenant wants to be told. Failures are logged, once until it
 * works again: they change nothing for the message. */
void av_notice(struct av_notices *notices, const struct session *session,
	       const struct message *message, const struct scan_answer *answer,
	       enum message_action action) __attribute__((nonnull));

#endif
