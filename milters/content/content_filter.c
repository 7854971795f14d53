/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges what a message carries by the provider's, the built-in and the tenant's rules. */
#include "milters/content/content_filter.h"
#include "common/content_decide.h"
#include "common/content_defaults.h"
#include "common/content_rule_store.h"
#include "common/log.h"
#include "milters/chain/identify.h"
#include "milters/chain/memory.h"
#include "milters/chain/scan.h"
#include "milters/content/antispam.h"
#include "milters/content/content_act.h"
#include "milters/content/content_unknown.h"
#include <stdlib.h>
#include <string.h>

/* Headers that only this filter may write. */
static const char *const own_headers[] = {
    CONTENT_HEADER,
    ANTISPAM_HEADER,
};

struct content_filter {
	struct policy_store *policies;
	struct scan_source scanner;
	struct content_rule_store *rules;
	struct content_rules *defaults;
	bool has_av; /* the chain has an av filter too */
	struct antispam *antispam;
};

static void content_stop(void *process)
{
	struct content_filter *filter = process;

	antispam_free(filter->antispam);
	content_rule_store_free(filter->rules);
	content_rules_release(filter->defaults);
	free(filter);
}

static bool content_start(const struct filter_context *context, void **process_r, struct error *err)
{
	struct content_filter *filter = memory_new(1, sizeof(*filter));

	filter->defaults = content_defaults_new();
	if (filter->defaults->fault.text[0] != '\0') {
		*err = filter->defaults->fault;
		content_rules_release(filter->defaults);
		free(filter);
		return false;
	}
	filter->policies = context->policies;
	filter->rules = content_rule_store_new(context->policies);
	scan_source_read(context->config, &filter->scanner);
	for (size_t i = 0; i < context->filter_count; i++)
		filter->has_av |= strcmp(context->filters[i]->name, "av") == 0;
	*process_r = filter;
	if (antispam_new(context->config, &filter->antispam, err))
		return true;
	content_stop(filter);
	return false;
}

static void content_report(void *process, struct json *state)
{
	const struct content_filter *filter = process;

	json_put(state, "antispam", antispam_state(filter->antispam));
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

static enum verdict act_on_unknown(struct message *message, const struct scan_answer *answer,
				   const char *why)
{
	switch (content_rule_unknown(message->policy->settings, answer)) {
	case ACTION_QUARANTINE:
		return message_quarantine(message, "Content not looked into: %s", why);
	case ACTION_ACCEPT:
	case ACTION_TAG:
		message_header_insert(message, 0, CONTENT_HEADER, "not looked into");
		return VERDICT_CONTINUE;
	case ACTION_DISCARD:
		return message_discard(message, "Content not looked into: %s", why);
	case ACTION_REJECT:
		return message_reject(message, "5.7.1", "Content not looked into: %s", why);
	case ACTION_TEMPFAIL:
		break;
	}
	return message_tempfail(message, answer->verdict == SCAN_BUSY ? "4.3.2" : "4.3.0",
				"Content not looked into: %s", why);
}

static const char **gather_recipients(const struct message *message, size_t *count_r)
{
	size_t count = message_recipient_count(message);
	const char **recipients = memory_new(count, sizeof(*recipients));

	for (size_t i = 0; i < count; i++)
		recipients[i] = message_recipient_at(message, i);
	*count_r = count;
	return recipients;
}

/* What rules look at, with whatever they are. */
static enum verdict judge(struct message *message, struct content_case *content, const char *data)
{
	const char **recipients = gather_recipients(message, &content->input.recipient_count);
	struct content_ruling ruling;
	enum verdict verdict;

	content->input.recipients = recipients;
	content->input.sender = message->sender.address;
	content->settings = message->policy->settings;
	content_decide(content, &ruling);
	verdict = content_act(message, &ruling, content->input.facts, data, content->input.size);
	content_ruling_free(&ruling);
	free((void *)recipients);
	return verdict;
}

static enum verdict judge_by_rules(struct content_filter *filter, struct message *message,
				   const struct message_facts *facts, const char *data,
				   size_t length)
{
	struct content_case content = {.defaults = filter->defaults,
				       .input = {.facts = facts, .size = length}};
	struct content_rules *provider, *tenant;
	enum verdict verdict;
	struct error err;

	if (!content_rule_store_get(filter->rules, message->policy, &provider, &tenant, &err)) {
		log_error("content rules cannot be read: %s", err.text);
		return message_tempfail(message, "4.3.0",
					"The relay cannot read its content rules now");
	}
	content.provider = provider;
	content.tenant = tenant;
	verdict = judge(message, &content, data);
	content_rules_release(provider);
	content_rules_release(tenant);
	return verdict;
}

static enum verdict judge_content(struct content_filter *filter, struct message *message)
{
	const struct scan_answer *answer = message_scan(message, &filter->scanner);
	const struct message_facts *facts = message_facts(message, &filter->scanner);
	const char *data;
	size_t length;

	data = facts != NULL ? message_copy_data(message, &length) : NULL;
	if (data != NULL)
		return judge_by_rules(filter, message, facts, data, length);
	if (filter->has_av && content_is_avs(message->policy->settings, answer))
		return VERDICT_CONTINUE;
	return act_on_unknown(message, answer, message_facts_why(message));
}

static enum verdict content_eom(struct session *session, struct message *message)
{
	struct content_filter *filter = filter_process(session);
	enum verdict verdict;

	if (filter->has_av && message_scan(message, &filter->scanner)->verdict == SCAN_INFECTED)
		return VERDICT_CONTINUE;
	verdict = judge_content(filter, message);
	return verdict == VERDICT_CONTINUE ? antispam_judge(filter->antispam, session, message)
					   : verdict;
}

const struct filter content_filter = {
    .name = "content",
    .purpose = "refuses, holds or changes mail by rules on what it carries",
    .needs_facts = true,
    .changes = FILTER_CHANGES_HEADERS | FILTER_CHANGES_BODY | FILTER_CHANGES_RECIPIENTS |
	       FILTER_QUARANTINES,
    .start = content_start,
    .stop = content_stop,
    .report = content_report,
    .eoh = content_eoh,
    .eom = content_eom,
};
