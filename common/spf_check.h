/* SPDX-License-Identifier: BSD-2-Clause */
/* The question of RFC 7208: may this address send mail for this sender's domain? */
#ifndef EASYMAIL_SPF_CHECK_H
#define EASYMAIL_SPF_CHECK_H

#include "common/dns.h"

#define SPF_LOOKUPS_MAX 10 /* section 4.6.4: terms that cause DNS look-ups */
#define SPF_VOIDS_MAX   2  /* look-ups that find nothing */
#define SPF_RECORDS_MAX (SPF_LOOKUPS_MAX + 1)

enum spf_result {
	SPF_NONE, /* the domain publishes no record, or there is no domain to ask for */
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR, /* DNS could not tell: unknown */
	SPF_PERMERROR, /* what is published is wrong */
};

struct spf_question {
	struct ip client;   /* an IPv4-mapped address is IPv4 */
	const char *helo;   /* what the client says it is; "" for nothing */
	const char *sender; /* envelope address without angle brackets; "" is the null sender, whose
	                         domain is helo */
	const char *receiver; /* our own name, for explanations; NULL: "unknown" */
};

/* A record that was read, in the order of reading. */
struct spf_used {
	char domain[DNS_NAME_MAX + 1];
	char *text;
};

struct spf_answer {
	enum spf_result result;
	char
	    reason[512]; /* one printable sentence: the term that decided, or what is wrong where */
	char *
	    explanation; /* of fail: the domain's own text (exp=), printable ASCII; NULL for none */
	unsigned lookups, voids;
	int64_t ttl; /* seconds that the result may be kept; 0 for temperror */
	size_t record_count;
	struct spf_used records[SPF_RECORDS_MAX];
};

/* Takes at most about timeout_ms (section 4.6.4: at least 20 s); after that it is temperror. */
void spf_check(struct dns *dns, const struct spf_question *question, int timeout_ms,
	       struct spf_answer *answer_r) __attribute__((nonnull));
void spf_answer_clear(struct spf_answer *answer) __attribute__((nonnull));

/* "pass", … as RFC 8601 spells them. */
const char *spf_result_name(enum spf_result result);

#endif
