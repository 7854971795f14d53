/* SPDX-License-Identifier: BSD-2-Clause */
/* What hiding does to a message's headers, to its IDs, and to those that have to be completed. */
#include "milters/chain/headers.h"
#include "milters/sign/complete_headers.h"
#include "milters/sign/hide_headers.h"
#include "milters/sign/hide_message_id.h"
#include "tests/unit/unit.h"
#include <string.h>

static struct message message;
static struct hide_words words;
static struct hide_trace trace;
static const struct session session = {
    .client_text = "192.0.2.77", .client_name = "unknown", .helo = "inner-3"};

static void setup(void)
{
	memset(&message, 0, sizeof(message));
	memset(&words, 0, sizeof(words));
	memset(&trace, 0, sizeof(trace));
	message.headers = headers_new(1 << 20);
	words.is_public[0] = "alpha.example";
}

static void teardown(void)
{
	headers_free(message.headers);
}

static void receive(const char *name, const char *value)
{
	ck_assert(headers_receive(message.headers, name, value));
}

static const char *value_of(const char *name)
{
	size_t at;

	return message_header_find(&message, name, 0, &at) ? message_header_at(&message, at)->value
							   : NULL;
}

START_TEST(removes_traces_and_what_names_them_elsewhere)
{
	receive("X-Job", " on inner-3");
	receive("Received", " from web-9.corp.example by gate");
	receive("X-Peer", " 192.0.2.77");
	receive("From", " a@alpha.example (web-9.corp.example)");
	receive("X-Run", " WEB-9.corp.example");
	receive("X-Kept", " 42");
	hide_headers(&message, &session, &words, &trace);
	ck_assert_uint_eq(message_header_count(&message), 2);
	ck_assert_ptr_nonnull(value_of("From"));
	ck_assert_ptr_nonnull(value_of("X-Kept"));
	ck_assert_uint_eq(trace.count, 4);
	ck_assert_str_eq(trace.text,
			 "X-Job: on inner-3 | Received: from web-9.corp.example by gate | "
			 "X-Peer: 192.0.2.77 | X-Run: WEB-9.corp.example");
}
END_TEST

START_TEST(keeps_our_own_trace_only)
{
	receive("Received", " by relay.example (easymail) with ESMTP id 4X1; now");
	receive("Received", " by relay.example (easymai1) with ESMTP id 4X1; now");
	receive("Received", " by in.example");
	hide_headers(&message, &session, &words, &trace);
	ck_assert_uint_eq(message_header_count(&message), 1);
}
END_TEST

START_TEST(strips_the_comment_of_mime_version)
{
	receive("MIME-Version", " 1.0 (Mail 16.0)");
	hide_headers(&message, &session, &words, &trace);
	ck_assert_str_eq(value_of("MIME-Version"), " 1.0");
}
END_TEST

START_TEST(bounds_the_trace_and_counts_on)
{
	char value[400];

	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	value[3] = '"';
	value[4] = '\n';
	value[5] = '\x1b';
	for (int i = 0; i < 100; i++)
		receive("X-Mailer", value);
	hide_headers(&message, &session, &words, &trace);
	ck_assert_uint_eq(trace.count, 100);
	ck_assert_uint_lt(strlen(trace.text), sizeof(trace.text));
	ck_assert_ptr_null(strpbrk(trace.text, "\"\n\x1b"));
	ck_assert_uint_gt(strlen(trace.text), sizeof(trace.text) - 300);
}
END_TEST

static const unsigned char key[CRYPTO_SEAL_KEY_BYTES] = "a key";

/* Gives the Message-ID rewritten. */
static const char *rewrite(const char *id, const char *references)
{
	struct hide_ids ids = {key, "relay.example", &words};

	receive("Message-ID", id);
	receive("References", references);
	hide_message_ids(&message, &ids);
	return value_of("Message-ID");
}

START_TEST(rewrites_ids_of_one_host_alike)
{
	const char *id =
	    rewrite(" <1@corp.example>", " <1@CORP.example>\n\t<1@corp.example> <2@x.example>");
	char expected[300];

	ck_assert_ptr_nonnull(strstr(id, "@relay.example>"));
	ck_assert_ptr_null(strstr(value_of("References"), "corp.example"));
	snprintf(expected, sizeof(expected), "%s <2@x.example>", id + 1);
	ck_assert_ptr_nonnull(strstr(value_of("References"), expected));
}
END_TEST

START_TEST(leaves_ids_of_public_domains_and_of_others)
{
	ck_assert_str_eq(rewrite(" <1@Alpha.Example>", " <2@alpha.example> <3@x.example> <4"),
			 " <1@Alpha.Example>");
	ck_assert_str_eq(value_of("References"), " <2@alpha.example> <3@x.example> <4");
}
END_TEST

START_TEST(rewrites_an_id_with_an_inner_address_in_it)
{
	ck_assert_ptr_null(
	    strstr(rewrite(" <10.1.2.3.x@alpha.example>", " <1@pc.local> <2@[10.1.2.3]>"), "10.1"));
	ck_assert_ptr_null(strstr(value_of("References"), "local"));
	ck_assert_ptr_null(strstr(value_of("References"), "10."));
}
END_TEST

START_TEST(completes_what_is_missing_and_only_that)
{
	struct error err;

	receive("From", " a@alpha.example");
	ck_assert(complete_headers(&message, "alpha.example", 1780315200, &err));
	ck_assert_str_eq(value_of("Date"), " Mon, 1 Jun 2026 12:00:00 +0000");
	ck_assert_ptr_nonnull(strstr(value_of("Message-ID"), "@alpha.example>"));
	ck_assert(complete_headers(&message, "alpha.example", 0, &err));
	ck_assert_uint_eq(message_header_count(&message), 3);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    removes_traces_and_what_names_them_elsewhere,
	    keeps_our_own_trace_only,
	    strips_the_comment_of_mime_version,
	    bounds_the_trace_and_counts_on,
	    rewrites_ids_of_one_host_alike,
	    leaves_ids_of_public_domains_and_of_others,
	    rewrites_an_id_with_an_inner_address_in_it,
	    completes_what_is_missing_and_only_that,
	};
	Suite *suite = suite_create("hide_headers");
	TCase *cases = tcase_create("hide_headers");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(cases, setup, teardown);
	for (size_t i = 0; i < COUNT(tests); i++)
		tcase_add_test(cases, tests[i]);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
