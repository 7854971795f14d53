/* SPDX-License-Identifier: BSD-2-Clause */
/* A milter's side of the scanner. Callable from any thread. */
#ifndef EASYMAIL_SCAN_CLIENT_H
#define EASYMAIL_SCAN_CLIENT_H

#include "common/message_facts.h"
#include "common/scan_protocol.h"
#include "common/spool.h"

/*
 * Has a sealed message scanned by the scanner at `socket_path` and waits at most timeout_ms: more than
 * scanner.queue_timeout and scanner.timeout together. `request` has `id` and SCAN_REQUEST_UNSCANNED, or 0. There is always an answer:
 * whatever goes wrong on the way is SCAN_UNKNOWN with the reason in `why`, which may leave this host and
 * names no path; the log does. With facts_r the message's facts are asked for too: the caller's, or NULL and
 * the answer says why.
 */
void scan_client_ask(const char *socket_path, const struct spool *spool,
		     const struct scan_request *request, int timeout_ms,
		     struct scan_answer *answer_r, struct message_facts **facts_r)
    __attribute__((nonnull(1, 2, 3, 5)));

#endif
