/* SPDX-License-Identifier: BSD-2-Clause */
/* Which signature a message gets. */
#include "milters/sign/sign_select.h"
#include <stddef.h>
#include <string.h>

/* The first of From's domains that is the tenant's; under from.policy = enforce that is the first. */
static const char *tenants_domain(const struct sign_facts *facts)
{
	for (size_t i = 0; i < facts->from.count; i++) {
		if (policy_owns_domain(facts->policy, facts->from.domain[i]))
			return facts->from.domain[i];
	}
	return NULL;
}

/* Does a signature that was kept stand for the domain: of itself, or of one above (relaxed alignment)? */
static bool is_signed_for(const struct sign_facts *facts, const char *domain)
{
	for (size_t i = 0; i < facts->own_count; i++) {
		if (strcmp(facts->own[i], domain) == 0 || domain_is_below(domain, facts->own[i]))
			return true;
	}
	return false;
}

enum sign_ruling sign_select(const struct sign_facts *facts, const char **domain_r)
{
	const char *domain;

	*domain_r = NULL;
	if (facts->is_held)
		return SIGN_NOT_HELD;
	if (facts->is_suspect)
		return SIGN_NOT_SUSPECT;
	if (facts->from_count != 1 || !facts->from_is_clear)
		return SIGN_NOT_CLEAR;
	domain = tenants_domain(facts);
	if (domain == NULL)
		return SIGN_NOT_TENANTS;
	if (facts->policy->settings[SETTING_DKIM_SIGN_SIGNED].number == 0 &&
	    is_signed_for(facts, domain))
		return SIGN_NOT_SIGNED_TWICE;
	*domain_r = domain;
	return SIGN_DO;
}

bool sign_ruling_is_own_mail(enum sign_ruling ruling)
{
	return ruling == SIGN_DO || ruling == SIGN_NOT_SIGNED_TWICE;
}

const char *sign_ruling_text(enum sign_ruling ruling)
{
	switch (ruling) {
	case SIGN_DO:
		return "";
	case SIGN_NOT_HELD:
		return "not signed: it is held";
	case SIGN_NOT_SUSPECT:
		return "not signed: it is suspicious";
	case SIGN_NOT_CLEAR:
		return "not signed: header From is not clear";
	case SIGN_NOT_TENANTS:
		return "not signed: header From is not the tenant's";
	case SIGN_NOT_SIGNED_TWICE:
		return "not signed: it is signed by the tenant's server";
	}
	return "not signed";
}
