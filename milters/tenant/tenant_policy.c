/* SPDX-License-Identifier: BSD-2-Clause */
/* The tenant filter's decisions. */
#include "milters/tenant/tenant_policy.h"

static enum tenant_ruling rule_state(enum tenant_state state)
{
	switch (state) {
	case TENANT_ACTIVE:
	case TENANT_CLOSING:
		return TENANT_PASS;
	case TENANT_SUSPENDED:
		return TENANT_SUSPENDED_NOW;
	case TENANT_PENDING:
	case TENANT_CLOSED:
		return TENANT_NOT_ACTIVE;
	}
	return TENANT_CONTRADICTION;
}

bool tenant_is_clients(const struct policy_answer *answer)
{
	return answer->client_known && answer->policy != NULL && answer->is_relay_host;
}

/* The domain's owner must have the client; a domain of nobody is wrong for the client's tenant too. */
static enum tenant_ruling rule_sender(const struct policy_answer *answer)
{
	enum tenant_ruling ruling;

	if (answer->domain_known && answer->policy == NULL)
		return TENANT_CONTRADICTION;
	if (!tenant_is_clients(answer))
		return TENANT_FOREIGN_DOMAIN;
	ruling = rule_state(answer->policy->state);
	if (ruling == TENANT_PASS && !answer->domain_known)
		return TENANT_FOREIGN_DOMAIN;
	return ruling;
}

static enum tenant_ruling rule_null_sender(const struct policy_answer *answer)
{
	if (answer->client_shared)
		return TENANT_ASK_FROM;
	if (!tenant_is_clients(answer))
		return TENANT_CONTRADICTION;
	return rule_state(answer->policy->state);
}

enum tenant_ruling tenant_rule_mail(const struct policy_answer *answer, bool sender_is_null)
{
	if (!answer->client_known)
		return TENANT_UNKNOWN_SOURCE;
	return sender_is_null ? rule_null_sender(answer) : rule_sender(answer);
}

enum tenant_ruling tenant_read_from(const struct tenant_from *from)
{
	if (from->count == 0)
		return TENANT_NO_FROM;
	if (from->count > 1)
		return TENANT_MANY_FROM;
	return from->is_clear && from->domains.count > 0 ? TENANT_PASS : TENANT_DOUBTFUL_FROM;
}

enum tenant_ruling tenant_judge_from(const struct policy *policy, const struct tenant_from *from,
				     const char **domain_r)
{
	enum tenant_ruling ruling = tenant_read_from(from);

	*domain_r = NULL;
	if (ruling != TENANT_PASS)
		return ruling;
	for (size_t i = 0; i < from->domains.count; i++) {
		if (!policy_owns_domain(policy, from->domains.domain[i])) {
			*domain_r = from->domains.domain[i];
			return TENANT_FOREIGN_FROM;
		}
	}
	return TENANT_PASS;
}

enum tenant_ruling tenant_rule_from(const struct policy *policy, const struct tenant_from *from,
				    const char **domain_r)
{
	enum tenant_ruling ruling = tenant_judge_from(policy, from, domain_r);

	if (ruling == TENANT_PASS)
		return ruling;
	switch ((enum from_policy)policy->settings[SETTING_FROM_POLICY].number) {
	case FROM_ENFORCE:
		return ruling;
	case FROM_TAG:
		return TENANT_TAG;
	case FROM_OFF:
		return TENANT_PASS;
	}
	return ruling;
}
