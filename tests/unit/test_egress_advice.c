/* SPDX-License-Identifier: BSD-2-Clause */
/* What a tenant's administrator is told to publish. */
#include "milters/egress/egress_advice.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

/* The advice for a group of `count` addresses 192.0.2.1 and on, the mail leaving from the first. */
static bool advise(const char *include, const char *record, size_t count,
		   char advice_r[EGRESS_ADVICE_SIZE])
{
	struct egress_set *set = egress_set_new(count);
	struct egress_failure failure = {"acme.example", record, include, &set->ips[0].address,
					 set};
	bool is_theirs;

	for (size_t i = 0; i < count; i++) {
		struct error err;
		char text[IP_TEXT_SIZE];

		snprintf(text, sizeof(text), "192.0.2.%zu", i + 1);
		ck_assert(ip_parse(text, &set->ips[i].address, &err));
	}
	is_theirs = egress_advise(&failure, advice_r);
	egress_set_free(set);
	return is_theirs;
}

START_TEST(says_exactly_what_to_publish)
{
	static const struct {
		const char *include, *record;
		size_t count;
		const char *advice;
	} table[] = {
	    {"spf.p.example", "v=spf1 mx -all", 2,
	     "SPF of acme.example fails for 192.0.2.1; publish this TXT record at acme.example: "
	     "v=spf1 include:spf.p.example mx -all"},
	    {"", "v=spf1 -all", 2,
	     "SPF of acme.example fails for 192.0.2.1; publish this TXT record at acme.example: "
	     "v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 -all"},
	    {"spf.p.example", NULL, 2,
	     "SPF of acme.example fails for 192.0.2.1; add to its TXT record, right after v=spf1: "
	     "include:spf.p.example"},
	    {"", "v=spf1 -all", 100,
	     "SPF of acme.example fails for 192.0.2.1; ask the provider for what to include"},
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		char advice[EGRESS_ADVICE_SIZE];

		ck_assert(advise(table[i].include, table[i].record, table[i].count, advice));
		ck_assert_str_eq(advice, table[i].advice);
	}
}
END_TEST

START_TEST(a_record_too_long_for_a_reply_is_not_cut)
{
	char record[2000] = "v=spf1", advice[EGRESS_ADVICE_SIZE];

	for (int i = 0; i < 40; i++)
		snprintf(record + strlen(record), sizeof(record) - strlen(record),
			 " ip4:198.51.100.%d", i);
	ck_assert(advise("spf.p.example", record, 1, advice));
	ck_assert_str_eq(advice, "SPF of acme.example fails for 192.0.2.1; add to its TXT record, "
				 "right after v=spf1: include:spf.p.example");
}
END_TEST

START_TEST(a_domain_that_includes_the_provider_is_not_at_fault)
{
	char advice[EGRESS_ADVICE_SIZE];

	ck_assert(!advise("spf.p.example", "v=spf1 include:SPF.p.example -all", 1, advice));
	ck_assert_ptr_nonnull(strstr(advice, "the record of spf.p.example does not list"));
	ck_assert(advise("", "v=spf1 include: -all", 1, advice));
}
END_TEST

UNIT_MAIN("egress_advice", says_exactly_what_to_publish, a_record_too_long_for_a_reply_is_not_cut,
	  a_domain_that_includes_the_provider_is_not_at_fault)
