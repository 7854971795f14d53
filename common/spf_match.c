/* SPDX-License-Identifier: BSD-2-Clause */
/* The mechanisms of RFC 7208 section 5. */
#include "common/spf_match.h"
#include <stdio.h>

/* Are the first `bits` of two addresses of one family the same? */
static bool same_prefix(const struct ip *a, const struct ip *b, int bits)
{
	int i;

	for (i = 0; bits > 0; i++, bits -= 8) {
		unsigned mask = bits >= 8 ? 0xffu : 0xffu << (8 - bits) & 0xffu;

		if (((unsigned)(a->bytes[i] ^ b->bytes[i]) & mask) != 0)
			return false;
	}
	return true;
}

/* Is the client in the network? A mechanism of the other family never matches. */
static bool in_network(const struct spf_run *run, const struct ip *network, bool v4,
		       const struct spf_term *term)
{
	const struct ip *client = &run->macros.client;

	if (ip_is_v4(client) != v4)
		return false;
	return same_prefix(client, network, v4 ? 96 + term->prefix4 : term->prefix6);
}

bool spf_target(struct spf_run *run, const struct spf_domain *domain, char name_r[DNS_NAME_MAX + 1])
{
	struct error err;

	if (!domain->text) {
		snprintf(name_r, DNS_NAME_MAX + 1, "%s", run->macros.current);
		return true;
	}
	if (spf_macro_expand_domain(domain->text, domain->length, &run->macros, name_r, &err))
		return spf_check_voids(run); /* the letter p asks too */
	return spf_fail(run, SPF_PERMERROR, "in the record of %s: %s", run->macros.current,
			err.text);
}

/* Does one of the host's addresses match? */
static bool match_host(struct spf_run *run, const struct spf_term *term, const char *host,
		       bool *match_r)
{
	enum dns_type type = spf_address_type(run);
	struct dns_answer answer;
	bool good = spf_ask(run, host, type, &answer);
	size_t i;

	for (i = 0; good && i < answer.count && !*match_r; i++)
		*match_r = in_network(run, &answer.records[i].ip, type == DNS_A, term);
	dns_answer_clear(&answer);
	return good;
}

static bool match_mx(struct spf_run *run, const struct spf_term *term, const char *domain,
		     bool *match_r)
{
	struct dns_answer answer;
	bool good = spf_ask(run, domain, DNS_MX, &answer);
	size_t i;

	if (good && answer.count > SPF_NAMES_MAX)
		good = spf_fail(run, SPF_PERMERROR, "%s has over %d MX records", domain,
				SPF_NAMES_MAX);
	for (i = 0; good && i < answer.count && !*match_r; i++)
		good = match_host(run, term, answer.records[i].text, match_r);
	dns_answer_clear(&answer);
	return good;
}

static bool match_exists(struct spf_run *run, const char *domain, bool *match_r)
{
	struct dns_answer answer;
	bool good = spf_ask(run, domain, DNS_A, &answer);

	*match_r = answer.count > 0;
	dns_answer_clear(&answer);
	return good;
}

static bool match_ptr(struct spf_run *run, const char *domain, bool *match_r)
{
	size_t i;

	spf_use_names(run);
	for (i = 0; i < run->name_count && !*match_r; i++)
		*match_r = spf_is_within(run->names[i], domain);
	return spf_check_voids(run);
}

/* The mechanisms that ask DNS. */
static bool match_by_dns(struct spf_run *run, const struct spf_term *term, bool *match_r)
{
	char target[DNS_NAME_MAX + 1];

	if (!spf_count_term(run) || !spf_target(run, &term->domain, target))
		return false;
	if (term->mechanism == SPF_MX)
		return match_mx(run, term, target, match_r);
	if (term->mechanism == SPF_PTR)
		return match_ptr(run, target, match_r);
	if (term->mechanism == SPF_EXISTS)
		return match_exists(run, target, match_r);
	return match_host(run, term, target, match_r);
}

bool spf_match(struct spf_run *run, const struct spf_term *term, bool *match_r)
{
	*match_r = false;
	switch (term->mechanism) {
	case SPF_ALL:
		*match_r = true;
		return true;
	case SPF_IP4:
	case SPF_IP6:
		*match_r = in_network(run, &term->network, term->mechanism == SPF_IP4, term);
		return true;
	case SPF_A:
	case SPF_MX:
	case SPF_PTR:
	case SPF_EXISTS:
		return match_by_dns(run, term, match_r);
	case SPF_INCLUDE:
		break;
	}
	return true;
}
