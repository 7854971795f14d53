/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of envelope addresses: one answer however an address is spelled. */
#include "common/mailbox.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

START_TEST(all_spellings_give_one)
{
	static const struct {
		const char *text, *local, *domain, *address;
	} table[] = {
	    {"<a@x.example>", "a", "x.example", "a@x.example"},
	    {"a@x.example", "a", "x.example", "a@x.example"},
	    {"<A.b+c@X.Example.>", "A.b+c", "x.example", "A.b+c@x.example"},
	    {"<\"a\"@x.example>", "a", "x.example", "a@x.example"},
	    {"<\"\\a\"@x.example>", "a", "x.example", "a@x.example"},
	    {"<\"a b\"@x.example>", "a b", "x.example", "\"a b\"@x.example"},
	    {"<\"a@b.example\"@x.example>", "a@b.example", "x.example",
	     "\"a@b.example\"@x.example"},
	    {"<\"a\\\"\\\\b\"@x.example>", "a\"\\b", "x.example", "\"a\\\"\\\\b\"@x.example"},
	    {"<\">\"@x.example>", ">", "x.example", "\">\"@x.example"},
	    {"<\"a\".b.\"c d\"@x.example>", "a.b.c d", "x.example", "\"a.b.c d\"@x.example"},
	    {"<\"\"@x.example>", "", "x.example", "\"\"@x.example"},
	    {"<a..b@x.example>", "a..b", "x.example", "\"a..b\"@x.example"},
	    {"<.a.@x.example>", ".a.", "x.example", "\".a.\"@x.example"},
	    {"<@r.example:a@x.example>", "a", "x.example", "a@x.example"},
	    {"<@r.example,@s.example:a@x.example>", "a", "x.example", "a@x.example"},
	    {"<@r:\"a:b\"@x.example>", "a:b", "x.example", "\"a:b\"@x.example"},
	    {"<!#$%&'*+-/=?^_`{|}~@x.example>", "!#$%&'*+-/=?^_`{|}~", "x.example",
	     "!#$%&'*+-/=?^_`{|}~@x.example"},
	    {"<b%c.example@x.example>", "b%c.example", "x.example", "b%c.example@x.example"},
	    {"<m\xc3\xbc"
	     "ller@b\xc3\xbc"
	     "cher.example>",
	     "m\xc3\xbc"
	     "ller",
	     "xn--bcher-kva.example",
	     "m\xc3\xbc"
	     "ller@xn--bcher-kva.example"},
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		struct mailbox mailbox, again;
		struct error err;

		ck_assert_msg(mailbox_parse(table[i].text, &mailbox, &err), "%s", err.text);
		ck_assert(!mailbox.is_null);
		ck_assert_str_eq(mailbox.local, table[i].local);
		ck_assert_str_eq(mailbox.domain, table[i].domain);
		ck_assert_str_eq(mailbox.address, table[i].address);
		ck_assert_msg(mailbox_parse(mailbox.address, &again, &err), "%s", err.text);
		ck_assert_mem_eq(&again, &mailbox, sizeof(again));
	}
}
END_TEST

START_TEST(the_null_sender_is_written_with_brackets_only)
{
	struct mailbox mailbox;
	struct error err;

	ck_assert(mailbox_parse("<>", &mailbox, &err));
	ck_assert(mailbox.is_null);
	ck_assert_str_eq(mailbox.address, "");
	ck_assert_str_eq(mailbox.domain, "");
	ck_assert(!mailbox_parse("", &mailbox, &err));
	ck_assert(!mailbox_parse("< >", &mailbox, &err));
}
END_TEST

START_TEST(refuses_what_is_no_address)
{
	static const char *const table[] = {
	    "<",
	    ">",
	    "><",
	    "<<>>",
	    "a",
	    "<a>",
	    "<a@>",
	    "<@x.example>",
	    "<\"a@x.example\">",
	    "<a@x.example",
	    "a@x.example>",
	    "<<a@x.example>>",
	    "<a@x.example> ",
	    "< a@x.example>",
	    "<a@ x.example>",
	    "<a b@x.example>",
	    "<a\tb@x.example>",
	    "<a@x.example>SIZE=1",
	    "<a@b@x.example>",
	    "<\"a\"b@x.example>",
	    "<a\"b\"@x.example>",
	    "<\"a@x.example>",
	    "<\"a\\\"@x.example>",
	    "<\"a\nb\"@x.example>",
	    "<\"a\\\nb\"@x.example>",
	    "<a\r\n@x.example>",
	    "<a@x.example\r\n>",
	    "<a\\@b@x.example>",
	    "<a,b@x.example>",
	    "<a(c)@x.example>",
	    "<a@[192.0.2.1]>",
	    "<a@[IPv6:2001:db8::1]>",
	    "<a@192.0.2.1>",
	    "<a@localhost>",
	    "<a@x..example>",
	    "<a@x.example..>",
	    "<a@xn--zzzzzz99999.example>",
	    "<@r.example>",
	    "<@r.example:>",
	    "<@r.example:@s.example>",
	    "<@:a@x.example>",
	    "<@r.example,:a@x.example>",
	    "<@r.example,s.example:a@x.example>",
	    "<@r.example@s.example:a@x.example>",
	    "<@r.example;@s:a@x.example>",
	    "<r.example:a@x.example>",
	    "<a\xfc@x.example>",
	    "<\"a\xc3\"@x.example>",
	    "<a\x7f@x.example>",
	    "<\"a\x7f\"@x.example>",
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		struct mailbox mailbox;
		struct error err = {""};

		ck_assert_msg(!mailbox_parse(table[i], &mailbox, &err), "%s became %s", table[i],
			      mailbox.address);
		ck_assert_msg(strncmp(err.text, "address \"", 9) == 0, "%s", err.text);
	}
}
END_TEST

START_TEST(local_parts_fit_or_are_refused)
{
	char text[1200];
	struct mailbox mailbox;
	struct error err;

	for (size_t length = 250; length <= 260; length++) {
		snprintf(text, sizeof(text), "<%.*s@x.example>", (int)length,
			 (const char *)memset(text + 600, 'l', 300));
		ck_assert_int_eq(mailbox_parse(text, &mailbox, &err), length <= 255);
	}
	strcpy(text, "\"");
	for (int i = 0; i < 255; i++)
		strcat(text, "\\\"");
	strcat(text, "\"@x.example");
	ck_assert(mailbox_parse(text, &mailbox, &err));
	ck_assert_str_eq(mailbox.address, text);
}
END_TEST

UNIT_MAIN("mailbox", all_spellings_give_one, the_null_sender_is_written_with_brackets_only,
	  refuses_what_is_no_address, local_parts_fit_or_are_refused)
