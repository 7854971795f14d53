/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges what a message carries by the provider's and the tenant's rules. */
#include "milters/content/content_filter.h"
#include "milters/chain/identify.h"
#include "milters/chain/memory.h"
#include <stdlib.h>

/* Headers that only this filter may write. */
static const char *const own_headers[] = {
    "X-Easymail-Content",
};

struct content_filter {
	struct policy_store *policies;
};

static bool content_start(const struct filter_context *context, void **process_r, struct error *err)
{
	struct content_filter *filter = memory_new(1, sizeof(*filter));

	(void)err;
	filter->policies = context->policies;
	*process_r = filter;
	return true;
}

static void content_stop(void *process)
{
	free(process);
}

/* Nobody else may speak in our name. */
static void strip_forged(struct message *message)
{
	for (size_t i = 0; i < sizeof(own_headers) / sizeof(*own_headers); i++) {
		size_t at = 0;

		while (message_header_find(message, own_headers[i], at, &at))
			message_header_delete(message, at);
	}
}

static enum verdict content_eoh(struct session *session, struct message *message)
{
	struct content_filter *filter = filter_process(session);

	strip_forged(message);
	return message_identify(session, message, filter->policies);
}

static enum verdict content_eom(struct session *session, struct message *message)
{
	(void)session;
	(void)message;
	return VERDICT_CONTINUE;
}

const struct filter content_filter = {
    .name = "content",
    .purpose = "refuses, holds or changes mail by rules on what it carries",
    .changes = FILTER_CHANGES_HEADERS | FILTER_QUARANTINES,
    .start = content_start,
    .stop = content_stop,
    .eoh = content_eoh,
    .eom = content_eom,
};
