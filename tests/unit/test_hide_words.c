/* SPDX-License-Identifier: BSD-2-Clause */
/* Names and addresses of a tenant's network: which are taken from a Received line, and where they are found. */
#include "milters/sign/hide_table.h"
#include "milters/sign/hide_words.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

static struct hide_words words;

static void setup(const char *received)
{
	memset(&words, 0, sizeof(words));
	words.is_public[0] = "alpha.example";
	hide_words_add_received(&words, received);
}

static bool has_name(const char *name)
{
	for (size_t i = 0; i < words.name_count; i++) {
		if (strcmp(words.name[i], name) == 0)
			return true;
	}
	return false;
}

static bool has_ip(const char *text)
{
	for (size_t i = 0; i < words.ip_count; i++) {
		char each[IP_TEXT_SIZE];

		ip_format(&words.ip[i], each);
		if (strcmp(each, text) == 0)
			return true;
	}
	return false;
}

static const struct {
	const char *received, *name, *other, *ip;
} lines[] = {
    {" from a.corp.example (b.corp.example [192.0.2.1])\n\tby c.corp.example (Postfix) with ESMTP",
     "a.corp.example", "c.corp.example", "192.0.2.1"},
    {" from HOST-A.Corp.Example. by x.y.example; now", "host-a.corp.example", "host-a", NULL},
    {" from [192.0.2.1] (port=1 helo=inner) by gate.example with esmtp", "inner", "gate.example",
     "192.0.2.1"},
    {" from unknown (HELO in.example) (2001:db8::1) by mx.example", "in.example", "mx.example",
     "2001:db8::1"},
    {" from x.example ([IPv6:2001:DB8:0::1]:25) by y.example", "x.example", "y.example",
     "2001:db8::1"},
    {" (qmail 1 invoked by uid 9; from in.example); now", "in.example", "in.example", NULL},
    {" by exch01 (15.2.1) id 15.2.3", "exch01", "exch01", NULL},
};

START_TEST(takes_the_names_behind_from_and_by)
{
	setup(lines[_i].received);
	ck_assert(has_name(lines[_i].name));
	ck_assert(has_name(lines[_i].other));
	if (lines[_i].ip != NULL)
		ck_assert(has_ip(lines[_i].ip));
}
END_TEST

START_TEST(takes_nothing_that_names_no_host)
{
	setup(" from localhost (unknown) by alpha.example (mail 4.96) with ESMTP id 4.5.6\n\tfor "
	      "<x@dest.example>; Mon, 1 Jun 2026 by.way.example");
	ck_assert_uint_eq(words.name_count, 0);
	ck_assert_uint_eq(words.ip_count, 0);
}
END_TEST

START_TEST(takes_no_more_than_it_has_room_for)
{
	char text[64];

	setup("");
	for (int i = 0; i < 3 * HIDE_WORDS_MAX; i++) {
		snprintf(text, sizeof(text), "a%d.example", i);
		hide_words_add(&words, text, strlen(text));
		snprintf(text, sizeof(text), "192.%d.%d.1", i / 256, i % 256);
		hide_words_add(&words, text, strlen(text));
	}
	ck_assert_uint_eq(words.name_count, HIDE_WORDS_MAX);
	ck_assert_uint_eq(words.ip_count, HIDE_WORDS_MAX);
}
END_TEST

#define SEEN " from exch01.corp.example ([192.0.2.1]) by sapserver ([2001:db8::7])"

static const char *const telling[] = {
    "exch01.corp.example",
    "EXCH01.CORP.EXAMPLE",
    "http://exch01.corp.example:8025/x",
    "on exch01 today",
    "a!sapserver!b",
    "SapServer.",
    "192.0.2.1",
    "[192.0.2.1]:25",
    "ip=192.000.002.001;",
    "ip-192-0-2-1.example",
    "::ffff:192.0.2.1",
    "2001:db8::7",
    "[IPv6:2001:DB8:0:0::7]",
    "10.1.2.3",
    "x 127.0.0.1/8",
    "172.31.0.1",
    "192.168.0.0/16",
    "169.254.1.1",
    "fe80::1%eth0",
    "fd12:3456::1",
    "::1",
    "files.lan",
    "pc7.office.local.",
    "a@host.internal",
    "IPv6:fe80::1",
};

START_TEST(finds_an_inner_name_in_any_spelling)
{
	setup(SEEN);
	ck_assert_msg(hide_words_occur(&words, telling[_i]), "%s", telling[_i]);
}
END_TEST

static const char *const harmless[] = {
    "",
    "a@alpha.example",
    "exch012 runs",
    "mysapserver",
    "1192.0.2.1",
    "192.0.2.11",
    "1.2.3",
    "12:30:45",
    "9.9.9.9",
    "local",
    "the.locals",
    "lan.example",
    "IPv6:",
    "2026-11-23-10",
    "corp.example",
    "172.32.0.1",
    "300.1.1.1",
    "2001:db8::8",
    ".local",
    "::",
    "a:b:c",
    "[",
    "10.1.2",
    "1.2.3.4.5",
};

START_TEST(leaves_what_only_resembles_one)
{
	setup(SEEN);
	ck_assert_msg(!hide_words_occur(&words, harmless[_i]), "%s", harmless[_i]);
}
END_TEST

START_TEST(tells_standard_headers_from_traces)
{
	static const char *const traces[] = {"Received",          "x-mailer",
					     "X-MS-Exchange-Foo", "USER-AGENT",
					     "ARC-Seal",          "Authentication-Results",
					     "Thread-Index",      "X-Originating-IP"};
	static const char *const standard[] = {
	    "from",           "Content-Type", "List-Unsubscribe",
	    "DKIM-Signature", "Message-Id",   "X-Easymail-Egress"};

	for (size_t i = 0; i < COUNT(traces); i++) {
		ck_assert_ptr_nonnull(hide_table_find(traces[i]));
		ck_assert(!hide_table_is_standard(traces[i]));
	}
	for (size_t i = 0; i < COUNT(standard); i++) {
		ck_assert_ptr_null(hide_table_find(standard[i]));
		ck_assert(hide_table_is_standard(standard[i]));
	}
	ck_assert_ptr_null(hide_table_find("X-Campaign"));
	ck_assert_ptr_null(hide_table_find("X-M"));
	ck_assert_ptr_null(hide_table_find(""));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hide_words");
	TCase *cases = tcase_create("hide_words");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(cases, takes_the_names_behind_from_and_by, 0, (int)COUNT(lines));
	tcase_add_test(cases, takes_nothing_that_names_no_host);
	tcase_add_test(cases, takes_no_more_than_it_has_room_for);
	tcase_add_loop_test(cases, finds_an_inner_name_in_any_spelling, 0, (int)COUNT(telling));
	tcase_add_loop_test(cases, leaves_what_only_resembles_one, 0, (int)COUNT(harmless));
	tcase_add_test(cases, tells_standard_headers_from_traces);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
