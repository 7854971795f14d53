/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which transport will carry the message, so that it leaves from its tenant's own addresses.
 *
 * The sender's address decides in Postfix's map at delivery time; here the same choice is recorded. The
 * null sender is one key for all tenants there, so its mail gets a header that milter_header_checks
 * turns into FILTER; the header is ours alone.
 */
#include "milters/egress/egress_filter.h"
#include "milters/chain/identify.h"
#include "milters/chain/memory.h"
#include <stdio.h>
#include <stdlib.h>

#define EGRESS_HEADER "X-Easymail-Egress"

struct egress_filter {
	struct policy_store *policies;
};

static bool egress_start(const struct filter_context *context, void **process_r, struct error *err)
{
	struct egress_filter *filter = memory_new(1, sizeof(*filter));

	(void)err;
	filter->policies = context->policies;
	*process_r = filter;
	return true;
}

static void egress_stop(void *process)
{
	free(process);
}

/* The map's key: the address in lower case, or the tenant's name for the null sender. */
static void make_key(const struct message *message, char *key_r, size_t size)
{
	snprintf(key_r, size, "%s",
		 message->sender.is_null ? message->policy->tenant : message->sender.address);
	for (char *c = key_r; *c != '\0'; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
}

/* Which transport will take it; without a usable address the map holds it in the queue. */
static void record_transport(struct message *message)
{
	const struct policy *policy = message->policy;
	struct decision *decision = &message->decision;
	char key[sizeof(message->sender.address)];
	const struct egress_ip *ip;

	make_key(message, key, sizeof(key));
	ip = egress_select(policy->egress, key);
	if (ip == NULL)
		snprintf(decision->text, sizeof(decision->text),
			 "held in the queue: no address of egress group %s may send",
			 policy->egress_group);
	else if (message->sender.is_null)
		egress_null_transport_name(policy->egress_group, decision->egress);
	else
		egress_transport_name(&ip->address, decision->egress);
}

/* A client's header of that name would choose another tenant's addresses. */
static void strip_forged(struct message *message)
{
	size_t at = 0;

	while (message_header_find(message, EGRESS_HEADER, at, &at))
		message_header_delete(message, at);
}

static enum verdict egress_eoh(struct session *session, struct message *message)
{
	struct egress_filter *filter = filter_process(session);
	enum verdict verdict;

	strip_forged(message);
	verdict = message_identify(session, message, filter->policies);
	if (verdict != VERDICT_CONTINUE)
		return verdict;
	/* RFC 3463 X.3.5: the system is not set up right. */
	if (message->policy->egress_group[0] == '\0')
		return message_tempfail(
		    message, "4.3.5", "Tenant %s has no egress group; the provider has to set one",
		    message->policy->tenant);
	record_transport(message);
	if (message->sender.is_null)
		message_header_add(message, EGRESS_HEADER, message->policy->egress_group);
	return VERDICT_CONTINUE;
}

const struct filter egress_filter = {
    .name = "egress",
    .purpose = "records which transport carries the message, and steers the null sender's",
    .changes = FILTER_CHANGES_HEADERS,
    .start = egress_start,
    .stop = egress_stop,
    .eoh = egress_eoh,
};
