/* SPDX-License-Identifier: BSD-2-Clause */
/* By which way a message leaves when a filter before the egress filter has said so: the chain without libmilter. */
#include "common/clock.h"
#include "common/log.h"
#include "milters/chain/conversation.h"
#include "milters/chain/filter.h"
#include "milters/egress/egress_filter.h"
#include "milters/tenant/tenant_filter.h"
#include "tests/unit/store_fixture.h"
#include "tests/unit/unit.h"
#include <arpa/inet.h>
#include <string.h>

#define WAY_HEADER "X-Test-Way"

/* Puts the message on the ways that its headers name, in their order, at the end as the antispam engine does. */
static enum verdict choose_way(struct session *session, struct message *message)
{
	size_t at = 0;

	(void)session;
	for (; message_header_find(message, WAY_HEADER, at, &at); at++) {
		const char *value = message_header_at(message, at)->value;
		const char *name = value + strspn(value, " ");

		for (int way = 0; way < EGRESS_WAYS; way++) {
			if (strcmp(egress_way_name((enum egress_way)way), name) == 0)
				message_set_way(message, (enum egress_way)way);
		}
	}
	return VERDICT_CONTINUE;
}

static const struct filter choosing_filter = {
    .name = "choosing",
    .purpose = "puts messages on ways",
    .eom = choose_way,
};

static struct config *config;
static struct policy_store *policies;
static struct chain *chain;
static struct conversation *conversation;
static char egress_header[128]; /* that the message leaves with; "" for none */

static void start(void)
{
	static const struct filter *const filters[] = {&tenant_filter, &choosing_filter,
						       &egress_filter};
	static const struct chain_limits limits = {10, 8, 5000, 200000, 1000000};
	struct sockaddr_in client = {.sin_family = AF_INET};
	struct filter_context context;

	log_open("test_ways", LOG_TARGET_STDERR);
	ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
	fixture_start();
	ck_ok(fixture_sql(
	    "INSERT INTO egress_group (name) VALUES ('main'), ('mailings'), ('odd');"
	    "INSERT INTO egress_ip (address, helo_name, egress_group_id) VALUES"
	    " ('192.0.2.1', 'a.example', 1), ('192.0.2.2', 'b.example', 2),"
	    " ('192.0.2.3', 'c.example', 3);"
	    "INSERT INTO tenant (name, state, egress_group_id) VALUES ('acme', 'active', 1);"
	    "INSERT INTO domain (tenant_id, name) VALUES (1, 'acme.example');"
	    "INSERT INTO domain (tenant_id, name, stream) VALUES (1, 'news.example', 'bulk');"
	    "INSERT INTO relay_host (tenant_id, network) VALUES (1, '198.51.100.1')"));
	ck_ok(config_parse("test", "dns.servers = 127.0.0.1@1\n", 26, &config, &fixture_error));
	ck_ok(policy_store_new(fixture_path, 2, 2000, &policies, &fixture_error));
	context = (struct filter_context){config, policies};
	ck_ok(chain_new(filters, COUNT(filters), &context, &limits, &chain, &fixture_error));
	conversation = conversation_new(chain);
	inet_pton(AF_INET, "198.51.100.1", &client.sin_addr);
	conversation_connect(conversation, "mail", (const struct sockaddr *)&client);
}

static void stop(void)
{
	conversation_free(conversation);
	chain_free(chain);
	policy_store_free(policies);
	config_free(config);
	fixture_stop();
}

static bool note_edits(void *context, const struct changes *changes)
{
	(void)context;
	egress_header[0] = '\0';
	for (size_t i = 0; i < changes->edit_count; i++) {
		const struct edit *edit = &changes->edits[i];

		if (strcmp(edit->name, "X-Easymail-Egress") == 0)
			snprintf(egress_header, sizeof(egress_header), "%s", edit->value + 1);
	}
	return true;
}

static enum verdict send_by(const char *sender, const char *way, const char *other)
{
	if (conversation_mail(conversation, sender, "4Q1") != VERDICT_CONTINUE)
		return VERDICT_REJECT;
	conversation_rcpt(conversation, "<x@dest.example>");
	conversation_header(conversation, "From", " a@acme.example");
	conversation_header(conversation, WAY_HEADER, way);
	conversation_header(conversation, WAY_HEADER, other);
	conversation_eoh(conversation, "4Q1");
	return conversation_eom(conversation, "4Q1", note_edits, NULL);
}

static void leaves_by(const char *transport, const char *header, const char *way)
{
	struct decision decision;

	ck_assert(recent_find(chain->recent, "4Q1", &decision));
	ck_assert_str_eq(decision.egress, transport);
	ck_assert_str_eq(egress_header, header);
	ck_assert_str_eq(egress_way_name(decision.way), way);
}

static void set_groups(void)
{
	ck_ok(fixture_sql("INSERT INTO setting (tenant_id, name, value) VALUES"
			  " (0, 'bulk.egress_group', 'mailings'),"
			  " (1, 'antispam.suspect_group', 'odd')"));
}

START_TEST(each_way_has_addresses_of_its_own)
{
	set_groups();
	ck_assert_int_eq(send_by("<a@acme.example>", " corporate", ""), VERDICT_CONTINUE);
	leaves_by("easymail-192.0.2.1", "", "corporate");
	ck_assert_int_eq(send_by("<a@acme.example>", " bulk", ""), VERDICT_CONTINUE);
	leaves_by("easymail-group-mailings", "mailings", "bulk");
	ck_assert_int_eq(send_by("<a@news.example>", " bulk", ""), VERDICT_CONTINUE);
	leaves_by("easymail-192.0.2.2", "", "bulk");
	ck_assert_int_eq(send_by("<a@acme.example>", " suspect", ""), VERDICT_CONTINUE);
	leaves_by("easymail-group-odd", "odd", "suspect");
	ck_assert_int_eq(send_by("<>", " bulk", ""), VERDICT_CONTINUE);
	leaves_by("easymail-group-mailings", "mailings", "bulk");
}
END_TEST

START_TEST(suspicious_mail_does_not_become_bulk_again)
{
	set_groups();
	ck_assert_int_eq(send_by("<a@acme.example>", " suspect", " bulk"), VERDICT_CONTINUE);
	leaves_by("easymail-group-odd", "odd", "suspect");
	ck_assert_int_eq(send_by("<a@acme.example>", " bulk", " suspect"), VERDICT_CONTINUE);
	leaves_by("easymail-group-odd", "odd", "suspect");
	ck_assert_int_eq(send_by("<a@acme.example>", " bulk", " corporate"), VERDICT_CONTINUE);
	leaves_by("easymail-group-mailings", "mailings", "bulk");
}
END_TEST

START_TEST(a_way_without_a_group_takes_no_mail)
{
	ck_assert_int_eq(send_by("<a@acme.example>", " bulk", ""), VERDICT_TEMPFAIL);
	ck_assert_ptr_nonnull(strstr(conversation_reply(conversation)->text, "bulk.egress_group"));
	ck_assert_int_eq(send_by("<a@acme.example>", " suspect", ""), VERDICT_TEMPFAIL);
	ck_assert_ptr_nonnull(strstr(conversation_reply(conversation)->text, "suspicious"));
	ck_assert_int_eq(send_by("<a@acme.example>", " corporate", ""), VERDICT_CONTINUE);
}
END_TEST

START_TEST(mail_waits_when_its_own_way_has_no_address_left)
{
	struct decision decision;

	set_groups();
	ck_ok(fixture_sql("UPDATE egress_ip SET state = 'down' WHERE address = '192.0.2.2'"));
	ck_assert_int_eq(send_by("<a@acme.example>", " bulk", ""), VERDICT_CONTINUE);
	leaves_by("", "mailings", "bulk");
	ck_assert(recent_find(chain->recent, "4Q1", &decision));
	ck_assert_ptr_nonnull(strstr(decision.text, "egress group mailings"));
}
END_TEST

START_TEST(a_session_with_bulk_mail_has_one_place_until_it_ends)
{
	struct conversation *other = conversation_new(chain);
	struct sockaddr_in client = {.sin_family = AF_INET};

	set_groups();
	ck_ok(fixture_sql("INSERT INTO setting (name, value) VALUES ('bulk.sessions', '1')"));
	inet_pton(AF_INET, "198.51.100.1", &client.sin_addr);
	conversation_connect(other, "mail", (const struct sockaddr *)&client);
	ck_assert_int_eq(send_by("<a@news.example>", "", ""), VERDICT_CONTINUE);
	ck_assert_int_eq(send_by("<a@news.example>", "", ""), VERDICT_CONTINUE);
	ck_assert_int_eq(conversation_mail(other, "<a@news.example>", "4Q2"), VERDICT_TEMPFAIL);
	ck_assert_int_eq(conversation_reply(other)->code, 421);
	ck_assert_int_eq(conversation_mail(other, "<a@acme.example>", "4Q2"), VERDICT_CONTINUE);
	conversation_free(conversation);
	ck_assert_int_eq(conversation_mail(other, "<a@news.example>", "4Q2"), VERDICT_CONTINUE);
	conversation = other;
}
END_TEST

START_TEST(bulk_mail_waits_for_its_turn_and_corporate_mail_does_not)
{
	int64_t began;

	set_groups();
	ck_ok(fixture_sql("INSERT INTO setting (name, value) VALUES ('bulk.rate', '2')"));
	ck_assert_int_eq(send_by("<a@news.example>", "", ""), VERDICT_CONTINUE);
	began = clock_ms();
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(send_by("<a@acme.example>", "", ""), VERDICT_CONTINUE);
	ck_assert_int_lt(clock_ms() - began, 5000);
	ck_assert_int_eq(send_by("<a@news.example>", "", ""), VERDICT_CONTINUE);
	ck_assert_int_eq(send_by("<a@news.example>", "", ""), VERDICT_CONTINUE);
	ck_assert_int_ge(clock_ms() - began, 900);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ways");
	TCase *tests = tcase_create("ways");

	tcase_add_checked_fixture(tests, start, stop);
	tcase_add_test(tests, each_way_has_addresses_of_its_own);
	tcase_add_test(tests, suspicious_mail_does_not_become_bulk_again);
	tcase_add_test(tests, a_way_without_a_group_takes_no_mail);
	tcase_add_test(tests, mail_waits_when_its_own_way_has_no_address_left);
	tcase_add_test(tests, a_session_with_bulk_mail_has_one_place_until_it_ends);
	tcase_add_test(tests, bulk_mail_waits_for_its_turn_and_corporate_mail_does_not);
	suite_add_tcase(suite, tests);
	return fixture_run(suite);
}
