/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose message it is, for filters that run in a process of their own. */
#ifndef EASYMAIL_IDENTIFY_H
#define EASYMAIL_IDENTIFY_H

#include "milters/chain/filter.h"

/*
 * Sees to it that the message has its policy, from eoh on. The tenant filter of the same chain has
 * looked it up; without it this does. Anything but CONTINUE is a tempfail: the tenant filter, wherever it runs,
 * is the one that refuses.
 */
enum verdict message_identify(struct session *session, struct message *message,
			      struct policy_store *policies)
    __attribute__((nonnull, warn_unused_result));

#endif
