/* SPDX-License-Identifier: BSD-2-Clause */
/* An infection as a notice; the mail itself is for easymailctl to send. */
#include "milters/av/av_notice.h"
#include "common/log.h"
#include "common/notices.h"
#include <stdio.h>
#include <time.h>

#define PART_SIZE 192

void av_notices_read(const struct config *config, struct av_notices *notices_r)
{
	notices_r->directory = config_text(config, "notices.directory");
	atomic_init(&notices_r->failing, false);
}

/* What becomes of the message, in words for its tenant. */
static const char *describe_action(enum message_action action)
{
	switch (action) {
	case ACTION_ACCEPT:
		return "delivered";
	case ACTION_TAG:
		return "delivered with a warning";
	case ACTION_TEMPFAIL:
		return "not taken for now";
	case ACTION_QUARANTINE:
		return "held for the provider to look at";
	case ACTION_DISCARD:
		return "dropped";
	case ACTION_REJECT:
		return "refused";
	}
	return "";
}

static void describe_part(const struct scan_answer *answer, char part_r[PART_SIZE])
{
	if (answer->part == 0)
		snprintf(part_r, PART_SIZE, "the message as a whole");
	else if (answer->part_name[0] == '\0')
		snprintf(part_r, PART_SIZE, "part %u", answer->part);
	else
		snprintf(part_r, PART_SIZE, "part %u, %s", answer->part, answer->part_name);
}

static void leave(struct av_notices *notices, const struct notice *notice)
{
	struct error err;

	if (notice_leave(notices->directory, notice, &err))
		atomic_store(&notices->failing, false);
	else if (!atomic_exchange(&notices->failing, true))
		log_error("no notices to tenants can be left: %s", err.text);
}

void av_notice(struct av_notices *notices, const struct session *session,
	       const struct message *message, const struct scan_answer *answer,
	       enum message_action action)
{
	const struct policy *policy = message->policy;
	const char *to = policy->settings[SETTING_AV_NOTICE_TO].text;
	char part[PART_SIZE];

	if (answer->verdict != SCAN_INFECTED || to[0] == '\0')
		return;
	describe_part(answer, part);
	leave(notices, &(struct notice){
			   .fields =
			       {
				   [NOTICE_TENANT] = policy->tenant,
				   [NOTICE_TO] = to,
				   [NOTICE_SIGNATURE] = answer->signature,
				   [NOTICE_PART] = part,
				   [NOTICE_SENDER] = message->sender.address,
				   [NOTICE_CLIENT] = session->client_text,
				   [NOTICE_QUEUE_ID] = message->decision.queue_id,
				   [NOTICE_ACTION] = describe_action(action),
			       },
			   .found = time(NULL),
		       });
}
