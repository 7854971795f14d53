/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks what receivers would ask about a domain, and says what to publish. */
#include "common/domain_check.h"
#include "common/spf_publish.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPF_TIMEOUT_MS 20000 /* RFC 7208 section 4.6.4 */

const char *domain_health_name(enum domain_health health)
{
	switch (health) {
	case DOMAIN_GOOD:
		return "good";
	case DOMAIN_MISSING:
		return "missing";
	case DOMAIN_WRONG:
		return "wrong";
	case DOMAIN_UNKNOWN:
		return "unknown";
	}
	return "";
}

static void *need(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

struct domain_check *domain_check_new(const char *domain, const char *spf_include)
{
	struct domain_check *check = need(calloc(1, sizeof(*check)));

	snprintf(check->domain, sizeof(check->domain), "%s", domain);
	snprintf(check->spf_include, sizeof(check->spf_include), "%s", spf_include);
	return check;
}

void domain_check_free(struct domain_check *check)
{
	if (!check)
		return;
	free(check->sources);
	free(check->keys);
	free(check);
}

void domain_check_add_source(struct domain_check *check, const struct ip *address, const char *helo)
{
	struct domain_source *source;

	check->sources =
	    need(realloc(check->sources, (check->source_count + 1) * sizeof(*check->sources)));
	source = &check->sources[check->source_count++];
	*source = (struct domain_source){.address = *address};
	snprintf(source->helo, sizeof(source->helo), "%s", helo);
}

void domain_check_add_key(struct domain_check *check, const struct dkim_key_row *row)
{
	check->keys = need(realloc(check->keys, (check->key_count + 1) * sizeof(*check->keys)));
	check->keys[check->key_count++] = (struct domain_key){.row = *row};
}

/* SPF for one address; the record is the one that was read first. */
static void ask_source(struct dns *dns, struct domain_check *check, struct domain_source *source)
{
	char sender[DOMAIN_SIZE + 16];
	struct spf_question question = {source->address, source->helo, sender, NULL};
	struct spf_answer answer;

	snprintf(sender, sizeof(sender), "postmaster@%s", check->domain);
	spf_check(dns, &question, SPF_TIMEOUT_MS, &answer);
	source->result = answer.result;
	snprintf(source->reason, sizeof(source->reason), "%s", answer.reason);
	if (answer.record_count > 0)
		snprintf(check->spf_record, sizeof(check->spf_record), "%s",
			 answer.records[0].text);
	spf_answer_clear(&answer);
}

/* Asks for each address until DNS fails: the others would only wait as long again. */
static void ask_sources(struct dns *dns, struct domain_check *check)
{
	for (size_t i = 0; i < check->source_count; i++) {
		struct domain_source *source = &check->sources[i];

		if (i > 0 && check->sources[i - 1].result == SPF_TEMPERROR) {
			source->result = SPF_TEMPERROR;
			snprintf(source->reason, sizeof(source->reason),
				 "not asked: DNS failed before");
		} else {
			ask_source(dns, check, source);
		}
	}
}

/* The first source that does not pass, those that DNS could not tell about last; NULL: all pass. */
static const struct domain_source *worst_source(const struct domain_check *check)
{
	const struct domain_source *unknown = NULL;

	for (size_t i = 0; i < check->source_count; i++) {
		if (check->sources[i].result == SPF_TEMPERROR)
			unknown = unknown ? unknown : &check->sources[i];
		else if (check->sources[i].result != SPF_PASS)
			return &check->sources[i];
	}
	return unknown;
}

/* What authorises the egress addresses: the provider's include, else the addresses themselves. False: too
 * many for one record. */
static bool make_terms(const struct domain_check *check, char *terms, size_t size)
{
	bool fits = true;

	terms[0] = '\0';
	if (check->spf_include[0])
		return spf_publish_include(terms, size, check->spf_include);
	for (size_t i = 0; i < check->source_count && fits; i++) {
		if (check->sources[i].result != SPF_PASS)
			fits = spf_publish_address(terms, size, &check->sources[i].address);
	}
	return fits;
}

static void propose_spf(struct domain_check *check)
{
	char terms[DOMAIN_TEXT_SIZE];

	if (!make_terms(check, terms, sizeof(terms)) ||
	    !spf_publish_record(check->spf_record, terms, check->spf_publish,
				sizeof(check->spf_publish)))
		check->spf_publish[0] = '\0';
}

static enum domain_health spf_health(enum spf_result result)
{
	switch (result) {
	case SPF_PASS:
		return DOMAIN_GOOD;
	case SPF_NONE:
		return DOMAIN_MISSING;
	case SPF_TEMPERROR:
		return DOMAIN_UNKNOWN;
	case SPF_NEUTRAL:
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_PERMERROR:
		break;
	}
	return DOMAIN_WRONG;
}

static void check_spf(struct dns *dns, struct domain_check *check)
{
	char ours[DOMAIN_SIZE + 16], address[IP_TEXT_SIZE];
	const struct domain_source *worst;

	if (check->source_count == 0) {
		check->spf = DOMAIN_WRONG;
		snprintf(check->spf_detail, sizeof(check->spf_detail),
			 "there is no egress address that its mail could leave from");
		return;
	}
	ask_sources(dns, check);
	snprintf(ours, sizeof(ours), "include:%s", check->spf_include);
	check->spf_includes_ours =
	    check->spf_include[0] && spf_publish_has(check->spf_record, ours);
	worst = worst_source(check);
	check->spf = worst ? spf_health(worst->result) : DOMAIN_GOOD;
	if (!worst)
		return;
	ip_format(&worst->address, address);
	snprintf(check->spf_detail, sizeof(check->spf_detail), "%s for %s: %.300s%s",
		 spf_result_name(worst->result), address, worst->reason,
		 check->spf_includes_ours ? "; it includes ours, which must list the address" : "");
	/* A record that is in error is to be mended, and one that includes ours is not at fault. */
	if (worst->result != SPF_TEMPERROR && worst->result != SPF_PERMERROR &&
	    !check->spf_includes_ours)
		propose_spf(check);
}

/* Every active key must be seen, and one must be there. */
static void check_dkim(struct dns *dns, struct domain_check *check)
{
	bool active = false;

	check->dkim = DOMAIN_GOOD;
	for (size_t i = 0; i < check->key_count; i++) {
		struct domain_key *key = &check->keys[i];

		dkim_record_look(dns, &key->row, &key->seen);
		if (key->row.state != DKIM_KEY_ACTIVE)
			continue;
		active = true;
		if (key->seen.sight == DKIM_SIGHT_PUBLISHED || check->dkim == DOMAIN_WRONG)
			continue;
		check->dkim = key->seen.sight == DKIM_SIGHT_UNKNOWN ? DOMAIN_UNKNOWN : DOMAIN_WRONG;
		snprintf(check->dkim_detail, sizeof(check->dkim_detail), "%s", key->seen.detail);
	}
	if (active)
		return;
	check->dkim = DOMAIN_MISSING;
	snprintf(check->dkim_detail, sizeof(check->dkim_detail),
		 check->key_count > 0 ? "no key is active; publish the pending one and activate it"
				      : "no key; make one with `easymailctl dkim create`");
}

/* d= of the active keys; the domain itself when there is none. */
static const char *signing_domain(const struct domain_check *check)
{
	for (size_t i = 0; i < check->key_count; i++) {
		if (check->keys[i].row.state == DKIM_KEY_ACTIVE)
			return check->keys[i].row.domain;
	}
	return check->domain;
}

/* The envelope sender is of the domain itself, so its SPF is aligned as soon as it passes. */
static void check_dmarc(struct dns *dns, const struct public_suffixes *suffixes,
			struct domain_check *check)
{
	dmarc_look(dns, suffixes, check->domain, &check->policy);
	check->spf_aligned = check->spf == DOMAIN_GOOD;
	check->dkim_aligned =
	    check->dkim == DOMAIN_GOOD &&
	    dmarc_is_aligned(suffixes, check->domain, signing_domain(check),
			     check->policy.found == FOUND_ONE && check->policy.record.strict_dkim);
	snprintf(check->dmarc_detail, sizeof(check->dmarc_detail), "%s", check->policy.detail);
	switch (check->policy.found) {
	case FOUND_ERROR:
		check->dmarc = DOMAIN_UNKNOWN;
		return;
	case FOUND_NONE:
		check->dmarc = check->policy.text[0] ? DOMAIN_WRONG : DOMAIN_MISSING;
		if (check->dmarc == DOMAIN_MISSING)
			snprintf(check->dmarc_publish, sizeof(check->dmarc_publish),
				 "v=DMARC1; p=none");
		return;
	case FOUND_ONE:
		break;
	}
	if (check->spf_aligned || check->dkim_aligned) {
		check->dmarc = DOMAIN_GOOD;
		return;
	}
	check->dmarc = check->spf == DOMAIN_UNKNOWN || check->dkim == DOMAIN_UNKNOWN
			   ? DOMAIN_UNKNOWN
			   : DOMAIN_WRONG;
	snprintf(check->dmarc_detail, sizeof(check->dmarc_detail),
		 "neither SPF nor DKIM is known to pass aligned: receivers apply the policy %s",
		 dmarc_policy_name(dmarc_in_force(&check->policy)));
}

void domain_check_run(struct dns *dns, const struct public_suffixes *suffixes,
		      struct domain_check *check)
{
	check_spf(dns, check);
	check_dkim(dns, check);
	check_dmarc(dns, suffixes, check);
}
