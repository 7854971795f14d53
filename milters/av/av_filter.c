/* SPDX-License-Identifier: BSD-2-Clause */
/* Has every message scanned for viruses and does what its tenant's settings say. */
#include "milters/av/av_filter.h"
#include "milters/av/av_notice.h"
#include "milters/av/av_policy.h"
#include "milters/chain/identify.h"
#include "milters/chain/memory.h"
#include "milters/chain/scan.h"
#include <stdlib.h>

#define SCAN_HEADER "X-Easymail-Virus-Scan"

struct av_filter {
	struct policy_store *policies;
	struct scan_source scanner;
	struct av_notices notices;
};

static bool av_start(const struct filter_context *context, void **process_r, struct error *err)
{
	struct av_filter *filter = memory_new(1, sizeof(*filter));

	(void)err;
	filter->policies = context->policies;
	scan_source_read(context->config, &filter->scanner);
	av_notices_read(context->config, &filter->notices);
	*process_r = filter;
	return true;
}

static void av_stop(void *process)
{
	free(process);
}

/* Nobody else may speak in our name. */
static void strip_forged(struct message *message)
{
	size_t at = 0;

	while (message_header_find(message, SCAN_HEADER, at, &at))
		message_header_delete(message, at);
}

static enum verdict av_eoh(struct session *session, struct message *message)
{
	struct av_filter *filter = filter_process(session);

	strip_forged(message);
	return message_identify(session, message, filter->policies);
}

static enum verdict act(struct message *message, const struct av_ruling *ruling)
{
	switch (ruling->action) {
	case ACTION_ACCEPT:
		return VERDICT_CONTINUE;
	case ACTION_TAG:
		message_header_insert(message, 0, SCAN_HEADER, ruling->text);
		return VERDICT_CONTINUE;
	case ACTION_TEMPFAIL:
		return message_tempfail(message, ruling->status, "%s", ruling->text);
	case ACTION_QUARANTINE:
		return message_quarantine(message, "%s", ruling->text);
	case ACTION_DISCARD:
		return message_discard(message, "%s", ruling->text);
	case ACTION_REJECT:
		return message_reject(message, ruling->status, "%s", ruling->text);
	}
	return message_tempfail(message, "4.3.0", "The virus filter came to no decision");
}

static enum verdict av_eom(struct session *session, struct message *message)
{
	struct av_filter *filter = filter_process(session);
	const struct scan_answer *answer;
	struct av_ruling ruling;

	answer = message_scan(message, &filter->scanner);
	av_rule(message->policy->settings, answer, &ruling);
	av_notice(&filter->notices, session, message, answer, ruling.action);
	return act(message, &ruling);
}

const struct filter av_filter = {
    .name = "av",
    .purpose = "refuses, holds or drops infected mail",
    .needs_scan = true,
    .changes = FILTER_CHANGES_HEADERS | FILTER_QUARANTINES,
    .start = av_start,
    .stop = av_stop,
    .eoh = av_eoh,
    .eom = av_eom,
};
