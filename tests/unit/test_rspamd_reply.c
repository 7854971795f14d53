/* SPDX-License-Identifier: BSD-2-Clause */
/* rspamd's answers, and what is none. */
#include "milters/content/rspamd_reply.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

START_TEST(reads_action_score_symbols_and_message)
{
	struct rspamd_reply reply;
	struct error err;

	ck_assert_msg(
	    rspamd_reply_parse(
		"{\"is_skipped\":false,\"score\":6.255,\"required_score\":null,\"action\":"
		"\"reject\","
		"\"symbols\":{\"A\":{\"score\":1.2},\"B\":{\"score\":-3},\"C_1\":{\"score\":5,"
		"\"options\":[\"x\"]},\"Z\":{\"score\":0.0}},"
		"\"messages\":{\"smtp_message\":\"Gtube\\n pattern\"},\"urls\":[]}",
		&reply, &err),
	    "%s", err.text);
	ck_assert_int_eq(reply.action, RSPAMD_REJECT);
	ck_assert_int_eq(reply.score, 626);
	ck_assert_str_eq(reply.symbols, "C_1(5.00),A(1.20)");
	ck_assert_ptr_nonnull(strstr(reply.message, "Gtube"));
	ck_assert_ptr_null(strchr(reply.message, '\n'));
}
END_TEST

START_TEST(every_action_of_rspamd_is_known)
{
	static const struct {
		const char *text;
		enum rspamd_action action;
	} actions[] = {
	    {"no action", RSPAMD_NO_ACTION},
	    {"add header", RSPAMD_ADD_HEADER},
	    {"rewrite subject", RSPAMD_ADD_HEADER},
	    {"greylist", RSPAMD_SOFT_REJECT},
	    {"soft reject", RSPAMD_SOFT_REJECT},
	    {"quarantine", RSPAMD_QUARANTINE},
	    {"discard", RSPAMD_DISCARD},
	    {"reject", RSPAMD_REJECT},
	};

	for (size_t i = 0; i < COUNT(actions); i++) {
		struct rspamd_reply reply;
		struct error err;
		char text[128];

		snprintf(text, sizeof(text), "{\"action\":\"%s\",\"score\":-1,\"symbols\":{}}",
			 actions[i].text);
		ck_assert(rspamd_reply_parse(text, &reply, &err));
		ck_assert_int_eq(reply.action, actions[i].action);
		ck_assert_int_eq(reply.score, -100);
	}
}
END_TEST

START_TEST(what_is_no_whole_answer_is_an_error)
{
	static const char *const broken[] = {
	    "",
	    "pong",
	    "[]",
	    "7",
	    "{}",
	    "{\"error\":\"cannot parse\"}",
	    "{\"action\":\"no action\",\"symbols\":{}}",
	    "{\"score\":0,\"symbols\":{}}",
	    "{\"action\":\"no action\",\"score\":0}",
	    "{\"action\":\"no action\",\"score\":null,\"symbols\":{}}",
	    "{\"action\":\"no action\",\"score\":\"0\",\"symbols\":{}}",
	    "{\"action\":\"no action\",\"score\":1e300,\"symbols\":{}}",
	    "{\"action\":\"No Action\",\"score\":0,\"symbols\":{}}",
	    "{\"action\":[\"no action\"],\"score\":0,\"symbols\":{}}",
	    "{\"action\":\"no action\",\"score\":0,\"symbols\":[]}",
	    "{\"action\":\"no action\",\"score\":0,\"symbols\":{\"A\":5}}",
	    "{\"action\":\"no action\",\"score\":0,\"symbols\":{\"A\":{}}}",
	    "{\"action\":\"reject\",\"action\":\"no action\",\"score\":0,\"symbols\":{}}",
	    "{\"action\":\"no action\",\"score\":0,\"symbols\":{}",
	};

	for (size_t i = 0; i < COUNT(broken); i++) {
		struct rspamd_reply reply;
		struct error err;

		ck_assert_msg(!rspamd_reply_parse(broken[i], &reply, &err), "%s", broken[i]);
		ck_assert_ptr_nonnull(strstr(err.text, "rspamd's answer"));
	}
}
END_TEST

START_TEST(names_of_symbols_cannot_break_a_header_or_a_log_line)
{
	struct rspamd_reply reply;
	struct error err;

	ck_assert(
	    rspamd_reply_parse("{\"action\":\"no action\",\"score\":9,\"symbols\":{\"A\\r\\nB: "
			       "\\u00fc\\\"\":{\"score\":9}}}",
			       &reply, &err));
	ck_assert_str_eq(reply.symbols, "A\?\?B\?\?\?\?\?(9.00)");
}
END_TEST

START_TEST(of_many_symbols_the_heaviest_are_kept_in_order)
{
	static char text[100000];
	struct rspamd_reply reply;
	struct error err;
	size_t used = (size_t)sprintf(text, "{\"action\":\"no action\",\"score\":9,\"symbols\":{");

	for (int i = 0; i < 1000; i++)
		used += (size_t)sprintf(text + used, "%s\"S%d\":{\"score\":%d}", i > 0 ? "," : "",
					i, i * 37 % 1000);
	strcpy(text + used, "}}");
	ck_assert(rspamd_reply_parse(text, &reply, &err));
	ck_assert_str_eq(reply.symbols, "S27(999.00),S54(998.00),S81(997.00),S108(996.00),"
					"S135(995.00),S162(994.00),S189(993.00),S216(992.00)");
}
END_TEST

UNIT_MAIN("rspamd_reply", reads_action_score_symbols_and_message, every_action_of_rspamd_is_known,
	  what_is_no_whole_answer_is_an_error, names_of_symbols_cannot_break_a_header_or_a_log_line,
	  of_many_symbols_the_heaviest_are_kept_in_order)
