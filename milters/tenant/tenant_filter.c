/* SPDX-License-Identifier: BSD-2-Clause */
/* Only a tenant's own servers send, and only as that tenant. */
#include "milters/tenant/tenant_filter.h"
#include "common/log.h"
#include "milters/chain/memory.h"
#include "milters/tenant/tenant_policy.h"
#include <stdio.h>
#include <stdlib.h>

#define WARNING_HEADER "X-Easymail-Warning"

struct tenant_filter {
	struct policy_store *policies;
};

struct tenant_message {
	bool ask_from; /* the null sender from a shared host: nobody's until header From is there */
};

static bool tenant_start(const struct filter_context *context, void **process_r, struct error *err)
{
	struct tenant_filter *filter = memory_new(1, sizeof(*filter));

	(void)err;
	filter->policies = context->policies;
	*process_r = filter;
	return true;
}

static void tenant_stop(void *process)
{
	free(process);
}

static void *tenant_message_new(void *process)
{
	(void)process;
	return memory_new(1, sizeof(struct tenant_message));
}

static void tenant_message_free(void *state)
{
	free(state);
}

/* The reply names the tenant to its own servers only; other tenants are never named to anybody. */
static const char *tenant_of(const struct message *message)
{
	return message->policy != NULL ? message->policy->tenant : "";
}

static enum verdict refuse_foreign_domain(struct message *message)
{
	if (message->policy == NULL)
		return message_reject(message, "5.7.1",
				      "%s is not a sender domain of this server's tenant",
				      message->sender.domain);
	return message_reject(message, "5.7.1", "%s is not one of tenant %s's sender domains",
			      message->sender.domain, tenant_of(message));
}

static enum verdict refuse_foreign_from(struct message *message, const char *domain)
{
	if (message->policy == NULL)
		return message_reject(
		    message, "5.7.1",
		    "Header From: %s is not a sender domain of this server's tenant", domain);
	return message_reject(message, "5.7.1",
			      "Header From: %s is not one of tenant %s's sender domains", domain,
			      tenant_of(message));
}

/* Puts a ruling into effect. `detail`: the domain that header From should not name, or the doubt. */
static enum verdict act(const struct session *session, struct message *message,
			enum tenant_ruling ruling, const char *detail)
{
	switch (ruling) {
	case TENANT_PASS:
	case TENANT_ASK_FROM:
	case TENANT_TAG:
		return VERDICT_CONTINUE;
	case TENANT_UNKNOWN_SOURCE:
		return message_reject(message, "5.7.1", "%s is not a relay host of any tenant",
				      session->client_text);
	case TENANT_NOT_ACTIVE:
		return message_reject(message, "5.7.1", "Tenant %s is not active",
				      tenant_of(message));
	case TENANT_SUSPENDED_NOW:
		return message_tempfail(message, "4.7.1", "Tenant %s is suspended",
					tenant_of(message));
	case TENANT_FOREIGN_DOMAIN:
		return refuse_foreign_domain(message);
	case TENANT_NO_FROM:
		return message_reject(message, "5.7.1", "Header From is missing");
	case TENANT_MANY_FROM:
		return message_reject(message, "5.7.1", "There is more than one header From");
	case TENANT_DOUBTFUL_FROM:
		return message_reject(message, "5.7.1",
				      "It is not clear whom header From names: %s", detail);
	case TENANT_FOREIGN_FROM:
		return refuse_foreign_from(message, detail);
	case TENANT_CONTRADICTION:
		break;
	}
	return message_tempfail(message, "4.3.0", "The relay cannot tell whose mail this is");
}

/* RFC 3463 X.3.0: a fault of our system; what it is goes to our log, not to the client. */
static enum verdict database_failed(struct message *message, const struct error *err)
{
	log_error("tenant look-up failed: %s", err->text);
	return message_tempfail(message, "4.3.0", "The relay cannot look up its tenants now");
}

/* The message takes over the policy, if it is that of the client's own tenant. */
static void adopt_policy(struct message *message, struct policy_answer *answer)
{
	message->generation = answer->generation;
	message->client_stream = answer->stream;
	if (tenant_is_clients(answer))
		message->policy = answer->policy;
	else
		policy_release(answer->policy);
	answer->policy = NULL;
}

static enum verdict tenant_mail(struct session *session, struct message *message)
{
	struct tenant_filter *filter = filter_process(session);
	struct tenant_message *state = filter_message(session);
	const char *domain = message->sender.is_null ? NULL : message->sender.domain;
	struct policy_answer answer;
	enum tenant_ruling ruling;
	struct error err;

	if (!policy_of_sender(filter->policies, &session->client, domain, &answer, &err))
		return database_failed(message, &err);
	ruling = tenant_rule_mail(&answer, message->sender.is_null);
	adopt_policy(message, &answer);
	state->ask_from = ruling == TENANT_ASK_FROM;
	return act(session, message, ruling, NULL);
}

static void gather_from(const struct message *message, struct tenant_from *from_r)
{
	size_t first = 0;
	size_t at;

	from_r->count = 0;
	from_r->is_clear = false;
	for (at = 0; message_header_find(message, "From", at, &at); at++) {
		if (from_r->count++ == 0)
			first = at;
	}
	if (from_r->count == 1)
		from_r->is_clear = from_header_parse(message_header_at(message, first)->value,
						     &from_r->domains, &from_r->doubt);
}

/* The null sender from a shared host: the first domain of header From says whose it is. */
static enum verdict find_tenant_by_from(struct session *session, struct message *message,
					const struct tenant_from *from)
{
	struct tenant_filter *filter = filter_process(session);
	const char *domain = from->domains.domain[0];
	enum tenant_ruling ruling = tenant_read_from(from);
	struct policy_answer answer;
	struct error err;

	if (ruling != TENANT_PASS)
		return act(session, message, ruling, from->doubt.text);
	if (!policy_of_sender(filter->policies, &session->client, domain, &answer, &err))
		return database_failed(message, &err);
	ruling = tenant_rule_mail(&answer, false);
	adopt_policy(message, &answer);
	if (ruling == TENANT_FOREIGN_DOMAIN)
		ruling = TENANT_FOREIGN_FROM;
	if (ruling == TENANT_PASS)
		ruling = tenant_judge_from(message->policy, from, &domain);
	return act(session, message, ruling, domain);
}

/* Nobody else may speak in our name. */
static void strip_forged(struct message *message, const char *name)
{
	size_t at = 0;

	while (message_header_find(message, name, at, &at))
		message_header_delete(message, at);
}

static void add_warning(struct message *message, const struct tenant_from *from, const char *domain)
{
	char text[512];

	if (domain != NULL)
		snprintf(text, sizeof(text), "header From names %s, which is not of the sender",
			 domain);
	else
		snprintf(text, sizeof(text), "header From is %s",
			 from->count == 0  ? "missing"
			 : from->count > 1 ? "not the only one"
					   : "not clear");
	message_header_insert(message, 0, WARNING_HEADER, text);
}

static enum verdict tenant_eoh(struct session *session, struct message *message)
{
	const struct tenant_message *state = filter_message(session);
	enum tenant_ruling ruling;
	struct tenant_from from;
	const char *domain;

	strip_forged(message, WARNING_HEADER);
	strip_forged(message, QUARANTINE_HEADER);
	gather_from(message, &from);
	if (state->ask_from)
		return find_tenant_by_from(session, message, &from);
	ruling = tenant_rule_from(message->policy, &from, &domain);
	if (ruling == TENANT_TAG)
		add_warning(message, &from, domain);
	return act(session, message, ruling, domain != NULL ? domain : from.doubt.text);
}

const struct filter tenant_filter = {
    .name = "tenant",
    .purpose = "refuses what is not a tenant's own mail from its own servers",
    .changes = FILTER_CHANGES_HEADERS,
    .start = tenant_start,
    .stop = tenant_stop,
    .message_new = tenant_message_new,
    .message_free = tenant_message_free,
    .mail = tenant_mail,
    .eoh = tenant_eoh,
};
