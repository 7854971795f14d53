/* SPDX-License-Identifier: BSD-2-Clause */
/* Tag lists, DMARC records and alignment, by a DNS server of the test's own. */
#include "common/dmarc.h"
#include "common/tag_list.h"
#include "tests/unit/dns_zone.h"

START_TEST(reads_tags_whatever_blanks_are_around_them)
{
	static const struct {
		const char *list, *name;
		enum found found;
		const char *value;
	} cases[] = {
	    {"v=DKIM1; p=AAAA", "p", FOUND_ONE, "AAAA"},
	    {" v = DKIM1 ;\r\n\tp\t= AA\r\n AA ; ", "p", FOUND_ONE, "AA\r\n AA"},
	    {"p=", "p", FOUND_ONE, ""},
	    {"p=a=b", "p", FOUND_ONE, "a=b"},
	    {"P=AAAA", "p", FOUND_NONE, ""},
	    {"", "p", FOUND_NONE, ""},
	    {"  ", "p", FOUND_NONE, ""},
	    {"p=A; p=B", "p", FOUND_ERROR, ""},
	    {"k=A; k=B; p=C", "p", FOUND_ERROR, ""},
	    {"no tags at all", "p", FOUND_ERROR, ""},
	    {"p=A;; k=B", "p", FOUND_ERROR, ""},
	    {"1p=A", "p", FOUND_ERROR, ""},
	    {"=A", "p", FOUND_ERROR, ""},
	    {"p=A\x01", "p", FOUND_ERROR, ""},
	    {"p=\xc3\xa9", "p", FOUND_ERROR, ""},
	    {"p=0123456789", "p", FOUND_ERROR, ""}, /* does not fit */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char value[10];
		struct error err;

		ck_assert_msg(tag_list_get(cases[i].list, cases[i].name, value, sizeof(value),
					   &err) == cases[i].found,
			      "'%s'", cases[i].list);
		if (cases[i].found == FOUND_ONE)
			ck_assert_str_eq(value, cases[i].value);
	}
}
END_TEST

START_TEST(refuses_more_tags_than_a_record_can_mean)
{
	char list[1024] = "", value[8];
	struct error err;

	for (int i = 0; i < 65; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "t%d=x;", i);
	ck_assert_int_eq(tag_list_get(list, "t1", value, sizeof(value), &err), FOUND_ERROR);
}
END_TEST

START_TEST(reads_dmarc_records_and_their_defaults)
{
	struct dmarc_record record;
	struct error why;

	ck_assert(dmarc_parse("v=DMARC1; p=reject", &record, &why));
	ck_assert_int_eq(record.policy, DMARC_REJECT);
	ck_assert_int_eq(record.subdomains, DMARC_REJECT);
	ck_assert(!record.strict_dkim && !record.strict_spf);
	ck_assert_int_eq(record.percent, 100);
	ck_assert(dmarc_parse("v=DMARC1; p=quarantine; sp=none; adkim=s; aspf=s; pct=20;"
			      " rua=mailto:a@b.example",
			      &record, &why));
	ck_assert_int_eq(record.policy, DMARC_QUARANTINE);
	ck_assert_int_eq(record.subdomains, DMARC_NONE);
	ck_assert(record.strict_dkim && record.strict_spf);
	ck_assert_int_eq(record.percent, 20);
	ck_assert_str_eq(record.reports, "mailto:a@b.example");
	ck_assert(dmarc_parse("v=DMARC1; p=none; pct=500; adkim=x", &record, &why));
	ck_assert_int_eq(record.percent, 100);
	ck_assert(!record.strict_dkim);
}
END_TEST

START_TEST(a_wrong_policy_counts_as_none_only_with_a_place_to_report_to)
{
	struct dmarc_record record;
	struct error why;

	ck_assert(!dmarc_parse("v=DMARC1; p=refuse", &record, &why));
	ck_assert_ptr_nonnull(strstr(why.text, "refuse"));
	ck_assert(!dmarc_parse("v=DMARC1", &record, &why));
	ck_assert(!dmarc_parse("v=DMARC1; p=reject; sp=maybe", &record, &why));
	ck_assert(dmarc_parse("v=DMARC1; p=refuse; rua=mailto:a@b.example", &record, &why));
	ck_assert_int_eq(record.policy, DMARC_NONE);
}
END_TEST

static const char zone_text[] =
    "{\"_dmarc.acme.example\": [{\"TXT\": \"something else\"},"
    "  {\"TXT\": \"v=DMARC1; p=reject; sp=quarantine\"}],"
    " \"_dmarc.own.acme.example\": [{\"TXT\": \"v=DMARC1;p=none\"}],"
    " \"_dmarc.two.example\": [{\"TXT\": \"v=DMARC1; p=none\"}, {\"TXT\": \"v=DMARC1; p=reject\"}],"
    " \"_dmarc.below.two.example\": [{\"TXT\": \"v=DMARC10; p=none\"}],"
    " \"_dmarc.bad.example\": [{\"TXT\": \"v=DMARC1; p=none; p=none\"}],"
    " \"_dmarc.down.example\": [{\"SERVFAIL\": true}]}";

START_TEST(finds_the_policy_of_a_domain_or_of_its_organization)
{
	static const struct {
		const char *domain;
		enum found found;
		const char *name;
		enum dmarc_policy policy;
	} cases[] = {
	    {"acme.example", FOUND_ONE, "_dmarc.acme.example", DMARC_REJECT},
	    {"x.y.acme.example", FOUND_ONE, "_dmarc.acme.example", DMARC_QUARANTINE},
	    {"own.acme.example", FOUND_ONE, "_dmarc.own.acme.example", DMARC_NONE},
	    {"two.example", FOUND_NONE, "_dmarc.two.example", DMARC_NONE},
	    {"below.two.example", FOUND_NONE, "_dmarc.two.example", DMARC_NONE},
	    {"bad.example", FOUND_NONE, "_dmarc.bad.example", DMARC_NONE},
	    {"nothing.example", FOUND_NONE, "_dmarc.nothing.example", DMARC_NONE},
	    {"down.example", FOUND_ERROR, "_dmarc.down.example", DMARC_NONE},
	};
	struct public_suffixes *suffixes;
	struct dns_zone zone;
	struct error err;
	struct dns *dns;

	dns_zone_start(&zone, zone_text, 0);
	dns = dns_of(zone.servers, 2000);
	ck_assert(public_suffixes_new(&suffixes, &err));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dmarc_seen seen;

		dmarc_look(dns, suffixes, cases[i].domain, &seen);
		ck_assert_msg(seen.found == cases[i].found, "%s: %d", cases[i].domain, seen.found);
		ck_assert_str_eq(seen.name, cases[i].name);
		ck_assert_int_eq(seen.detail[0] == '\0', seen.found == FOUND_ONE);
		if (seen.found == FOUND_ONE)
			ck_assert_int_eq(dmarc_in_force(&seen), cases[i].policy);
	}
	public_suffixes_free(suffixes);
	dns_free(dns);
	dns_zone_stop(&zone);
}
END_TEST

START_TEST(knows_organizational_domains_and_alignment)
{
	struct public_suffixes *suffixes;
	char organization[DOMAIN_SIZE];
	struct error err;

	ck_assert(public_suffixes_new(&suffixes, &err));
	public_suffix_organization(suffixes, "a.b.acme.co.uk", organization);
	ck_assert_str_eq(organization, "acme.co.uk");
	public_suffix_organization(suffixes, "acme.co.uk", organization);
	ck_assert_str_eq(organization, "acme.co.uk");
	public_suffix_organization(suffixes, "co.uk", organization);
	ck_assert_str_eq(organization, "co.uk");
	ck_assert(dmarc_is_aligned(suffixes, "news.acme.co.uk", "acme.co.uk", false));
	ck_assert(!dmarc_is_aligned(suffixes, "news.acme.co.uk", "acme.co.uk", true));
	ck_assert(!dmarc_is_aligned(suffixes, "acme.co.uk", "other.co.uk", false));
	ck_assert(dmarc_is_aligned(suffixes, "acme.co.uk", "acme.co.uk", true));
	public_suffixes_free(suffixes);
}
END_TEST

UNIT_MAIN("dmarc", reads_tags_whatever_blanks_are_around_them,
	  refuses_more_tags_than_a_record_can_mean, reads_dmarc_records_and_their_defaults,
	  a_wrong_policy_counts_as_none_only_with_a_place_to_report_to,
	  finds_the_policy_of_a_domain_or_of_its_organization,
	  knows_organizational_domains_and_alignment)
