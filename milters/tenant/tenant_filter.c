/* SPDX-License-Identifier: BSD-2-Clause */
/* Only a tenant's own servers send, and only as that tenant. */
#include "milters/tenant/tenant_filter.h"
#include "common/log.h"
#include "common/suppression_store.h"
#include "milters/chain/memory.h"
#include "milters/tenant/tenant_policy.h"
#include "milters/tenant/tenant_recipient.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WARNING_HEADER "X-Easymail-Warning"

struct tenant_filter {
	struct policy_store *policies;
	struct suppression_store *suppressions;
	const char *key_file; /* of return paths; borrowed from the configuration */
};

struct tenant_message {
	bool ask_from; /* the null sender from a shared host: nobody's until header From is there */
	bool stranger; /* the client is no tenant's: it may bring bounces, and nothing else */
	struct return_site site;
};

static bool tenant_start(const struct filter_context *context, void **process_r, struct error *err)
{
	struct tenant_filter *filter = memory_new(1, sizeof(*filter));

	(void)err;
	filter->policies = context->policies;
	filter->suppressions = suppression_store_new(
	    context->config, (unsigned)config_number(context->config, "milter.database_handles"));
	filter->key_file = config_text(context->config, "bulk.key_file");
	*process_r = filter;
	return true;
}

static void tenant_stop(void *process)
{
	struct tenant_filter *filter = process;

	suppression_store_free(filter->suppressions);
	free(filter);
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

/* The provider's, so any tenant's policy has it; without one it is looked up. */
static bool gather_site(const struct tenant_filter *filter, const struct message *message,
			struct return_site *site, struct error *err)
{
	const struct policy *policy = message->policy;

	site->key_file = filter->key_file;
	if (policy == NULL)
		return return_site_read(filter->policies, site, err);
	snprintf(site->domain, sizeof(site->domain), "%s",
		 policy->settings[SETTING_BULK_RETURN_PATH_DOMAIN].text);
	site->max_days = (unsigned)policy->settings[SETTING_BULK_RETURN_PATH_DAYS].number;
	return true;
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
	if (!gather_site(filter, message, &state->site, &err))
		return database_failed(message, &err);
	/* Whom a stranger writes to decides; it has no other right than that. */
	state->stranger = ruling == TENANT_UNKNOWN_SOURCE && state->site.domain[0] != '\0';
	return act(session, message, state->stranger ? TENANT_PASS : ruling, NULL);
}

/*
 * RFC 3463: X.1.1 repeats what the recipient's own system once said of its address, or says that ours is none; X.7.1 is
 * a refusal per recipient that is none of the address's fault. RFC 7504's 521 and 556 are of hosts and domains, not of a
 * mailbox.
 */
static enum verdict act_on_recipient(const struct session *session, struct message *message,
				     const struct mailbox *recipient, enum recipient_ruling ruling)
{
	const char *address = recipient->address, *tenant = tenant_of(message);

	switch (ruling) {
	case RECIPIENT_PASS:
		return VERDICT_CONTINUE;
	case RECIPIENT_RETURN:
		message->is_return = true;
		return VERDICT_CONTINUE;
	case RECIPIENT_DEAD:
		return message_reject(message, "5.1.1",
				      "%s is on tenant %s's suppression list: earlier mail to it "
				      "came back as undeliverable",
				      address, tenant);
	case RECIPIENT_COMPLAINED:
		return message_reject(message, "5.7.1",
				      "%s is on tenant %s's suppression list: its owner complained "
				      "about earlier mail",
				      address, tenant);
	case RECIPIENT_LISTED:
		return message_reject(message, "5.7.1", "%s is on tenant %s's suppression list",
				      address, tenant);
	case RECIPIENT_STRANGER:
		return act(session, message, TENANT_UNKNOWN_SOURCE, NULL);
	case RECIPIENT_FORGED:
		return message_reject(message, "5.1.1", "%s is no return path of this relay",
				      address);
	case RECIPIENT_EXPIRED:
		return message_reject(message, "5.1.1", "The return path %s has expired", address);
	case RECIPIENT_APART:
		/* RFC 3463 X.5.3: the rest of the recipients get a transaction of their own. */
		return message_tempfail(message, "4.5.3",
					"Send bounces and other mail in messages of their own");
	case RECIPIENT_UNVERIFIED:
		return message_tempfail(message, "4.3.0",
					"The relay cannot verify its return paths now");
	case RECIPIENT_UNKNOWN:
		break;
	}
	return message_tempfail(message, "4.3.0", "The relay cannot read its suppression list now");
}

static enum recipient_ruling rule_direction(const struct tenant_message *state,
					    const struct message *message,
					    const struct mailbox *recipient)
{
	struct recipient_facts facts = {
	    .stranger = state->stranger,
	    .is_return = message->is_return,
	    .recipients = message->recipients,
	};
	struct return_path unused;
	struct error err;

	facts.address = return_address_judge(&state->site, recipient, time(NULL), &unused, &err);
	if (facts.address == RETURN_ADDRESS_UNKNOWN)
		log_error("return path: %s", err.text);
	return recipient_rule_direction(&facts);
}

/* As far as is known before the headers come. */
static bool is_bulk(const struct message *message)
{
	return message->client_stream == WAY_BULK ||
	       (!message->sender.is_null &&
		policy_domain_is_bulk(message->policy, message->sender.domain));
}

/* Whose mail it is may still be unknown: for the null sender from a shared host there is no list to ask. */
static enum recipient_ruling rule_suppression(const struct tenant_filter *filter,
					      const struct message *message,
					      const struct mailbox *recipient)
{
	const struct policy *policy = message->policy;
	enum suppression_reason reason = SUPPRESSION_MANUAL;
	enum found found;
	struct error err;

	if (policy == NULL || !recipient_is_checked(policy->settings, is_bulk(message)))
		return RECIPIENT_PASS;
	found = suppression_store_find(filter->suppressions, policy->tenant_id, recipient, &reason,
				       &err);
	if (found == FOUND_ERROR)
		log_error("suppression look-up failed: %s", err.text);
	return recipient_rule(policy->settings, found, reason);
}

static enum verdict tenant_rcpt(struct session *session, struct message *message,
				const struct mailbox *recipient)
{
	enum recipient_ruling ruling = rule_direction(filter_message(session), message, recipient);

	if (ruling == RECIPIENT_PASS)
		ruling = rule_suppression(filter_process(session), message, recipient);
	return act_on_recipient(session, message, recipient, ruling);
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
	if (message->is_return)
		return VERDICT_CONTINUE;
	/* Its recipients were refused, so it cannot come this far; if it does it goes no further. */
	if (state->stranger)
		return act(session, message, TENANT_UNKNOWN_SOURCE, NULL);
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
    .takes_returns = true,
    .changes = FILTER_CHANGES_HEADERS | FILTER_CHANGES_SENDER,
    .start = tenant_start,
    .stop = tenant_stop,
    .message_new = tenant_message_new,
    .message_free = tenant_message_free,
    .mail = tenant_mail,
    .rcpt = tenant_rcpt,
    .eoh = tenant_eoh,
};
