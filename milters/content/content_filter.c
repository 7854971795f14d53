/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges what a message carries by the provider's and the tenant's rules. */
#include "milters/content/content_filter.h"
#include "milters/chain/identify.h"
#include "milters/chain/memory.h"
#include "milters/content/antispam.h"
#include <stdlib.h>

/* Headers that only this filter may write. */
static const char *const own_headers[] = {
    "X-Easymail-Content",
    ANTISPAM_HEADER,
};

struct content_filter {
	struct policy_store *policies;
	struct antispam *antispam;
};

struct content_message {
	struct antispam_message *antispam;
};

static bool content_start(const struct filter_context *context, void **process_r, struct error *err)
{
	struct content_filter *filter = memory_new(1, sizeof(*filter));

	filter->policies = context->policies;
	*process_r = filter;
	if (antispam_new(context->config, &filter->antispam, err))
		return true;
	free(filter);
	return false;
}

static void content_stop(void *process)
{
	struct content_filter *filter = process;

	antispam_free(filter->antispam);
	free(filter);
}

static void content_report(void *process, struct json *state)
{
	const struct content_filter *filter = process;

	json_put(state, "antispam", antispam_state(filter->antispam));
}

static void *content_message_new(void *process)
{
	struct content_message *own = memory_new(1, sizeof(*own));

	(void)process;
	own->antispam = antispam_message_new();
	return own;
}

static void content_message_free(void *state)
{
	struct content_message *own = state;

	antispam_message_free(own->antispam);
	free(own);
}

static enum verdict content_rcpt(struct session *session, struct message *message,
				 const struct mailbox *recipient)
{
	const struct content_message *own = filter_message(session);

	(void)message;
	antispam_add_recipient(own->antispam, recipient);
	return VERDICT_CONTINUE;
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
	const struct content_filter *filter = filter_process(session);
	const struct content_message *own = filter_message(session);

	return antispam_judge(filter->antispam, session, message, own->antispam);
}

const struct filter content_filter = {
    .name = "content",
    .purpose = "refuses, holds or changes mail by rules on what it carries",
    .needs_scan = true,
    .changes = FILTER_CHANGES_HEADERS | FILTER_QUARANTINES,
    .start = content_start,
    .stop = content_stop,
    .report = content_report,
    .message_new = content_message_new,
    .message_free = content_message_free,
    .rcpt = content_rcpt,
    .eoh = content_eoh,
    .eom = content_eom,
};
