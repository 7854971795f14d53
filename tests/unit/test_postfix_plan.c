/* SPDX-License-Identifier: BSD-2-Clause */
/* What Postfix's configuration should be, and what `postfix apply` does about the difference. */
#include "ctl/postfix_plan.h"
#include "tests/unit/unit.h"
#include <stdlib.h>
#include <string.h>

#define OURS "{ unix:easymail/milter.sock, default_action=tempfail }"

static const struct postfix_site site = {"/etc/postfix", "easymail/milter.sock",
					 "easymail/mapd.sock"};

static struct egress_ip_row egress(const char *address, const char *group, enum egress_state state)
{
	struct egress_ip_row row = {.ip = {.weight = 100, .state = state}};
	struct error err;

	ck_assert(ip_parse(address, &row.ip.address, &err));
	snprintf(row.address, sizeof(row.address), "%s", address);
	snprintf(row.group, sizeof(row.group), "%s", group);
	snprintf(row.helo_name, sizeof(row.helo_name), "mx.provider.example");
	return row;
}

/* A wanted state of one group and the addresses given. */
static struct postfix_state want(const char *group, struct egress_ip_row *ips, size_t count,
				 const struct postfix_state *current)
{
	struct egress_group_row row = {.id = 1};
	struct egress_inventory inventory = {1, count, &row, ips, {7, 3, 2, 50000}};
	struct postfix_state wanted;

	snprintf(row.name, sizeof(row.name), "%s", group);
	postfix_want(&site, &inventory, current, &wanted);
	return wanted;
}

static void assert_has(const char *text, const char *part)
{
	ck_assert_msg(text && strstr(text, part), "no `%s` in `%s`", part, text ? text : "(null)");
}

static void assert_milters(const char *current, const char *expected)
{
	char *wanted = postfix_want_milters(current, "easymail/milter.sock");

	ck_assert_str_eq(wanted, expected);
	free(wanted);
}

START_TEST(keeps_foreign_milters_and_puts_ours_last_once)
{
	assert_milters("", OURS);
	assert_milters("inet:127.0.0.1:11332", "inet:127.0.0.1:11332, " OURS);
	assert_milters(OURS, OURS);
	assert_milters("unix:easymail/milter.sock, inet:h:1", "inet:h:1, " OURS);
	assert_milters(
	    "{ inet:h:1, connect_timeout=5s } {unix:easymail/milter.sock, default_action=accept}",
	    "{ inet:h:1, connect_timeout=5s }, " OURS);
	assert_milters("unix:easymail/milter.sock2", "unix:easymail/milter.sock2, " OURS);
}
END_TEST

START_TEST(sees_a_milter_that_fails_open)
{
	static const char socket[] = "easymail/milter.sock";

	ck_assert(postfix_has_milter(OURS, socket));
	ck_assert(postfix_has_milter(
	    "inet:h:1, {unix:easymail/milter.sock,default_action = tempfail}", socket));
	ck_assert(!postfix_has_milter("", socket));
	ck_assert(!postfix_has_milter("unix:easymail/milter.sock", socket));
	ck_assert(
	    !postfix_has_milter("{ unix:easymail/milter.sock, default_action=accept }", socket));
	ck_assert(!postfix_has_milter("{ inet:h:1, default_action=tempfail }", socket));
}
END_TEST

START_TEST(binds_each_address_to_a_transport_of_its_own)
{
	struct egress_ip_row ips[] = {egress("192.0.2.7", "green", EGRESS_ACTIVE),
				      egress("2001:db8::7", "green", EGRESS_DOWN)};
	struct postfix_state current = {0}, wanted = want("green", ips, COUNT(ips), &current);
	const char *v4 = pairs_get(&wanted.services, "easymail-192.0.2.7/unix");
	const char *v6 = pairs_get(&wanted.services, "easymail-2001-db8--7/unix");

	assert_has(v4,
		   "-o smtp_bind_address=192.0.2.7 -o smtp_bind_address6= -o inet_protocols=ipv4 ");
	assert_has(v4, "-o smtp_bind_address_enforce=yes");
	assert_has(v4, "-o smtp_helo_name=mx.provider.example");
	assert_has(v4, "-o smtp_header_checks=regexp:/etc/postfix/easymail/smtp_header_checks");
	assert_has(v6, "-o smtp_bind_address=192.0.0.8 -o smtp_bind_address6=2001:db8::7 ");
	assert_has(v6, "-o smtp_bind_address_enforce=yes");
	postfix_state_free(&wanted);
}
END_TEST

START_TEST(takes_the_operators_chroot_and_header_checks)
{
	struct egress_ip_row ips[] = {egress("192.0.2.7", "green", EGRESS_ACTIVE)};
	struct postfix_state current = {0}, wanted;

	pairs_set(&current.services, "smtp/unix", "smtp unix - - y - - smtp");
	pairs_set(&current.parameters, "smtp_header_checks", "pcre:/etc/postfix/theirs");
	wanted = want("green", ips, COUNT(ips), &current);
	assert_has(pairs_get(&wanted.services, "easymail-192.0.2.7/unix"),
		   "easymail-192.0.2.7 unix - - y - - smtp ");
	assert_has(pairs_get(&wanted.services, "easymail-192.0.2.7/unix"),
		   "-o {smtp_header_checks=regexp:/etc/postfix/easymail/smtp_header_checks, "
		   "pcre:/etc/postfix/theirs}");
	postfix_state_free(&wanted);
	postfix_state_free(&current);
}
END_TEST

START_TEST(holds_null_senders_mail_when_no_address_may_send)
{
	struct egress_ip_row ips[] = {egress("192.0.2.7", "green", EGRESS_DOWN)};
	struct postfix_state current = {0}, wanted = want("green", ips, COUNT(ips), &current);

	ck_assert_str_eq(pairs_get(&wanted.parameters, "easymail_group_green_address"),
			 POSTFIX_HOLD_ADDRESS);
	ck_assert_str_eq(pairs_get(&wanted.parameters, "easymail_group_green_address6"),
			 POSTFIX_HOLD_ADDRESS6);
	ck_assert_str_eq(pairs_get(&wanted.parameters, "easymail_group_green_protocols"), "all");
	assert_has(pairs_get(&wanted.services, "easymail-group-green/unix"),
		   "-o smtp_bind_address_enforce=yes");
	postfix_state_free(&wanted);
}
END_TEST

START_TEST(binds_null_senders_to_an_address_of_the_group_that_is_up)
{
	struct egress_ip_row ips[] = {egress("192.0.2.7", "green", EGRESS_DOWN),
				      egress("2001:db8::7", "green", EGRESS_ACTIVE),
				      egress("192.0.2.9", "blue", EGRESS_ACTIVE)};
	struct postfix_state current = {0}, wanted = want("green", ips, COUNT(ips), &current);

	ck_assert_str_eq(pairs_get(&wanted.parameters, "easymail_group_green_address"),
			 POSTFIX_HOLD_ADDRESS);
	ck_assert_str_eq(pairs_get(&wanted.parameters, "easymail_group_green_address6"),
			 "2001:db8::7");
	ck_assert_str_eq(pairs_get(&wanted.parameters, "easymail_group_green_protocols"), "all");
	postfix_state_free(&wanted);
}
END_TEST

START_TEST(makes_legal_parameter_names_of_groups_with_hyphens)
{
	struct egress_ip_row ips[] = {egress("192.0.2.7", "far-east-1", EGRESS_ACTIVE)};
	struct postfix_state current = {0}, wanted = want("far-east-1", ips, COUNT(ips), &current);

	ck_assert_str_eq(pairs_get(&wanted.parameters, "easymail_group_far_east_1_address"),
			 "192.0.2.7");
	assert_has(pairs_get(&wanted.services, "easymail-group-far-east-1/unix"),
		   "-o smtp_bind_address=$easymail_group_far_east_1_address ");
	postfix_state_free(&wanted);
}
END_TEST

/* The same with bulk mail in the group. */
static struct postfix_state want_bulk(struct egress_ip_row *ips, size_t count,
				      const struct postfix_state *current)
{
	struct egress_group_row row = {.id = 1, .name = "mailings", .way = WAY_BULK};
	struct egress_inventory inventory = {1, count, &row, ips, {7, 3, 2, 50000}};
	struct postfix_state wanted;

	postfix_want(&site, &inventory, current, &wanted);
	return wanted;
}

START_TEST(bulk_transports_have_limits_of_their_own)
{
	struct egress_ip_row ips[] = {egress("192.0.2.7", "mailings", EGRESS_ACTIVE),
				      egress("192.0.2.9", "green", EGRESS_ACTIVE)};
	struct postfix_state current = {0}, wanted = want_bulk(ips, COUNT(ips), &current);
	const struct pairs *parameters = &wanted.parameters;

	assert_has(pairs_get(&wanted.services, "easymail-192.0.2.7/unix"),
		   "easymail-192.0.2.7 unix - - - - 7 smtp ");
	assert_has(pairs_get(&wanted.services, "easymail-group-mailings/unix"), " - 7 smtp ");
	assert_has(pairs_get(&wanted.services, "easymail-192.0.2.9/unix"), " - - smtp ");
	ck_assert_str_eq(pairs_get(parameters, "easymail-192.0.2.7_destination_concurrency_limit"),
			 "3");
	ck_assert_str_eq(pairs_get(parameters, "easymail-192.0.2.7_destination_rate_delay"), "2s");
	ck_assert_str_eq(
	    pairs_get(parameters, "easymail-group-mailings_destination_concurrency_limit"), "3");
	ck_assert_ptr_null(
	    pairs_get(parameters, "easymail-192.0.2.9_destination_concurrency_limit"));
	postfix_state_free(&wanted);
}
END_TEST

START_TEST(a_transport_that_is_bulk_no_longer_gets_the_common_limits_back)
{
	static const char name[] = "easymail-192.0.2.9_destination_rate_delay";
	struct egress_ip_row ips[] = {egress("192.0.2.9", "green", EGRESS_ACTIVE)};
	struct postfix_state current = {0}, wanted;

	pairs_set(&current.parameters, name, "2s");
	wanted = want("green", ips, COUNT(ips), &current);
	ck_assert_str_eq(pairs_get(&wanted.parameters, name), "$default_destination_rate_delay");
	postfix_state_free(&wanted);
	postfix_state_free(&current);
}
END_TEST

START_TEST(the_active_queue_is_made_larger_for_bulk_mail_and_never_smaller)
{
	static const char name[] = "qmgr_message_active_limit";
	struct postfix_state current = {0}, wanted;

	pairs_set(&current.parameters, name, "20000");
	wanted = want_bulk(NULL, 0, &current);
	ck_assert_str_eq(pairs_get(&wanted.parameters, name), "50000");
	ck_assert_str_eq(pairs_get(&wanted.parameters, "qmgr_message_recipient_limit"), "50000");
	postfix_state_free(&wanted);
	pairs_set(&current.parameters, name, "60000");
	wanted = want_bulk(NULL, 0, &current);
	ck_assert_ptr_null(pairs_get(&wanted.parameters, name));
	postfix_state_free(&wanted);
	wanted = want("green", NULL, 0, &current);
	ck_assert_ptr_null(pairs_get(&wanted.parameters, "qmgr_message_recipient_limit"));
	postfix_state_free(&wanted);
	postfix_state_free(&current);
}
END_TEST

START_TEST(has_nothing_to_do_when_all_is_as_wanted)
{
	struct egress_ip_row ips[] = {egress("192.0.2.7", "green", EGRESS_ACTIVE)};
	struct postfix_state current = {0}, wanted = want("green", ips, COUNT(ips), &current),
			     again;
	struct postfix_plan plan;

	postfix_plan_make(&current, &wanted, &plan);
	ck_assert_uint_gt(plan.count, 0);
	postfix_plan_free(&plan);
	again = want("green", ips, COUNT(ips), &wanted);
	postfix_plan_make(&wanted, &again, &plan);
	ck_assert_uint_eq(plan.count, 0);
	postfix_plan_free(&plan);
	postfix_state_free(&wanted);
	postfix_state_free(&again);
}
END_TEST

START_TEST(removes_only_what_is_its_own)
{
	struct postfix_state current = {0}, wanted = want("green", NULL, 0, &current);
	struct postfix_plan plan;
	char *text;

	pairs_set(&current.services, "easymail-192.0.2.7/unix",
		  "easymail-192.0.2.7 unix - - n - - smtp");
	pairs_set(&current.services, "relay/unix", "relay unix - - n - - smtp");
	pairs_set(&current.parameters, "easymail_group_old_address", "192.0.2.7");
	pairs_set(&current.parameters, "message_size_limit", "1");
	postfix_plan_make(&current, &wanted, &plan);
	text = postfix_plan_text(&plan);
	assert_has(text, "- master.cf: easymail-192.0.2.7 unix");
	assert_has(text, "- main.cf: easymail_group_old_address = 192.0.2.7");
	assert_has(text, "+ main.cf: smtp_bind_address_enforce = yes");
	ck_assert_ptr_null(strstr(text, "relay unix"));
	ck_assert_ptr_null(strstr(text, "message_size_limit"));
	free(text);
	postfix_plan_free(&plan);
	postfix_state_free(&current);
	postfix_state_free(&wanted);
}
END_TEST

UNIT_MAIN("postfix_plan", keeps_foreign_milters_and_puts_ours_last_once,
	  sees_a_milter_that_fails_open, binds_each_address_to_a_transport_of_its_own,
	  takes_the_operators_chroot_and_header_checks,
	  holds_null_senders_mail_when_no_address_may_send,
	  binds_null_senders_to_an_address_of_the_group_that_is_up,
	  makes_legal_parameter_names_of_groups_with_hyphens,
	  bulk_transports_have_limits_of_their_own,
	  a_transport_that_is_bulk_no_longer_gets_the_common_limits_back,
	  the_active_queue_is_made_larger_for_bulk_mail_and_never_smaller,
	  has_nothing_to_do_when_all_is_as_wanted, removes_only_what_is_its_own)
