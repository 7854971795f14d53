/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said of a domain's SPF, DKIM and DMARC records, whatever they are. */
#include "common/domain_check.h"
#include "tests/unit/dns_zone.h"

#define KEY "AAAA"

static struct public_suffixes *suffixes;
static struct dns_zone zone;
static struct dns *dns;

static const char zone_text[] =
    "{\"good.example\": [{\"TXT\": \"v=spf1 include:ours.example -all\"}],"
    " \"ours.example\": [{\"TXT\": \"v=spf1 ip4:192.0.2.7 -all\"}],"
    " \"s._domainkey.good.example\": [{\"TXT\": [\"v=DKIM1; k=rsa; \", \"p=" KEY "\"]}],"
    " \"_dmarc.good.example\": [{\"TXT\": \"v=DMARC1; p=reject; adkim=s\"}],"
    " \"other.example\": [{\"TXT\": \"v=spf1 mx -all\"}],"
    " \"s._domainkey.other.example\": [{\"TXT\": \"v=DKIM1; k=rsa; p=BBBB\"}],"
    " \"_dmarc.other.example\": [{\"TXT\": \"v=DMARC1; p=reject\"}],"
    " \"broken.example\": [{\"TXT\": \"v=spf1 -all\"}, {\"TXT\": \"v=spf1 ~all\"}],"
    " \"down.example\": [{\"SERVFAIL\": true}], \"_dmarc.down.example\": [{\"SERVFAIL\": true}],"
    " \"s._domainkey.down.example\": [{\"SERVFAIL\": true}]}";

static void start(void)
{
	struct error err;

	dns_zone_start(&zone, zone_text, 0);
	dns = dns_of(zone.servers, 2000);
	ck_assert(public_suffixes_new(&suffixes, &err));
}

static void stop(void)
{
	public_suffixes_free(suffixes);
	dns_free(dns);
	dns_zone_stop(&zone);
}

static struct dkim_key_row key_of(const char *domain)
{
	struct dkim_key_row row = {.algorithm = CRYPTO_RSA, .bits = 2048, .state = DKIM_KEY_ACTIVE};

	snprintf(row.domain, sizeof(row.domain), "%s", domain);
	strcpy(row.selector, "s");
	strcpy(row.public_key, KEY);
	return row;
}

/* The domain with one active key of `key_domain` ("" for none), leaving from 192.0.2.7. */
static struct domain_check *check_of(const char *domain, const char *key_domain,
				     const char *include)
{
	struct domain_check *check = domain_check_new(domain, include);
	struct dkim_key_row row = key_of(key_domain);
	struct error err;
	struct ip ip;

	ck_assert(ip_parse("192.0.2.7", &ip, &err));
	domain_check_add_source(check, &ip, "mx.provider.example");
	if (key_domain[0])
		domain_check_add_key(check, &row);
	domain_check_run(dns, suffixes, check);
	return check;
}

START_TEST(a_domain_with_all_records_is_good)
{
	struct domain_check *check = check_of("good.example", "good.example", "ours.example");

	ck_assert_msg(check->spf == DOMAIN_GOOD, "%s", check->spf_detail);
	ck_assert_msg(check->dkim == DOMAIN_GOOD, "%s", check->dkim_detail);
	ck_assert_msg(check->dmarc == DOMAIN_GOOD, "%s", check->dmarc_detail);
	ck_assert(check->spf_includes_ours && check->spf_aligned && check->dkim_aligned);
	ck_assert_str_eq(check->spf_publish, "");
	ck_assert_str_eq(check->dmarc_publish, "");
	domain_check_free(check);
}
END_TEST

START_TEST(a_domain_without_records_is_told_what_to_publish)
{
	struct domain_check *check = check_of("bare.example", "", "ours.example");

	ck_assert_int_eq(check->spf, DOMAIN_MISSING);
	ck_assert_str_eq(check->spf_publish, "v=spf1 include:ours.example ~all");
	ck_assert_int_eq(check->dkim, DOMAIN_MISSING);
	ck_assert_int_eq(check->dmarc, DOMAIN_MISSING);
	ck_assert_str_eq(check->dmarc_publish, "v=DMARC1; p=none");
	domain_check_free(check);
	check = check_of("bare.example", "bare.example", "");
	ck_assert_str_eq(check->spf_publish, "v=spf1 ip4:192.0.2.7 ~all");
	ck_assert_int_eq(check->dkim, DOMAIN_WRONG);
	ck_assert_int_eq(check->keys[0].seen.sight, DKIM_SIGHT_MISSING);
	domain_check_free(check);
}
END_TEST

START_TEST(our_terms_go_into_the_record_that_is_there)
{
	struct domain_check *check = check_of("other.example", "other.example", "ours.example");

	ck_assert_int_eq(check->spf, DOMAIN_WRONG);
	ck_assert_str_eq(check->spf_publish, "v=spf1 include:ours.example mx -all");
	ck_assert_int_eq(check->dkim, DOMAIN_WRONG);
	ck_assert_int_eq(check->keys[0].seen.sight, DKIM_SIGHT_DIFFERENT);
	/* A policy with nothing aligned refuses all mail. */
	ck_assert_int_eq(check->dmarc, DOMAIN_WRONG);
	ck_assert_ptr_nonnull(strstr(check->dmarc_detail, "reject"));
	domain_check_free(check);
}
END_TEST

START_TEST(an_include_of_ours_that_does_not_list_the_address_is_our_fault)
{
	struct domain_check *check = domain_check_new("good.example", "OURS.example");
	struct error err;
	struct ip ip;

	ck_assert(ip_parse("192.0.2.8", &ip, &err));
	domain_check_add_source(check, &ip, "mx.provider.example");
	domain_check_run(dns, suffixes, check);
	ck_assert_int_eq(check->spf, DOMAIN_WRONG);
	ck_assert(check->spf_includes_ours);
	ck_assert_str_eq(check->spf_publish, "");
	ck_assert_ptr_nonnull(strstr(check->spf_detail, "must list the address"));
	domain_check_free(check);
}
END_TEST

START_TEST(a_record_in_error_is_not_built_upon)
{
	struct domain_check *check = check_of("broken.example", "", "ours.example");

	ck_assert_int_eq(check->spf, DOMAIN_WRONG);
	ck_assert_int_eq(check->sources[0].result, SPF_PERMERROR);
	ck_assert_str_eq(check->spf_publish, "");
	domain_check_free(check);
}
END_TEST

START_TEST(dns_trouble_is_unknown_and_proposes_nothing)
{
	struct domain_check *check = check_of("down.example", "down.example", "ours.example");

	ck_assert_int_eq(check->spf, DOMAIN_UNKNOWN);
	ck_assert_int_eq(check->dkim, DOMAIN_UNKNOWN);
	ck_assert_int_eq(check->dmarc, DOMAIN_UNKNOWN);
	ck_assert_str_eq(check->spf_publish, "");
	ck_assert_str_eq(check->dmarc_publish, "");
	domain_check_free(check);
}
END_TEST

START_TEST(a_signature_of_the_domain_above_is_aligned_unless_strict)
{
	struct domain_check *check = check_of("x.good.example", "good.example", "ours.example");

	ck_assert_int_eq(check->dkim, DOMAIN_GOOD);
	ck_assert(check->policy.inherited);
	ck_assert(!check->dkim_aligned); /* adkim=s */
	domain_check_free(check);
}
END_TEST

START_TEST(a_key_record_serves_only_if_verifiers_take_it)
{
	static const struct {
		const char *text;
		bool serves;
	} cases[] = {
	    {"v=DKIM1; k=rsa; p=" KEY, true},
	    {"p=" KEY, true},
	    {"p=AA AA", true},
	    {"v=DKIM1; h=sha1:sha256; s=email:other; t=s; p=" KEY, true},
	    {"v=DKIM1; h=sha1; p=" KEY, false},
	    {"v=DKIM1; s=other; p=" KEY, false},
	    {"v=DKIM1; t=y; p=" KEY, false},
	    {"v=DKIM1; k=ed25519; p=" KEY, false},
	    {"v=DKIM2; p=" KEY, false},
	    {"v=DKIM1; p=", false},
	    {"v=DKIM1", false},
	    {"v=DKIM1; p=" KEY "; p=" KEY, false},
	    {"v=spf1 -all", false},
	};
	struct dkim_key_row row = key_of("good.example");

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error why;

		ck_assert_msg(dkim_record_serves(cases[i].text, &row, &why) == cases[i].serves,
			      "%s", cases[i].text);
	}
}
END_TEST

int main(void)
{
	const TTest *const all[] = {
	    a_domain_with_all_records_is_good,
	    a_domain_without_records_is_told_what_to_publish,
	    our_terms_go_into_the_record_that_is_there,
	    an_include_of_ours_that_does_not_list_the_address_is_our_fault,
	    a_record_in_error_is_not_built_upon,
	    dns_trouble_is_unknown_and_proposes_nothing,
	    a_signature_of_the_domain_above_is_aligned_unless_strict,
	    a_key_record_serves_only_if_verifiers_take_it,
	};
	Suite *suite = suite_create("domain_check");
	TCase *tests = tcase_create("domain_check");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, start, stop);
	tcase_set_timeout(tests, 60);
	for (size_t i = 0; i < COUNT(all); i++)
		tcase_add_test(tests, all[i]);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
