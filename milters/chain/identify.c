/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks up a message's policy where no tenant filter did. */
#include "milters/chain/identify.h"
#include "common/from_header.h"
#include "common/log.h"

/* The domain that says whose message it is: the sender's, or for the null sender header From's first. */
static const char *owner_domain(const struct message *message, struct from_domains *from)
{
	struct error doubt;
	size_t at;

	if (!message->sender.is_null)
		return message->sender.domain;
	if (!message_header_find(message, "From", 0, &at) ||
	    !from_header_parse(message_header_at(message, at)->value, from, &doubt))
		return NULL;
	return from->domain[0];
}

static bool find_policy(const struct session *session, struct message *message,
			struct policy_store *policies, struct error *err)
{
	struct policy_answer answer;
	struct from_domains from;
	const char *domain = owner_domain(message, &from);

	if (!policy_of_sender(policies, &session->client, domain, &answer, err))
		return false;
	message->generation = answer.generation;
	message->client_stream = answer.stream;
	if (answer.is_relay_host && (domain == NULL || answer.domain_known))
		message->policy = answer.policy;
	else
		policy_release(answer.policy);
	return true;
}

enum verdict message_identify(struct session *session, struct message *message,
			      struct policy_store *policies)
{
	struct error err;

	if (message->policy == NULL && !find_policy(session, message, policies, &err)) {
		log_error("tenant look-up failed: %s", err.text);
		return message_tempfail(message, "4.3.0",
					"The relay cannot look up its tenants now");
	}
	if (message->policy == NULL)
		return message_tempfail(message, "4.3.5",
					"The relay does not know whose message this is");
	return VERDICT_CONTINUE;
}
