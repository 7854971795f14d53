/* SPDX-License-Identifier: BSD-2-Clause */
/* One SMTP session of a client, as the filters see it. Read-only for them. */
#ifndef EASYMAIL_SESSION_H
#define EASYMAIL_SESSION_H

#include "common/ip.h"

struct filter_slot; /* the runner's */

struct session {
	struct ip client;
	char client_text[IP_TEXT_SIZE]; /* as logged */
	char client_name[256];          /* as Postfix verified it, "unknown" otherwise */
	char helo[256];                 /* "" before HELO */
	bool has_bulk_share;            /* of bulk_share.h; given back at the end of the session */
	const struct filter_slot *slot; /* of the filter that is running; filter_process reads it */
};

#endif
