/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds and reads DMARC records. */
#include "common/dmarc.h"
#include "common/tag_list.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const policy_names[] = {"none", "quarantine", "reject"};

const char *dmarc_policy_name(enum dmarc_policy policy)
{
	return policy_names[policy];
}

static bool parse_policy(const char *text, enum dmarc_policy *policy_r)
{
	for (size_t i = 0; i < sizeof(policy_names) / sizeof(*policy_names); i++) {
		if (strcasecmp(text, policy_names[i]) == 0) {
			*policy_r = (enum dmarc_policy)i;
			return true;
		}
	}
	return false;
}

/* Other tags than p and sp fall back to their defaults when they are wrong (section 6.3). */
static bool read_rest(const char *text, struct dmarc_record *record, struct error *why)
{
	char value[8];

	if (tag_list_get(text, "rua", record->reports, sizeof(record->reports), why) == FOUND_ERROR)
		return false;
	if (tag_list_get(text, "adkim", value, sizeof(value), why) == FOUND_ONE)
		record->strict_dkim = strcasecmp(value, "s") == 0;
	if (tag_list_get(text, "aspf", value, sizeof(value), why) == FOUND_ONE)
		record->strict_spf = strcasecmp(value, "s") == 0;
	record->percent = 100;
	if (tag_list_get(text, "pct", value, sizeof(value), why) == FOUND_ONE && value[0] &&
	    strspn(value, "0123456789") == strlen(value) && atoi(value) <= 100)
		record->percent = atoi(value);
	return true;
}

/* A policy tag: FOUND_ERROR when its value is none. */
static enum found read_policy(const char *text, const char *tag, enum dmarc_policy *policy_r,
			      struct error *why)
{
	char value[64];
	enum found found = tag_list_get(text, tag, value, sizeof(value), why);

	if (found != FOUND_ONE || parse_policy(value, policy_r))
		return found;
	error_set(why, "its %s= is %.40s, which is none of none, quarantine and reject", tag,
		  value);
	return FOUND_ERROR;
}

bool dmarc_parse(const char *text, struct dmarc_record *record_r, struct error *why)
{
	enum found policy, subdomains;

	*record_r = (struct dmarc_record){0};
	if (!read_rest(text, record_r, why))
		return false;
	policy = read_policy(text, "p", &record_r->policy, why);
	if (policy == FOUND_NONE)
		error_set(why, "it has no p=");
	record_r->subdomains = record_r->policy;
	subdomains =
	    policy == FOUND_ONE ? read_policy(text, "sp", &record_r->subdomains, why) : FOUND_ERROR;
	if (policy == FOUND_ONE && subdomains != FOUND_ERROR)
		return true;
	/* Section 6.6.3: with a place to report to it counts as a policy of none. */
	record_r->policy = record_r->subdomains = DMARC_NONE;
	return strncasecmp(record_r->reports, "mailto:", 7) == 0;
}

/* Section 6.4: v, equals sign and DMARC1 come first, blanks may be between. */
static bool is_dmarc(const char *text)
{
	if (*text++ != 'v')
		return false;
	text += strspn(text, " \t");
	if (*text++ != '=')
		return false;
	text += strspn(text, " \t");
	if (strncmp(text, "DMARC1", 6) != 0)
		return false;
	text += 6;
	text += strspn(text, " \t");
	return *text == ';' || *text == '\0';
}

/* The one record among the TXT records; FOUND_NONE when there are more or none that counts. */
static enum found choose(const struct dns_answer *answer, struct dmarc_seen *seen, size_t *count_r)
{
	const char *text = NULL;
	struct error why;

	*count_r = 0;
	for (size_t i = 0; i < answer->count; i++) {
		if (is_dmarc(answer->records[i].text)) {
			text = answer->records[i].text;
			++*count_r;
		}
	}
	if (*count_r == 0)
		return FOUND_NONE;
	snprintf(seen->text, sizeof(seen->text), "%s", text);
	if (*count_r > 1) {
		snprintf(seen->detail, sizeof(seen->detail), "%s has %zu DMARC records; leave one",
			 seen->name, *count_r);
		return FOUND_NONE;
	}
	if (dmarc_parse(text, &seen->record, &why))
		return FOUND_ONE;
	snprintf(seen->detail, sizeof(seen->detail), "%s: receivers ignore it, %.200s", seen->name,
		 why.text);
	return FOUND_NONE;
}

/* Looks at one name; *count_r is how many DMARC records are there. */
static void look_at(struct dns *dns, const char *domain, struct dmarc_seen *seen, size_t *count_r)
{
	struct dns_answer answer;
	struct error err;

	*count_r = 0;
	snprintf(seen->name, sizeof(seen->name), "_dmarc.%s", domain);
	seen->found = dns_ask(dns, seen->name, DNS_TXT, 0, &answer, &err);
	switch (seen->found) {
	case FOUND_ERROR:
		snprintf(seen->detail, sizeof(seen->detail), "%s", err.text);
		break;
	case FOUND_NONE:
		break;
	case FOUND_ONE:
		seen->found = choose(&answer, seen, count_r);
		break;
	}
	dns_answer_clear(&answer);
}

void dmarc_look(struct dns *dns, const struct public_suffixes *suffixes, const char *domain,
		struct dmarc_seen *seen_r)
{
	char organization[DOMAIN_SIZE];
	size_t count;

	*seen_r = (struct dmarc_seen){0};
	look_at(dns, domain, seen_r, &count);
	public_suffix_organization(suffixes, domain, organization);
	if (seen_r->found == FOUND_NONE && count == 0 && strcmp(organization, domain) != 0) {
		seen_r->inherited = true;
		look_at(dns, organization, seen_r, &count);
	}
	if (seen_r->found == FOUND_NONE && count == 0)
		snprintf(seen_r->detail, sizeof(seen_r->detail), "%s has no DMARC record",
			 seen_r->name);
}

enum dmarc_policy dmarc_in_force(const struct dmarc_seen *seen)
{
	return seen->inherited ? seen->record.subdomains : seen->record.policy;
}

bool dmarc_is_aligned(const struct public_suffixes *suffixes, const char *from,
		      const char *authenticated, bool strict)
{
	char one[DOMAIN_SIZE], other[DOMAIN_SIZE];

	if (strict)
		return strcmp(from, authenticated) == 0;
	public_suffix_organization(suffixes, from, one);
	public_suffix_organization(suffixes, authenticated, other);
	return strcmp(one, other) == 0;
}
