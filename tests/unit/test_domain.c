/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of domain names: every spelling of a domain gives the one we compare, all else is refused. */
#include "common/domain.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

#define L63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"

START_TEST(all_spellings_give_one)
{
	static const char *const table[][2] = {
	    {"example.org", "example.org"},
	    {"EXAMPLE.Org", "example.org"},
	    {"example.org.", "example.org"},
	    {"a.b.c.d.example.org", "a.b.c.d.example.org"},
	    {"b\xc3\xbc"
	     "cher.example",
	     "xn--bcher-kva.example"},
	    {"B\xc3\x9c"
	     "CHER.Example.",
	     "xn--bcher-kva.example"},
	    {"bu\xcc\x88"
	     "cher.example",
	     "xn--bcher-kva.example"}, /* decomposed */
	    {"xn--bcher-kva.example", "xn--bcher-kva.example"},
	    {"XN--BCHER-KVA.example", "xn--bcher-kva.example"},
	    {"mail.xn--bcher-kva.b\xc3\xbc"
	     "cher.example",
	     "mail.xn--bcher-kva.xn--bcher-kva.example"},
	    {"fa\xc3\x9f.example", "xn--fa-hia.example"}, /* not fass.example: non-transitional */
	    {"example\xe3\x80\x82org", "example.org"},    /* ideographic full stop */
	    {"example.org\xe3\x80\x82", "example.org"},
	    {"\xef\xbd\x85xample.org", "example.org"}, /* full-width e */
	    {"exam\xc2\xadple.org", "example.org"},    /* soft hyphen */
	    {"_dmarc.example.org", "_dmarc.example.org"},
	    {"_a_b.example.org", "_a_b.example.org"},
	    {"_dmarc.b\xc3\xbc"
	     "cher.example",
	     "_dmarc.xn--bcher-kva.example"},
	    {"r3---sn-4g5e.example.org", "r3---sn-4g5e.example.org"},
	    {"1.2.3.example", "1.2.3.example"},
	    {"4.example.x4", "4.example.x4"},
	    {"x-n--a.example", "x-n--a.example"},
	    {L63 ".example", L63 ".example"},
	    {L63 "." L63 "." L63 "."
		 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffg",
	     L63 "." L63 "." L63 "."
		 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffg"},
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		char domain[DOMAIN_SIZE], again[DOMAIN_SIZE];
		struct error err;

		ck_assert_msg(domain_normalize(table[i][0], strlen(table[i][0]), domain, &err),
			      "%s", err.text);
		ck_assert_str_eq(domain, table[i][1]);
		ck_assert(domain_normalize(domain, strlen(domain), again, &err));
		ck_assert_str_eq(again, domain);
	}
}
END_TEST

START_TEST(refuses_what_is_no_domain)
{
	static const char *const table[] = {
	    "",
	    ".",
	    "..",
	    "\xe3\x80\x82",
	    "localhost",
	    "localhost.",
	    "com",
	    ".example.org",
	    "example..org",
	    "example.org..",
	    "-a.example",
	    "a-.example",
	    "a.example-",
	    "a b.example",
	    " example.org",
	    "example.org ",
	    "example.org\n",
	    "exa\tmple.org",
	    "a@example.org",
	    "my_host.example",
	    "_.example",
	    "_a-.example",
	    "[192.0.2.1]",
	    "[IPv6:2001:db8::1]",
	    "192.0.2.1",
	    "example.1",
	    "example.123.",
	    "2001:db8::1",
	    "example.org:25",
	    "*.example.org",
	    "a,b.example",
	    "a;b.example",
	    "<example.org>",
	    "\"example\".org",
	    "exa(comment)mple.org",
	    "=?utf-8?q?example?=.org",
	    "xn--.example",
	    "xn--a.example",
	    "xn--zzzzzz99999.example",
	    "xn--example-.org",
	    "xn--bcher-kvb.example", /* decodes to what no U-label is */
	    "xn--fss-hia.example",
	    "xn--b\xc3\xbc"
	    "cher.example",
	    "b\xfc"
	    "cher.example", /* Latin-1 */
	    "b\xc3.example",
	    "\xc0\xae.example",     /* overlong dot */
	    "\xe2\x98\x83.example", /* a symbol: not in IDNA2008 */
	    "ex\xe2\x80\x8c"
	    "ample.org", /* zero width non-joiner */
	    "ex\xe2\x80\xae"
	    "ample.org", /* right-to-left override */
	    "example\xef\xbc\xa0"
	    "b.org",                /* full-width @ */
	    "example.\xe2\x91\xa0", /* circled one: becomes 1 */
	    L63 "g.example",
	    L63 "." L63 "." L63 "."
		"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgg",
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		char domain[DOMAIN_SIZE];
		struct error err = {""};

		ck_assert_msg(!domain_normalize(table[i], strlen(table[i]), domain, &err),
			      "\"%s\" became \"%s\"", table[i], domain);
		ck_assert_msg(strncmp(err.text, "domain \"", 8) == 0, "%s", err.text);
	}
}
END_TEST

START_TEST(length_counts_not_the_final_nul)
{
	char domain[DOMAIN_SIZE], big[5000];
	struct error err;

	ck_assert(domain_normalize("example.org>rest", 11, domain, &err));
	ck_assert_str_eq(domain, "example.org");
	ck_assert(!domain_normalize("example.org\0.evil.example", 25, domain, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "NUL"));
	memset(big, 'a', sizeof(big));
	ck_assert(!domain_normalize(big, sizeof(big), domain, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "253"));
}
END_TEST

START_TEST(every_ascii_octet_in_a_label_is_judged_by_ldh)
{
	for (int c = 1; c < 128; c++) {
		bool is_alnum =
		    (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		char text[] = "xa.example", middle[] = "xax.example", domain[DOMAIN_SIZE];
		struct error err;

		text[1] = middle[1] = (char)c;
		ck_assert_int_eq(domain_normalize(text, strlen(text), domain, &err), is_alnum);
		ck_assert_int_eq(domain_normalize(middle, strlen(middle), domain, &err),
				 is_alnum || c == '-' || c == '.');
	}
}
END_TEST

START_TEST(below_is_by_whole_labels)
{
	ck_assert(domain_is_below("a.example.org", "example.org"));
	ck_assert(domain_is_below("a.b.example.org", "example.org"));
	ck_assert(!domain_is_below("example.org", "example.org"));
	ck_assert(!domain_is_below("evilexample.org", "example.org"));
	ck_assert(!domain_is_below("org", "example.org"));
	ck_assert(!domain_is_below(".example.org", "example.org"));
	ck_assert(!domain_is_below("example.org.evil.example", "example.org"));
	ck_assert(!domain_is_below("a.example.org", ""));
}
END_TEST

START_TEST(parents_go_up_label_by_label)
{
	const char *domain = "a.b.example";

	ck_assert_str_eq(domain = domain_parent(domain), "b.example");
	ck_assert_str_eq(domain = domain_parent(domain), "example");
	ck_assert_ptr_null(domain_parent(domain));
}
END_TEST

UNIT_MAIN("domain", all_spellings_give_one, refuses_what_is_no_domain,
	  length_counts_not_the_final_nul, every_ascii_octet_in_a_label_is_judged_by_ldh,
	  below_is_by_whole_labels, parents_go_up_label_by_label)
