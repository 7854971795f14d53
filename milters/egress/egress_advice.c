/* SPDX-License-Identifier: BSD-2-Clause */
/* The sentence says what to publish, ready to paste where that fits into a reply. */
#include "milters/egress/egress_advice.h"
#include "common/domain.h"
#include "common/spf_publish.h"
#include <stdio.h>

/* The terms that are missing; false: too many for a reply. */
static bool make_terms(const struct egress_failure *failure, char *terms_r, size_t size)
{
	bool fits = true;

	terms_r[0] = '\0';
	if (failure->include[0] != '\0')
		return spf_publish_include(terms_r, size, failure->include);
	for (size_t i = 0; i < failure->set->count && fits; i++)
		fits = spf_publish_address(terms_r, size, &failure->set->ips[i].address);
	return fits;
}

/* Does the domain include the provider's record already? */
static bool includes_ours(const struct egress_failure *failure)
{
	char term[DOMAIN_SIZE + 16];

	snprintf(term, sizeof(term), "include:%s", failure->include);
	return failure->include[0] != '\0' && failure->record != NULL &&
	       spf_publish_has(failure->record, term);
}

bool egress_advise(const struct egress_failure *failure, char advice_r[EGRESS_ADVICE_SIZE])
{
	char terms[EGRESS_ADVICE_SIZE], record[EGRESS_ADVICE_SIZE], address[IP_TEXT_SIZE];
	const char *domain = failure->domain;
	int length = EGRESS_ADVICE_SIZE;

	ip_format(failure->address, address);
	if (includes_ours(failure)) {
		snprintf(advice_r, EGRESS_ADVICE_SIZE,
			 "SPF of %s fails for %s, which the record of %s does not list; the "
			 "provider has to mend that",
			 domain, address, failure->include);
		return false;
	}
	if (!make_terms(failure, terms, sizeof(terms)))
		terms[0] = '\0';
	if (terms[0] != '\0' && failure->record != NULL &&
	    spf_publish_record(failure->record, terms, record, sizeof(record)))
		length = snprintf(advice_r, EGRESS_ADVICE_SIZE,
				  "SPF of %s fails for %s; publish this TXT record at %s: %s",
				  domain, address, domain, record);
	if (length >= EGRESS_ADVICE_SIZE && terms[0] != '\0')
		length = snprintf(advice_r, EGRESS_ADVICE_SIZE,
				  "SPF of %s fails for %s; add to its TXT record, right after "
				  "v=spf1:%s",
				  domain, address, terms);
	if (length >= EGRESS_ADVICE_SIZE)
		snprintf(advice_r, EGRESS_ADVICE_SIZE,
			 "SPF of %s fails for %s; ask the provider for what to include", domain,
			 address);
	return true;
}
