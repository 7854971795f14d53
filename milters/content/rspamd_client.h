/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rspamd's HTTP protocol (/checkv2) over its unix socket: one request, one answer, on connections that are kept
 * between messages. Used by all threads at once.
 */
#ifndef EASYMAIL_RSPAMD_CLIENT_H
#define EASYMAIL_RSPAMD_CLIENT_H

#include "common/error.h"
#include <stddef.h>

#define RSPAMD_ANSWER_MAX 1048576 /* octets; a longer answer is none */

struct rspamd_client;

/* What rspamd is told of a message. Texts may be "" for not known; control characters are not passed on. */
struct rspamd_query {
	const char *sender; /* "" is the null sender */
	const char *const *recipients;
	size_t recipient_count;
	const char *client;      /* its address */
	const char *client_name; /* as Postfix verified it */
	const char *helo;
	const char *queue_id;
	const char *tenant; /* rspamd's "user" */
	const char *data;   /* the message */
	size_t length;
};

/* The path is borrowed. A thread that asks waits for timeout_ms at the most. */
bool rspamd_client_new(const char *socket_path, int timeout_ms, struct rspamd_client **client_r,
		       struct error *err) __attribute__((nonnull, warn_unused_result));
/* Takes NULL. Nobody may be asking. */
void rspamd_client_free(struct rspamd_client *client);

/* The body of an answer with status 200, ended by a NUL; the caller frees. */
bool rspamd_client_ask(struct rspamd_client *client, const struct rspamd_query *query,
		       char **answer_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
