/* SPDX-License-Identifier: BSD-2-Clause */
/* What the RFC's suite leaves open: reports, deadlines, lifetimes, threads, long records. */
#include "common/spf_check.h"
#include "tests/unit/dns_zone.h"
#include <pthread.h>

static const char zone_json[] =
    "{\"example.net\": [{\"TXT\": \"v=spf1 include:inc.example.net ip4:192.0.2.0/25 -all"
    "                     exp=why.example.net\"}],"
    " \"inc.example.net\": [{\"TXT\": \"v=spf1 a:host.example.net -all\"}],"
    " \"host.example.net\": [{\"A\": \"198.51.100.1\"}],"
    " \"why.example.net\": [{\"TXT\": \"%{i} may not send for %{o}\"}],"
    " \"echo.example.net\": [{\"TXT\": \"v=spf1 -all exp=helo.example.net\"}],"
    " \"helo.example.net\": [{\"TXT\": \"%{h} %{l}\"}],"
    " \"all.example.net\": [{\"TXT\": \"v=spf1 -all\"}],"
    " \"v6.example.net\": [{\"TXT\": \"v=spf1 ip6:::ffff:192.0.2.1 ip6:2001:db8::/33 ~all\"}],"
    " \"wrong.example.net\": [{\"TXT\": \"v=spf1 ipv4:192.0.2.1 -all\"}],"
    " \"lacks.example.net\": [{\"TXT\": \"v=spf1 include:nothing.example.net -all\"}],"
    " \"void.example.net\": [{\"TXT\": \"v=spf1 a:n1.example.net a:n2.example.net a:n3.example.net"
    "                          +all\"}],"
    " \"asks-silent.example.net\": [{\"TXT\": \"v=spf1 a:silent.example.net +all\"}],"
    " \"asks-broken.example.net\": [{\"TXT\": \"v=spf1 mx:broken.example.net +all\"}],"
    " \"slow.example.net\": [{\"TXT\": \"v=spf1 ptr exists:silent.example.net +all\"}],"
    " \"1.2.0.192.in-addr.arpa\": [{\"TIMEOUT\": true}],"
    " \"silent.example.net\": [{\"TIMEOUT\": true}],"
    " \"broken.example.net\": [{\"SERVFAIL\": true}],"
    " \"long.example.net\": [{\"TXT\": \"v=spf1 %s -all\"}]}";

static struct dns_zone zone;
static struct dns *dns;

/* The zone's long record has as many terms as fit. */
static void start(int timeout_ms)
{
	static char terms[60000], json[sizeof(zone_json) + sizeof(terms)];
	size_t used = 0;

	for (int i = 0; i < 3000; i++)
		used += (size_t)snprintf(terms + used, sizeof(terms) - used, "ip4:10.1.%d.%d ",
					 i / 250, i % 250);
	used = (size_t)(strstr(zone_json, "%s") - zone_json);
	snprintf(json, sizeof(json), "%.*s%s%s", (int)used, zone_json, terms, zone_json + used + 2);
	dns_zone_start(&zone, json, 0);
	dns = dns_of(zone.servers, timeout_ms);
}

static void stop(void)
{
	dns_free(dns);
	dns_zone_stop(&zone);
}

static struct spf_question question_of(const char *client, const char *sender)
{
	struct spf_question question = {.helo = "mail.example.net", .sender = sender};
	struct error err;

	ck_assert(ip_parse(client, &question.client, &err));
	return question;
}

static struct spf_answer check(const char *client, const char *sender, enum spf_result expected)
{
	struct spf_question question = question_of(client, sender);
	struct spf_answer answer;

	spf_check(dns, &question, 20000, &answer);
	ck_assert_msg(answer.result == expected, "%s for %s: %s, %s", client, sender,
		      spf_result_name(answer.result), answer.reason);
	return answer;
}

static void expect(const char *client, const char *sender, enum spf_result expected)
{
	struct spf_answer answer = check(client, sender, expected);

	spf_answer_clear(&answer);
}

START_TEST(the_answer_tells_how_it_was_found)
{
	struct spf_answer answer;

	start(5000);
	answer = check("192.0.2.1", "a@example.net", SPF_PASS);
	ck_assert_uint_eq(answer.lookups, 2);
	ck_assert_uint_eq(answer.voids, 0);
	ck_assert_uint_eq(answer.record_count, 2);
	ck_assert_str_eq(answer.records[0].domain, "example.net");
	ck_assert_ptr_nonnull(strstr(answer.records[0].text, "include:inc.example.net"));
	ck_assert_str_eq(answer.records[1].domain, "inc.example.net");
	ck_assert_str_eq(answer.records[1].text, "v=spf1 a:host.example.net -all");
	ck_assert_str_eq(answer.reason,
			 "\"ip4:192.0.2.0/25\" in the record of example.net matches 192.0.2.1");
	ck_assert_ptr_null(answer.explanation);
	ck_assert_int_gt(answer.ttl, 290);
	ck_assert_int_le(answer.ttl, 300);
	spf_answer_clear(&answer);
	answer = check("198.51.100.1", "a@example.net", SPF_PASS);
	ck_assert_str_eq(answer.reason, "\"include:inc.example.net\" in the record of example.net "
					"matches 198.51.100.1");
	spf_answer_clear(&answer);
	stop();
}
END_TEST

START_TEST(a_refusal_carries_the_domains_own_words)
{
	struct spf_answer answer;

	start(5000);
	answer = check("192.0.2.200", "a@example.net", SPF_FAIL);
	ck_assert_str_eq(answer.explanation, "192.0.2.200 may not send for example.net");
	ck_assert_str_eq(answer.reason,
			 "\"-all\" in the record of example.net matches 192.0.2.200");
	spf_answer_clear(&answer);
	stop();
}
END_TEST

START_TEST(a_loopback_client_is_like_any_other)
{
	start(5000);
	expect("127.0.0.1", "a@all.example.net", SPF_FAIL);
	expect("::1", "a@all.example.net", SPF_FAIL);
	stop();
}
END_TEST

START_TEST(a_mapped_address_is_ipv4)
{
	start(5000);
	expect("::ffff:192.0.2.1", "a@example.net", SPF_PASS);
	expect("192.0.2.1", "a@v6.example.net", SPF_SOFTFAIL);
	expect("::ffff:192.0.2.1", "a@v6.example.net", SPF_SOFTFAIL);
	expect("2001:db8:7fff::1", "a@v6.example.net", SPF_PASS);
	expect("2001:db8:8000::1", "a@v6.example.net", SPF_SOFTFAIL);
	stop();
}
END_TEST

START_TEST(the_null_sender_is_its_helo_name)
{
	struct spf_question question = question_of("192.0.2.1", "");
	struct spf_answer answer;

	start(5000);
	question.helo = "all.example.net.";
	spf_check(dns, &question, 20000, &answer);
	ck_assert_int_eq(answer.result, SPF_FAIL);
	spf_answer_clear(&answer);
	question.helo = "";
	spf_check(dns, &question, 20000, &answer);
	ck_assert_int_eq(answer.result, SPF_NONE);
	spf_answer_clear(&answer);
	stop();
}
END_TEST

START_TEST(the_end_of_a_long_record_counts)
{
	start(5000);
	expect("10.1.11.249", "a@long.example.net", SPF_PASS);
	expect("10.2.0.1", "a@long.example.net", SPF_FAIL);
	stop();
}
END_TEST

START_TEST(an_error_in_a_record_is_told_for_those_who_mend_it)
{
	struct spf_answer answer;

	start(5000);
	answer = check("192.0.2.1", "a@wrong.example.net", SPF_PERMERROR);
	ck_assert_str_eq(answer.reason, "the record of wrong.example.net is wrong: in "
					"\"ipv4:192.0.2.1\": there is no such mechanism");
	ck_assert_int_gt(answer.ttl, 0);
	ck_assert_uint_eq(answer.record_count, 1);
	spf_answer_clear(&answer);
	answer = check("192.0.2.1", "a@lacks.example.net", SPF_PERMERROR);
	ck_assert_str_eq(answer.reason,
			 "nothing.example.net, which the record of lacks.example.net "
			 "refers to, publishes no SPF record");
	ck_assert_int_le(answer.ttl, 60);
	spf_answer_clear(&answer);
	answer = check("192.0.2.1", "a@void.example.net", SPF_PERMERROR);
	ck_assert_uint_eq(answer.voids, 3);
	spf_answer_clear(&answer);
	stop();
}
END_TEST

START_TEST(dns_trouble_is_temporary_and_not_kept)
{
	static const char *const senders[] = {"a@silent.example.net", "a@broken.example.net",
					      "a@asks-silent.example.net",
					      "a@asks-broken.example.net"};

	start(300);
	for (size_t i = 0; i < COUNT(senders); i++) {
		struct spf_answer answer = check("192.0.2.1", senders[i], SPF_TEMPERROR);

		ck_assert_int_eq(answer.ttl, 0);
		ck_assert_ptr_nonnull(strstr(answer.reason, "DNS: "));
		spf_answer_clear(&answer);
	}
	stop();
}
END_TEST

/* The first silence costs ptr its whole question, the second must not start anew. */
START_TEST(an_evaluation_ends_at_its_deadline)
{
	struct spf_question question = question_of("192.0.2.1", "a@slow.example.net");
	struct spf_answer answer;
	int64_t begin;

	start(500);
	begin = dns_deadline(0);
	spf_check(dns, &question, 700, &answer);
	ck_assert_int_eq(answer.result, SPF_TEMPERROR);
	ck_assert_int_ge(dns_deadline(0) - begin, 690);
	ck_assert_int_lt(dns_deadline(0) - begin, 950);
	spf_answer_clear(&answer);
	stop();
}
END_TEST

START_TEST(what_is_no_domain_has_no_policy)
{
	static const char *const senders[] = {"a@localhost",      "a@[192.0.2.1]",
					      "a@b..example.net", "a@",
					      "a@.example.net",   "a@absent.example.net"};

	start(5000);
	for (size_t i = 0; i < COUNT(senders); i++)
		expect("192.0.2.1", senders[i], SPF_NONE);
	stop();
}
END_TEST

START_TEST(an_endless_sender_harms_nothing)
{
	char sender[5000];

	start(5000);
	memset(sender, 'a', sizeof(sender) - 1);
	snprintf(sender + sizeof(sender) - 13, 13, "@example.net");
	expect("192.0.2.1", sender, SPF_PASS);
	memset(sender, '@', sizeof(sender) - 1);
	expect("192.0.2.1", sender, SPF_NONE);
	memset(sender, 'a', sizeof(sender) - 1);
	expect("192.0.2.1", sender, SPF_NONE);
	stop();
}
END_TEST

START_TEST(what_the_client_says_never_breaks_a_line)
{
	struct spf_question question = question_of("192.0.2.1", "a@echo.example.net");
	struct spf_answer answer;

	start(5000);
	spf_check(dns, &question, 20000, &answer);
	ck_assert_str_eq(answer.explanation, "mail.example.net a");
	spf_answer_clear(&answer);
	question.helo = "mail\r\n250 ok";
	spf_check(dns, &question, 20000, &answer);
	ck_assert_int_eq(answer.result, SPF_FAIL);
	ck_assert_ptr_null(answer.explanation);
	spf_answer_clear(&answer);
	question.sender = "a@x\r\n250 ok.example.net";
	spf_check(dns, &question, 20000, &answer);
	ck_assert_str_eq(answer.reason, "x??250 ok.example.net publishes no SPF record");
	spf_answer_clear(&answer);
	stop();
}
END_TEST

static void *check_many(void *context)
{
	static const char *const clients[] = {"192.0.2.1", "192.0.2.200", "198.51.100.1"};

	for (size_t i = 0; i < 100; i++) {
		struct spf_question question = question_of(clients[i % 3], "a@example.net");
		struct spf_answer answer;

		spf_check(dns, &question, 20000, &answer);
		if (answer.result != (i % 3 == 1 ? SPF_FAIL : SPF_PASS))
			return context;
		spf_answer_clear(&answer);
	}
	return NULL;
}

START_TEST(threads_do_not_meet)
{
	pthread_t threads[8];
	void *failed;

	start(5000);
	for (size_t i = 0; i < COUNT(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, check_many, &zone), 0);
	for (size_t i = 0; i < COUNT(threads); i++) {
		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
	stop();
}
END_TEST

UNIT_MAIN("spf_check", the_answer_tells_how_it_was_found, a_refusal_carries_the_domains_own_words,
	  a_loopback_client_is_like_any_other, a_mapped_address_is_ipv4,
	  the_null_sender_is_its_helo_name, the_end_of_a_long_record_counts,
	  an_error_in_a_record_is_told_for_those_who_mend_it, dns_trouble_is_temporary_and_not_kept,
	  an_evaluation_ends_at_its_deadline, what_is_no_domain_has_no_policy,
	  an_endless_sender_harms_nothing, what_the_client_says_never_breaks_a_line,
	  threads_do_not_meet)
