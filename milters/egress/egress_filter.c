/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which transport will carry the message, so that it leaves from the addresses of its tenant and its way.
 *
 * The sender's address decides in Postfix's map at delivery time; here the same choice is recorded. Where
 * the address does not tell (the null sender is one key for all tenants), the message gets a header that
 * milter_header_checks turns into FILTER; the header is ours alone.
 *
 * Receivers check SPF for the address that is chosen here, so we ask the same question before. For the null
 * sender it is about the egress' HELO name, which is the provider's, and not asked.
 */
#include "milters/egress/egress_filter.h"
#include "common/clock.h"
#include "common/egress_choice.h"
#include "common/log.h"
#include "milters/chain/identify.h"
#include "milters/chain/memory.h"
#include "milters/egress/bulk_mail.h"
#include "milters/egress/egress_advice.h"
#include "milters/egress/egress_route.h"
#include <stdio.h>
#include <stdlib.h>

#define EGRESS_HEADER "X-Easymail-Egress"

struct egress_filter {
	struct policy_store *policies;
	struct spf_preflight *preflight; /* NULL: SPF is not looked up */
	int spf_timeout_ms;
	const char *key_file; /* of return paths; borrowed from the configuration */
};

/* What is known when the way is chosen. */
struct leaving {
	struct mailbox sender; /* as it leaves */
	bool has_return_path;
	enum egress_route route;
	const struct policy_way *way;
};

static bool egress_start(const struct filter_context *context, void **process_r, struct error *err)
{
	struct egress_filter *filter = memory_new(1, sizeof(*filter));

	filter->policies = context->policies;
	filter->key_file = config_text(context->config, "bulk.key_file");
	filter->spf_timeout_ms = (int)config_number(context->config, "spf.timeout");
	/* Without a resolver mail flows all the same. */
	if (!spf_preflight_new(config_text(context->config, "dns.servers"),
			       (int)config_number(context->config, "dns.timeout"),
			       &filter->preflight, err))
		log_warning("SPF of senders is not looked up: %s", err->text);
	*process_r = filter;
	return true;
}

static void egress_stop(void *process)
{
	struct egress_filter *filter = process;

	spf_preflight_free(filter->preflight);
	free(filter);
}

/* Does a message wait for what DNS says? Only where that can keep it from leaving. */
static int spf_wait_ms(const struct egress_filter *filter, const struct policy *policy)
{
	return policy->settings[SETTING_SPF_ON_FAIL].number == SPF_ON_FAIL_RELAY
		   ? 0
		   : filter->spf_timeout_ms;
}

/* The group's transport is bound to one address, which egress_select finds by the group's name. */
static void choose_for_group(const struct egress_filter *filter, const struct leaving *leaving,
			     int wait_ms, struct egress_choice *choice_r)
{
	choice_r->ip = egress_select(leaving->way->egress, leaving->way->group);
	if (choice_r->ip == NULL || leaving->sender.is_null || filter->preflight == NULL)
		return;
	choice_r->spf =
	    wait_ms == 0
		? spf_preflight_peek(filter->preflight, &leaving->sender, &choice_r->ip->address)
		: spf_preflight_ask(filter->preflight, &leaving->sender, &choice_r->ip->address,
				    clock_ms() + wait_ms);
}

/* Which transport will take it; without a usable address it waits in the queue. */
static void record_choice(struct message *message, const struct leaving *leaving,
			  const struct egress_choice *choice)
{
	struct decision *decision = &message->decision;

	if (choice->ip == NULL) {
		message_remark(message, "held in the queue: no address of egress group %s may send",
			       leaving->way->group);
		return;
	}
	if (leaving->route == ROUTE_BY_GROUP)
		egress_group_transport_name(leaving->way->group, decision->egress);
	else
		egress_transport_name(&choice->ip->address, decision->egress);
	if (!leaving->sender.is_null)
		snprintf(decision->spf, sizeof(decision->spf), "%s",
			 choice->spf == SPF_TEMPERROR ? "unknown" : spf_result_name(choice->spf));
}

/* True: the domain's owner can mend it. */
static bool advise(const struct egress_filter *filter, const struct message *message,
		   const struct ip *address, char advice_r[EGRESS_ADVICE_SIZE])
{
	const char *include = message->policy->settings[SETTING_SPF_INCLUDE].text;
	char *record = spf_preflight_record(filter->preflight, &message->sender, address);
	struct egress_failure failure = {
	    .domain = message->sender.domain,
	    .record = record,
	    .include = include != NULL ? include : "",
	    .address = address,
	    .set = message->policy->ways[message->decision.way].egress,
	};
	bool is_theirs = egress_advise(&failure, advice_r);

	free(record);
	return is_theirs;
}

/* SPF fails for all addresses. RFC 7372: X.7.23 is that SPF validation failed. The return path's domain is the
 * provider's: no tenant can mend its record. */
static enum verdict spf_failed(const struct egress_filter *filter, struct message *message,
			       const struct leaving *leaving, const struct ip *address)
{
	int64_t on_fail = message->policy->settings[SETTING_SPF_ON_FAIL].number;
	char advice[EGRESS_ADVICE_SIZE];

	if (on_fail == SPF_ON_FAIL_RELAY)
		return VERDICT_CONTINUE;
	if (leaving->has_return_path)
		return message_tempfail(
		    message, "4.7.23",
		    "SPF of the relay's own domain %s fails; the provider has to "
		    "mend its record",
		    leaving->sender.domain);
	if (advise(filter, message, address, advice) && on_fail == SPF_ON_FAIL_REFUSE)
		return message_reject(message, "5.7.23", "%s", advice);
	return message_tempfail(message, "4.7.23", "%s", advice);
}

/* A client's header of that name would choose other addresses. */
static void strip_forged(struct message *message)
{
	size_t at = 0;

	while (message_header_find(message, EGRESS_HEADER, at, &at))
		message_header_delete(message, at);
}

/* Asks early, so that the answer is likely there at the end. */
static enum verdict egress_mail(struct session *session, struct message *message)
{
	struct egress_filter *filter = filter_process(session);
	struct egress_choice unused;

	if (message->policy == NULL)
		return VERDICT_CONTINUE;
	bulk_mail_foresee(message);
	if (!message->sender.is_null && message->decision.way == WAY_CORPORATE)
		egress_choose(filter->preflight, message->policy->ways[WAY_CORPORATE].egress,
			      &message->sender, 0, &unused);
	return VERDICT_CONTINUE;
}

/* RFC 3463 X.3.5: the system is not set up right. */
static enum verdict nowhere(struct message *message)
{
	const char *tenant = message->policy->tenant;

	switch (message->decision.way) {
	case WAY_CORPORATE:
		break;
	case WAY_BULK:
		return message_tempfail(message, "4.3.5",
					"Tenant %s has no egress group for bulk mail; the provider "
					"has to set bulk.egress_group",
					tenant);
	case WAY_SUSPECT:
		return message_tempfail(message, "4.7.1",
					"The relay does not take mail of tenant %s that looks "
					"suspicious",
					tenant);
	}
	return message_tempfail(
	    message, "4.3.5", "Tenant %s has no egress group; the provider has to set one", tenant);
}

static enum verdict egress_eoh(struct session *session, struct message *message)
{
	const struct egress_filter *filter = filter_process(session);
	enum verdict verdict;

	strip_forged(message);
	verdict = message_identify(session, message, filter->policies);
	if (verdict == VERDICT_CONTINUE)
		bulk_mail_judge(message);
	return verdict;
}

/* What its way does to a message before it leaves by it. */
static enum verdict prepare(const struct egress_filter *filter, struct message *message,
			    struct leaving *leaving)
{
	enum verdict verdict;

	leaving->sender = message->sender;
	if (message->decision.way != WAY_BULK)
		return VERDICT_CONTINUE;
	verdict = bulk_mail_unsubscribe(message);
	if (verdict == VERDICT_CONTINUE)
		verdict = bulk_mail_return_path(message, filter->key_file, &leaving->sender);
	leaving->has_return_path = message->decision.return_path[0] != '\0';
	return verdict;
}

static enum verdict choose(const struct egress_filter *filter, struct message *message,
			   const struct leaving *leaving)
{
	int wait_ms = spf_wait_ms(filter, message->policy);
	struct egress_choice choice = {NULL, SPF_TEMPERROR};

	switch (leaving->route) {
	case ROUTE_NOWHERE:
		return nowhere(message);
	case ROUTE_BY_GROUP:
		choose_for_group(filter, leaving, wait_ms, &choice);
		message_header_add(message, EGRESS_HEADER, leaving->way->group);
		break;
	case ROUTE_BY_SENDER:
		egress_choose(filter->preflight, leaving->way->egress, &leaving->sender, wait_ms,
			      &choice);
		break;
	}
	record_choice(message, leaving, &choice);
	return choice.ip != NULL && choice.spf == SPF_FAIL
		   ? spf_failed(filter, message, leaving, &choice.ip->address)
		   : VERDICT_CONTINUE;
}

/* At the end, when all filters before this one have said what they think of the message. */
static enum verdict egress_eom(struct session *session, struct message *message)
{
	const struct egress_filter *filter = filter_process(session);
	enum egress_way way = message->decision.way;
	struct leaving leaving = {.way = &message->policy->ways[way]};
	enum verdict verdict = prepare(filter, message, &leaving);

	if (verdict != VERDICT_CONTINUE)
		return verdict;
	leaving.route = egress_route(
	    &(struct egress_facts){message->policy, &leaving.sender, way, leaving.has_return_path});
	return choose(filter, message, &leaving);
}

const struct filter egress_filter = {
    .name = "egress",
    .purpose = "chooses the way and the transport that carry the message, checks SPF of that",
    .changes = FILTER_CHANGES_HEADERS | FILTER_CHANGES_SENDER,
    .start = egress_start,
    .stop = egress_stop,
    .mail = egress_mail,
    .eoh = egress_eoh,
    .eom = egress_eom,
};
