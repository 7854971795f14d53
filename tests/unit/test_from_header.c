/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of header From: the domains by RFC 5322, and doubt where readers differ. */
#include "common/from_header.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The domains in their order with blanks between them, or NULL for doubt. */
static const char *domains_of(const char *value, struct error *err)
{
	static struct from_domains domains;
	static char text[FROM_DOMAINS_MAX * DOMAIN_SIZE];
	size_t used = 0;

	if (!from_header_parse(value, &domains, err))
		return NULL;
	ck_assert_uint_ge(domains.count, 1);
	for (size_t i = 0; i < domains.count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i > 0 ? " " : "",
					 domains.domain[i]);
	return text;
}

static void expect(const char *const table[][2], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct error err = {""};
		const char *domains = domains_of(table[i][0], &err);

		ck_assert_msg(domains != NULL, "%s: %s", table[i][0], err.text);
		ck_assert_msg(strcmp(domains, table[i][1]) == 0, "%s gives %s", table[i][0],
			      domains);
	}
}

static void expect_doubt(const char *const values[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct error err = {""};
		const char *domains = domains_of(values[i], &err);

		ck_assert_msg(domains == NULL, "%s gives %s", values[i], domains);
		ck_assert_msg(strncmp(err.text, "header From: ", 13) == 0, "%s: %s", values[i],
			      err.text);
	}
}

START_TEST(one_address)
{
	static const char *const table[][2] = {
	    {"a@x.example", "x.example"},
	    {" a@x.example", "x.example"},
	    {" a@X.Example ", "x.example"},
	    {"<a@x.example>", "x.example"},
	    {"<a@x.example.>", "x.example"},
	    {"a@x.example.", "x.example"},
	    {"John Doe <a@x.example>", "x.example"},
	    {"John Doe<a@x.example>", "x.example"},
	    {"John Q. Public <a@x.example>", "x.example"},
	    {".net team <a@x.example>", "x.example"},
	    {"J.R.R.T. <a@x.example>", "x.example"},
	    {"\"Doe, John\" <a@x.example>", "x.example"},
	    {"\"Doe\" John \"(Sales)\" <a@x.example>", "x.example"},
	    {"\"a \\\" quote \\\\\" <a@x.example>", "x.example"},
	    {"\"\" <a@x.example>", "x.example"},
	    {"M\xc3\xbcller <m\xc3\xbcller@x.example>", "x.example"},
	    {"a@b\xc3\xbc"
	     "cher.example",
	     "xn--bcher-kva.example"},
	    {"a@B\xc3\x9c"
	     "CHER.example",
	     "xn--bcher-kva.example"},
	    {"a@xn--bcher-kva.example", "xn--bcher-kva.example"},
	    {"a@exam\xc2\xadple.org", "example.org"},
	    {"a.b.c@x.example", "x.example"},
	    {"!#$%&'*+-/?=^_`{|}~@x.example", "x.example"},
	    {"\"quoted local\"@x.example", "x.example"},
	    {"<\"quoted local\"@x.example>", "x.example"},
	    {"\"a@y.example\"@x.example", "x.example"},
	    {"\"a\\@y.example\"@x.example", "x.example"},
	    {"a.\"b c\".d@x.example", "x.example"},
	    {"\"\"@x.example", "x.example"},
	    {"\"a@y.example\" <b@x.example>", "x.example"},
	    {"\"a@y.example <a@y.example>\" <b@x.example>", "x.example"},
	};

	expect(table, COUNT(table));
}
END_TEST

START_TEST(comments_and_white_space_are_ignored)
{
	static const char *const table[][2] = {
	    {"a@x.example (John Doe)", "x.example"},
	    {"(John Doe) a@x.example", "x.example"},
	    {"a(x)@x.example", "x.example"},
	    {"a@(x)x.example", "x.example"},
	    {"a @ x.example", "x.example"},
	    {"<(c)a(c)@(c)x.example(c)>(c)", "x.example"},
	    {"()a@x.example", "x.example"},
	    {"(nested (twice (thrice) and) out) a@x.example", "x.example"},
	    {"(quoted \\) \\( pair) a@x.example", "x.example"},
	    {"(a \" in it) a@x.example", "x.example"},
	    {"(b@y.example) a@x.example", "x.example"},
	    {"(, b@y.example) a@x.example", "x.example"},
	    {"\"(\" a \")\" <a@x.example>", "x.example"},
	    {"John\r\n Doe\n\t<a@x.example>", "x.example"},
	    {"a@x.example\r\n (folded\r\n comment)", "x.example"},
	    {"\"folded\r\n name\" <a@x.example>", "x.example"},
	    {"\r\n a@x.example", "x.example"},
	    {"a\r\n @\r\n x.example", "x.example"},
	    {"(M\xc3\xbcller) a@x.example", "x.example"},
	    /* RFC 5322 appendix A.5 and A.6.3 */
	    {"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", "silly.test"},
	    {"John Doe <jdoe@machine(comment).  example>", "machine.example"},
	    {"Joe Q. Public <john.q.public@example.com>", "example.com"},
	    {"a . b @ x . example", "x.example"},
	};

	expect(table, COUNT(table));
}
END_TEST

START_TEST(encoded_words_in_names_are_names)
{
	static const char *const table[][2] = {
	    {"=?utf-8?Q?M=C3=BCller?= <a@x.example>", "x.example"},
	    {"=?utf-8?B?TcO8bGxlcg==?= =?utf-8?B?TcO8bGxlcg==?= <a@x.example>", "x.example"},
	    {"=?iso-8859-1?Q?a=40y=2Eexample?= <a@x.example>", "x.example"},
	    {"\"=?utf-8?Q?a?=\" <a@x.example>", "x.example"},
	    {"a@x.example (=?utf-8?Q?M=C3=BCller?=)", "x.example"},
	    {"=?utf-8?Q?Team?=: a@x.example;", "x.example"},
	};

	expect(table, COUNT(table));
}
END_TEST

START_TEST(several_addresses_give_all_domains_once)
{
	static const char *const table[][2] = {
	    {"a@x.example, b@y.example", "x.example y.example"},
	    {"a@x.example,b@X.EXAMPLE,c@x.example.", "x.example"},
	    {"A <a@x.example>, \"B, C\" <b@y.example>, d@z.example",
	     "x.example y.example z.example"},
	    {"\"a@y.example,\" <b@x.example>, c@z.example", "x.example z.example"},
	    {"a@x.example,", "x.example"},
	    {",a@x.example", "x.example"},
	    {",, a@x.example ,(c), ,b@y.example,", "x.example y.example"},
	    {"a@x.example\r\n ,b@y.example", "x.example y.example"},
	    {"Team: a@x.example, B <b@y.example>;", "x.example y.example"},
	    {"Team:a@x.example;", "x.example"},
	    {"\"The: Team\":a@x.example;", "x.example"},
	    {"A Group(Some people):Chris Jones <c@(host)public.example>, joe@where.test, J "
	     "<j@one.test>; (end)",
	     "public.example where.test one.test"},
	    {"T:,a@x.example,,b@y.example,;", "x.example y.example"},
	    {"T:a@x.example;,U:b@y.example;, c@z.example", "x.example y.example z.example"},
	    {"c@z.example, T:a@x.example;", "z.example x.example"},
	};

	expect(table, COUNT(table));
}
END_TEST

START_TEST(the_domain_behind_an_obsolete_route_is_meant)
{
	static const char *const table[][2] = {
	    {"<@a,@b:c@d.example>", "d.example"},
	    {"<@a.example:c@d.example>", "d.example"},
	    {"C <@a.example , (x) @b.example : c@d.example>", "d.example"},
	    {"<,@a.example,,@b.example,:c@d.example>", "d.example"},
	    {"Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
	     "example.net test.example"},
	};
	static const char *const doubt[] = {
	    "@a.example:c@d.example",  "<@a.example c@d.example>",     "<@a.example>",
	    "<@a.example:>",           "<@a.example:@d.example>",      "<,c@d.example>",
	    "<@:c@d.example>",         "<@[192.0.2.1]:c@d.example>",   "<@a.example;:c@d.example>",
	    "<a.example:c@d.example>", "<@=?utf-8?q?a?=:c@d.example>",
	};

	expect(table, COUNT(table));
	expect_doubt(doubt, COUNT(doubt));
}
END_TEST

START_TEST(no_address_is_doubt)
{
	static const char *const values[] = {
	    "",
	    " ",
	    ",",
	    "(a@x.example)",
	    "\"a@x.example\"",
	    "John Doe",
	    "a",
	    "<>",
	    "John <>",
	    "<a>",
	    "a@",
	    "<a@>",
	    "@x.example",
	    "<@x.example>",
	    "undisclosed-recipients:;",
	    "T: ;",
	    "T: , (c) ,;",
	    "T:;, a@x.example",
	    "a@x.example, T:;",
	    "a@x.example, b",
	    "b, a@x.example",
	    "a@localhost",
	    "a@[192.0.2.1]",
	    "a@[IPv6:2001:db8::1]",
	    "<a@[x.example]>",
	    "a@192.0.2.1",
	    "=?utf-8?Q?a=40x.example?=",
	};

	expect_doubt(values, COUNT(values));
}
END_TEST

START_TEST(what_readers_take_for_two_things_is_doubt)
{
	static const char *const values[] = {
	    /* An address in a display name, or beside one. */
	    "a@x.example <b@y.example>",
	    "a@x.example<b@y.example>",
	    "John a@x.example <b@y.example>",
	    "John a@x.example",
	    "<a@x.example> b@y.example",
	    "<a@x.example> <b@y.example>",
	    "<a@x.example><b@y.example>",
	    "<a@x.example> John",
	    "a@x.example John",
	    "a@x.example b@y.example",
	    "a@x.example;b@y.example",
	    "a@x.example; b@y.example",
	    "a@x.example:b@y.example",
	    "a@x.example:b@y.example;",
	    "a@x.example@y.example",
	    "<a@x.example,b@y.example>",
	    "\"a\" \"b\"@x.example",
	    "\"a\"b@x.example",
	    "a..b@x.example",
	    ".a@x.example",
	    "a.@x.example",
	    /* Unbalanced. */
	    "<a@x.example",
	    "a@x.example>",
	    "<<a@x.example>>",
	    "<<a@x.example>",
	    "John <b@y.example <a@x.example>",
	    "\"John <a@x.example>",
	    "John\" <a@x.example>",
	    "\"John\\\" <a@x.example>",
	    "(a@x.example",
	    "a@x.example)",
	    "(a)) a@x.example",
	    "(a(b) a@x.example",
	    "(a\\) a@x.example",
	    "[Dept] a <a@x.example>",
	    "a@x.example]",
	    "a\\@y.example <a@x.example>",
	    "a\\b@x.example",
	    "a@x.example \\",
	    "(\\",
	    "\"\\",
	    /* Groups. */
	    "T: a@x.example",
	    "T: a@x.example; b@y.example",
	    "T: U: a@x.example;;",
	    "T: U: a@x.example;",
	    "T: a@x.example;;",
	    ": a@x.example;",
	    "a@x.example;",
	    ";a@x.example",
	    /* Encoded words where addresses are. */
	    "=?utf-8?Q?a?=@x.example",
	    "<=?utf-8?Q?a?=@x.example>",
	    "\"=?utf-8?Q?a=40y.example=3E?=\"@x.example",
	    "a@=?utf-8?Q?x?=.example",
	    "a@x.=?utf-8?Q?example?=",
	    "a@=?utf-8?Q?x.example?=",
	    "=?utf-8?Q?Smith,_J?= <a@x.example>",
	    "=?utf-8?Q?a@y.example?= <a@x.example>",
	    "=?utf-8?Q?a <b@y.example>?= <a@x.example>",
	    /* Angle brackets that a reader without comments or quotes would follow. */
	    "a@x.example (<b@y.example>)",
	    "(<b@y.example>) a@x.example",
	    "(\\<b@y.example\\>) a@x.example",
	    "\"<b@y.example>\"@x.example",
	    "<\"b@y.example> \"@x.example>",
	    /* A whole domain before the end of the domain. */
	    "a@y.example(c).x.example",
	    "a@y.example .x.example",
	    "a@y.example.(c)x.example",
	    "a@y.example\r\n .x.example",
	    "a@y\xe3\x80\x82"
	    "example(c).x.example",
	    "a@x.example .",
	    /* Labels. */
	    "a@x..example",
	    "a@.x.example",
	    "a@x.example..",
	    "a@x example",
	    "a@\"x.example\"",
	    "a@x_y.example",
	    "a@xn--zzzzzz99999.example",
	    "a@x.exa\xe2\x80\x8b"
	    "m\xef\xbc\xa0ple",
	};

	expect_doubt(values, COUNT(values));
}
END_TEST

START_TEST(octets_that_no_header_has_are_doubt)
{
	static const char *const values[] = {
	    "a@x.example\r",
	    "a@x.example\r\n",
	    "a@x.example\n",
	    "a@x.example\nb@y.example",
	    "a@x.example,\r\nb@y.example",
	    "a\r@x.example",
	    "a@x.example\r b@y.example",
	    "a@x.example\r\r\n (c)",
	    "\"a\r\" <a@x.example>",
	    "\"a\nb\" <a@x.example>",
	    "\"a\\\nb\" <a@x.example>",
	    "(a\nb) a@x.example",
	    "a\x01@x.example",
	    "\"a\x1b\" <a@x.example>",
	    "(\x7f) a@x.example",
	    "(\\\x01) a@x.example",
	    "a\x0b@x.example",
	    "M\xfcller <a@x.example>",
	    "\"M\xfc\" <a@x.example>",
	    "(M\xfc) a@x.example",
	    "a@x\xff.example",
	    "\"\\\xc3\" <a@x.example>",
	    "\"cut\xe2\x82\" <a@x.example>",
	    "(next\xc2\x85line) a@x.example",
	};

	expect_doubt(values, COUNT(values));
}
END_TEST

START_TEST(every_ascii_octet_is_an_atom_or_judged)
{
	for (int c = 1; c < 128; c++) {
		char value[] = "ab@x.example";
		bool is_atext = strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL ||
				(c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
				(c >= 'A' && c <= 'Z');
		struct error err;

		value[0] = (char)c;
		ck_assert_msg((domains_of(value, &err) != NULL) ==
				  (is_atext || c == ' ' || c == '\t' || c == ','),
			      "octet %d", c);
	}
}
END_TEST

/* A list of `count` addresses in `domains` domains, on the heap. */
static char *make_list(size_t count, size_t domains)
{
	char *list = calloc(count, 32), *at = list;

	ck_assert_ptr_nonnull(list);
	for (size_t i = 0; i < count; i++)
		at += sprintf(at, "%sa@d%zu.example", i > 0 ? "," : "", i % domains);
	return list;
}

START_TEST(counts_domains_up_to_the_limit)
{
	static struct from_domains domains;
	struct error err;
	char *list = make_list(1000, FROM_DOMAINS_MAX);

	ck_assert(from_header_parse(list, &domains, &err));
	ck_assert_uint_eq(domains.count, FROM_DOMAINS_MAX);
	free(list);
	list = make_list(1000, FROM_DOMAINS_MAX + 1);
	ck_assert(!from_header_parse(list, &domains, &err));
	free(list);
}
END_TEST

static double seconds_of(const char *value, bool *good_r)
{
	static struct from_domains domains;
	struct timespec before, after;
	struct error err;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	*good_r = from_header_parse(value, &domains, &err);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	return (double)(after.tv_sec - before.tv_sec) +
	       1e-9 * (double)(after.tv_nsec - before.tv_nsec);
}

/* `count` times `open`, the middle, `count` times `close`. */
static char *wrap(const char *open, size_t count, const char *middle, const char *close)
{
	size_t a = strlen(open), b = strlen(close);
	char *text = malloc(count * (a + b) + strlen(middle) + 1), *at = text;

	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i < count; i++)
		at = stpcpy(at, open);
	at = stpcpy(at, middle);
	*at = '\0';
	for (size_t i = 0; i < count; i++)
		at = stpcpy(at, close);
	return text;
}

START_TEST(huge_values_take_linear_time)
{
	static const struct {
		const char *open, *middle, *close;
		bool good;
	} table[] = {
	    {"(", "", ")", false},
	    {"(", "a@x.example", "", false},
	    {"(x)", "a@x.example", "", true},
	    {"\\", "", "", false},
	    {"\"\\\"\"", "<a@x.example>", "", true},
	    {"word ", "<a@x.example>", "", true},
	    {"a.", "a@x.example", "", true},
	    {"<", "a@x.example", ">", false},
	    {",", "a@x.example", ",", true},
	    {"T:", "a@x.example", ";", false},
	    {"", "a@x", ".example", false},
	    {"\"", "a@x.example", "", false},
	    {"=?", "<a@x.example>", "", true},
	    {" \r\n ", "a@x.example", " \n ", true},
	    {"a@x.example,", "a@x.example", "", true},
	    {"a@b\xc3\xbc"
	     "cher.example,",
	     "a@x.example", "", true},
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		size_t each = strlen(table[i].open) + strlen(table[i].close);
		char *value = wrap(table[i].open, 2000000 / each, table[i].middle, table[i].close);
		bool good;

		/* 2 MB; quadratic time would be minutes. */
		ck_assert_msg(seconds_of(value, &good) < 10, "row %zu", i);
		ck_assert_msg(good == table[i].good, "row %zu", i);
		free(value);
	}
}
END_TEST

UNIT_MAIN("from_header", one_address, comments_and_white_space_are_ignored,
	  encoded_words_in_names_are_names, several_addresses_give_all_domains_once,
	  the_domain_behind_an_obsolete_route_is_meant, no_address_is_doubt,
	  what_readers_take_for_two_things_is_doubt, octets_that_no_header_has_are_doubt,
	  every_ascii_octet_is_an_atom_or_judged, counts_domains_up_to_the_limit,
	  huge_values_take_linear_time)
