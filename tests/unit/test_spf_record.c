/* SPDX-License-Identifier: BSD-2-Clause */
/* The grammar of SPF records and their macros; what the RFC's suite does not look at. */
#include "common/spf_macro.h"
#include "common/spf_record.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

static struct spf_record *record_of(const char *text)
{
	struct spf_record *record = NULL;
	struct error err;

	ck_assert(spf_record_is(text, strlen(text)));
	ck_assert_msg(spf_record_parse(text, strlen(text), &record, &err), "%s: %s", text,
		      err.text);
	return record;
}

START_TEST(a_record_begins_with_the_version_alone)
{
	static const char *const wrong[] = {"",        "v=spf",    "v=spf10",      "v=spf1\tall",
					    " v=spf1", "v=spf2 a", "spf2.0/pra a", "v=spf1;all"};

	ck_assert(spf_record_is("V=sPf1", 6));
	ck_assert(spf_record_is("v=spf1 -all", 11));
	for (size_t i = 0; i < COUNT(wrong); i++)
		ck_assert_msg(!spf_record_is(wrong[i], strlen(wrong[i])), "%s", wrong[i]);
}
END_TEST

START_TEST(terms_are_read_with_all_their_parts)
{
	struct spf_record *record =
	    record_of("v=spf1  ip4:192.0.2.0/24 -IP6:2001:db8::/32 ~a:%{d}/25//65 ?mx//0 "
		      "include:x.example.net Exists:a/b.example.net ptr all exp=e.example.net. "
		      "redirect=%{o} x-y.z_1=%{l}");
	struct spf_term *terms = record->terms;

	ck_assert_uint_eq(record->count, 8);
	ck_assert_int_eq(terms[0].mechanism, SPF_IP4);
	ck_assert_int_eq(terms[0].qualifier, '+');
	ck_assert_int_eq(terms[0].prefix4, 24);
	ck_assert(ip_is_v4(&terms[0].network));
	ck_assert_str_eq(terms[1].text, "-IP6:2001:db8::/32");
	ck_assert_int_eq(terms[1].qualifier, '-');
	ck_assert_int_eq(terms[1].prefix6, 32);
	ck_assert_int_eq(terms[2].qualifier, '~');
	ck_assert_uint_eq(terms[2].domain.length, 4);
	ck_assert_int_eq(terms[2].prefix4, 25);
	ck_assert_int_eq(terms[2].prefix6, 65);
	ck_assert_int_eq(terms[3].qualifier, '?');
	ck_assert_int_eq(terms[3].prefix4, 32);
	ck_assert_int_eq(terms[3].prefix6, 0);
	ck_assert_ptr_null(terms[3].domain.text);
	ck_assert_int_eq(terms[5].mechanism, SPF_EXISTS);
	ck_assert_int_eq(terms[7].mechanism, SPF_ALL);
	ck_assert_int_eq(strncmp(record->exp.text, "e.example.net.", record->exp.length), 0);
	ck_assert_uint_eq(record->redirect.length, 4);
	spf_record_free(record);
}
END_TEST

START_TEST(what_the_grammar_forbids_is_refused)
{
	static const char *const wrong[] = {"v=spf1 a:",
					    "v=spf1 a:example",
					    "v=spf1 a:example.",
					    "v=spf1 a:example.123",
					    "v=spf1 a:example.-net",
					    "v=spf1 a:example.net-",
					    "v=spf1 a:example..",
					    "v=spf1 a/",
					    "v=spf1 a/33",
					    "v=spf1 a/024",
					    "v=spf1 a/2//129",
					    "v=spf1 a/2/3",
					    "v=spf1 a//",
					    "v=spf1 a/-1",
					    "v=spf1 a:example.net/24/",
					    "v=spf1 a:/24",
					    "v=spf1 a/99999999999999999999",
					    "v=spf1 a=example.net -all x",
					    "v=spf1 all:x.example.net",
					    "v=spf1 all/0",
					    "v=spf1 all.",
					    "v=spf1 --all",
					    "v=spf1 +-all",
					    "v=spf1 - all",
					    "v=spf1 ip4",
					    "v=spf1 ip4:",
					    "v=spf1 ip4:192.0.2",
					    "v=spf1 ip4:192.0.2.1.1",
					    "v=spf1 ip4:192.0.02.1",
					    "v=spf1 ip4:192.0.2.1/",
					    "v=spf1 ip4:192.0.2.1/33",
					    "v=spf1 ip4:192.0.2.1//24",
					    "v=spf1 ip4:::1",
					    "v=spf1 ip4:/24",
					    "v=spf1 ip4 :192.0.2.1",
					    "v=spf1 ip6:192.0.2.1",
					    "v=spf1 ip6:2001:db8::/129",
					    "v=spf1 ip6:2001:db8:::",
					    "v=spf1 ip6:fe80::1%eth0",
					    "v=spf1 ip6:[::1]",
					    "v=spf1 include",
					    "v=spf1 include:",
					    "v=spf1 include=x.example.net include",
					    "v=spf1 exists:x.example.net/24",
					    "v=spf1 ptr/24",
					    "v=spf1 moo",
					    "v=spf1 1x=y",
					    "v=spf1 =y",
					    "v=spf1 -exp=x.example.net",
					    "v=spf1 exp=x.example.net EXP=y.example.net",
					    "v=spf1 redirect=x redirect=y",
					    "v=spf1 redirect:x.example.net",
					    "v=spf1 x=%",
					    "v=spf1 x=%a",
					    "v=spf1 x=%{}",
					    "v=spf1 x=%{d",
					    "v=spf1 x=%{z}",
					    "v=spf1 x=%{d0}",
					    "v=spf1 x=%{d1x}",
					    "v=spf1 x=%{rd}",
					    "v=spf1 x=%{l@}",
					    "v=spf1 x=%{c}",
					    "v=spf1 x=%{r}",
					    "v=spf1 x=%{t}",
					    "v=spf1 exists:%{d}x",
					    "v=spf1 exists:%{d}.",
					    "v=spf1\ta",
					    "v=spf1 a\r",
					    "v=spf1 a:\303\244.example.net",
					    "v=spf1 v=spf1 -all extra:"};
	struct spf_record *record;
	struct error err;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		ck_assert_msg(!spf_record_parse(wrong[i], strlen(wrong[i]), &record, &err), "%s",
			      wrong[i]);
		ck_assert_uint_gt(strlen(err.text), 0);
	}
	ck_assert(!spf_record_parse("v=spf1 a:x.example.net\0", 23, &record, &err));
}
END_TEST

START_TEST(an_error_names_the_term_and_what_is_wrong)
{
	static const char text[] = "v=spf1 ip4:192.0.2.1 ip4:192.0.2.300 -all";
	struct spf_record *record;
	struct error err;

	ck_assert(!spf_record_parse(text, strlen(text), &record, &err));
	ck_assert_str_eq(err.text, "in \"ip4:192.0.2.300\": \"192.0.2.300\" is no IPv4 address");
}
END_TEST

START_TEST(a_long_record_is_read_to_its_end)
{
	char text[65536] = "v=spf1";
	size_t used = strlen(text);
	struct spf_record *record;

	for (int i = 0; i < 3000; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, " ip4:10.1.%d.%d",
					 i / 250, i % 250);
	snprintf(text + used, sizeof(text) - used, " -all");
	record = record_of(text);
	ck_assert_uint_eq(record->count, 3001);
	ck_assert_str_eq(record->terms[3000].text, "-all");
	spf_record_free(record);
}
END_TEST

static const char *validated(void *context)
{
	return context;
}

static struct spf_macros macros_of(const char *client)
{
	static char name[] = "mx.example.org";
	struct spf_macros macros = {.local = "strong-bad",
				    .origin = "email.example.com",
				    .current = "email.example.com",
				    .helo = "it's me",
				    .receiver = "relay.example.net",
				    .validated = validated,
				    .context = name};
	struct error err;

	ck_assert(ip_parse(client, &macros.client, &err));
	return macros;
}

/* The examples of RFC 7208 section 7.4, and the edges of the transformers. */
START_TEST(macros_expand_as_the_rfc_shows)
{
	static const char *const table[][2] = {
	    {"%{s}", "strong-bad@email.example.com"},
	    {"%{o}", "email.example.com"},
	    {"%{d}", "email.example.com"},
	    {"%{d4}", "email.example.com"},
	    {"%{d3}", "email.example.com"},
	    {"%{d2}", "example.com"},
	    {"%{d1}", "com"},
	    {"%{d99999999999999999999999}", "email.example.com"},
	    {"%{dr}", "com.example.email"},
	    {"%{d2r}", "example.email"},
	    {"%{l}", "strong-bad"},
	    {"%{l-}", "strong.bad"},
	    {"%{lr}", "strong-bad"},
	    {"%{lr-}", "bad.strong"},
	    {"%{l1r-}", "strong"},
	    {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
	    {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
	    {"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"},
	    {"%{p} %{c} %{R}", "mx.example.org 192.0.2.3 relay.example.net"},
	    {"%%%_%-%{H}", "% %20it%27s%20me"},
	    {"%{S}", "strong-bad%40email.example.com"},
	    {"", ""},
	};
	struct spf_macros macros = macros_of("192.0.2.3");
	char expansion[SPF_EXPANSION_SIZE];
	struct error err;

	for (size_t i = 0; i < COUNT(table); i++) {
		const char *text = table[i][0];

		ck_assert_msg(spf_macro_check(text, strlen(text), SPF_MACRO_EXPLANATION, &err),
			      "%s", text);
		ck_assert(spf_macro_expand(text, strlen(text), &macros, expansion, &err));
		ck_assert_str_eq(expansion, table[i][1]);
	}
}
END_TEST

START_TEST(an_ipv6_client_is_spelled_in_nibbles)
{
	struct spf_macros macros = macros_of("2001:db8::cb01");
	char expansion[SPF_EXPANSION_SIZE];
	struct error err;

	ck_assert(spf_macro_expand("%{ir}.%{v}", 10, &macros, expansion, &err));
	ck_assert_str_eq(expansion, "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0."
				    "2.ip6");
}
END_TEST

START_TEST(a_name_is_shortened_on_the_left)
{
	struct spf_macros macros = macros_of("192.0.2.3");
	char name[DNS_NAME_MAX + 1], label[64 + 1], text[600];
	size_t used = 0;
	struct error err;

	for (int i = 0; i < 8; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "label%d-%042d.", i, i);
	snprintf(text + used, sizeof(text) - used, "example.com.");
	ck_assert(spf_macro_expand_domain(text, strlen(text), &macros, name, &err));
	ck_assert_int_eq(strncmp(name, "label4-", 7), 0);
	ck_assert_uint_le(strlen(name), DNS_NAME_MAX);
	ck_assert_str_eq(name + strlen(name) - 12, ".example.com");
	memset(label, 'x', sizeof(label) - 1);
	label[sizeof(label) - 1] = '\0';
	ck_assert(spf_macro_expand_domain(label, strlen(label), &macros, name, &err));
	ck_assert(!dns_name_is_valid(name));
}
END_TEST

START_TEST(an_expansion_without_bound_is_refused)
{
	struct spf_macros macros = macros_of("192.0.2.3");
	char text[4096], expansion[SPF_EXPANSION_SIZE];
	struct error err;
	size_t used = 0;

	while (used < 3200)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%%{s}");
	ck_assert(!spf_macro_expand(text, used, &macros, expansion, &err));
}
END_TEST

UNIT_MAIN("spf_record", a_record_begins_with_the_version_alone, terms_are_read_with_all_their_parts,
	  what_the_grammar_forbids_is_refused, an_error_names_the_term_and_what_is_wrong,
	  a_long_record_is_read_to_its_end, macros_expand_as_the_rfc_shows,
	  an_ipv6_client_is_spelled_in_nibbles, a_name_is_shortened_on_the_left,
	  an_expansion_without_bound_is_refused)
