/* SPDX-License-Identifier: BSD-2-Clause */
/* The resolver against a server on loopback that answers, fails, lies, keeps silent, dies and returns. */
#include "common/dns.h"
#include "common/dns_wire.h"
#include "tests/unit/dns_zone.h"
#include <pthread.h>

static const char zone_json[] =
    "{\"host.example.net\": [{\"A\": \"192.0.2.1\"}, {\"A\": \"192.0.2.2\"},"
    "                        {\"AAAA\": \"2001:db8::1\"}],"
    " \"alias.example.net\": [{\"CNAME\": \"host.example.net\"}],"
    " \"mail.example.net\": [{\"MX\": [10, \"host.example.net\"]}, {\"MX\": [0, \"\"]}],"
    " \"text.example.net\": [{\"TXT\": [\"one \", \"two\"]}, {\"TXT\": \"a\\u0000\\u00ffb\"}],"
    " \"cut.example.net\": [{\"TXT\": \"by TCP\"}, {\"TRUNCATE\": true}],"
    " \"odd name\\\\.example.net\": [{\"A\": \"192.0.2.3\"}],"
    " \"1.2.0.192.in-addr.arpa\": [{\"PTR\": \"host.example.net\"}],"
    " \"relay.test\": [{\"A\": \"192.0.2.4\"}],"
    " \"1.0.0.127.in-addr.arpa\": [{\"PTR\": \"loop.example.net\"}],"
    " \"silent.example.net\": [{\"TIMEOUT\": true}],"
    " \"broken.example.net\": [{\"SERVFAIL\": true}],"
    " \"garbage.example.net\": [{\"GARBAGE\": true}]}";

static struct dns_zone zone;
static struct dns *dns;

static void start(int timeout_ms)
{
	dns_zone_start(&zone, zone_json, 0);
	dns = dns_of(zone.servers, timeout_ms);
}

static void stop(void)
{
	dns_free(dns);
	dns_zone_stop(&zone);
}

/* Asks, and expects this status. The caller clears the answer. */
static struct dns_answer ask(const char *name, enum dns_type type, enum dns_status expected)
{
	struct dns_answer answer;
	struct error err = {"no error"};
	enum found found = dns_ask(dns, name, type, 0, &answer, &err);

	ck_assert_msg(answer.status == expected, "%s %s: status %d, %s", name, dns_type_name(type),
		      (int)answer.status, err.text);
	ck_assert_int_eq(found, expected == DNS_FOUND      ? FOUND_ONE
				: expected <= DNS_NXDOMAIN ? FOUND_NONE
							   : FOUND_ERROR);
	ck_assert(found != FOUND_ERROR || strstr(err.text, name));
	return answer;
}

static void expect_ip(const struct dns_answer *answer, const char *text)
{
	char seen[IP_TEXT_SIZE];

	for (size_t i = 0; i < answer->count; i++) {
		ip_format(&answer->records[i].ip, seen);
		if (strcmp(seen, text) == 0)
			return;
	}
	ck_abort_msg("%s is not among %zu addresses", text, answer->count);
}

START_TEST(tells_addresses_with_their_ttl)
{
	struct dns_answer answer;

	start(5000);
	answer = ask("host.example.net", DNS_A, DNS_FOUND);
	ck_assert_uint_eq(answer.count, 2);
	expect_ip(&answer, "192.0.2.1");
	expect_ip(&answer, "192.0.2.2");
	ck_assert_int_gt(answer.ttl, 290);
	ck_assert_int_le(answer.ttl, 300);
	dns_answer_clear(&answer);
	answer = ask("HOST.example.net.", DNS_AAAA, DNS_FOUND);
	ck_assert_uint_eq(answer.count, 1);
	expect_ip(&answer, "2001:db8::1");
	dns_answer_clear(&answer);
	stop();
}
END_TEST

START_TEST(follows_an_alias)
{
	struct dns_answer answer;

	start(5000);
	answer = ask("alias.example.net", DNS_A, DNS_FOUND);
	ck_assert_uint_eq(answer.count, 2);
	dns_answer_clear(&answer);
	stop();
}
END_TEST

START_TEST(reads_exchanges_names_and_texts)
{
	struct dns_answer answer;
	size_t null_mx, binary;

	start(5000);
	answer = ask("mail.example.net", DNS_MX, DNS_FOUND);
	ck_assert_uint_eq(answer.count, 2);
	null_mx = answer.records[0].preference == 0 ? 0 : 1;
	ck_assert_str_eq(answer.records[null_mx].text, "");
	ck_assert_str_eq(answer.records[1 - null_mx].text, "host.example.net");
	ck_assert_uint_eq(answer.records[1 - null_mx].preference, 10);
	dns_answer_clear(&answer);

	answer = ask("text.example.net", DNS_TXT, DNS_FOUND);
	ck_assert_uint_eq(answer.count, 2);
	binary = answer.records[0].length == 4 ? 0 : 1;
	ck_assert_int_eq(memcmp(answer.records[binary].text, "a\0\377b", 5), 0);
	ck_assert_str_eq(answer.records[1 - binary].text, "one two");
	dns_answer_clear(&answer);

	answer = ask("1.2.0.192.in-addr.arpa", DNS_PTR, DNS_FOUND);
	ck_assert_str_eq(answer.records[0].text, "host.example.net");
	dns_answer_clear(&answer);
	stop();
}
END_TEST

START_TEST(tells_no_such_name_from_no_such_record)
{
	struct dns_answer answer;

	start(5000);
	answer = ask("absent.example.net", DNS_A, DNS_NXDOMAIN);
	ck_assert_uint_eq(answer.count, 0);
	ck_assert_int_gt(answer.ttl, 0);
	ck_assert_int_le(answer.ttl, 60);
	answer = ask("host.example.net", DNS_TXT, DNS_NODATA);
	ck_assert_ptr_null(answer.records);
	stop();
}
END_TEST

START_TEST(comes_again_by_tcp_when_an_answer_is_cut)
{
	struct dns_answer answer;

	start(5000);
	answer = ask("cut.example.net", DNS_TXT, DNS_FOUND);
	ck_assert_str_eq(answer.records[0].text, "by TCP");
	dns_answer_clear(&answer);
	stop();
}
END_TEST

START_TEST(asks_for_any_octet_as_it_is)
{
	struct dns_answer answer;

	start(5000);
	answer = ask("odd name\\.example.net", DNS_A, DNS_FOUND);
	expect_ip(&answer, "192.0.2.3");
	dns_answer_clear(&answer);
	stop();
}
END_TEST

START_TEST(leaves_private_and_loopback_names_to_the_servers)
{
	struct dns_answer answer;

	start(5000);
	answer = ask("1.0.0.127.in-addr.arpa", DNS_PTR, DNS_FOUND);
	ck_assert_str_eq(answer.records[0].text, "loop.example.net");
	dns_answer_clear(&answer);
	answer = ask("relay.test", DNS_A, DNS_FOUND);
	dns_answer_clear(&answer);
	ask("1.1.168.192.in-addr.arpa", DNS_PTR, DNS_NXDOMAIN);
	stop();
}
END_TEST

START_TEST(refuses_a_name_that_cannot_be)
{
	static const char *const names[] = {
	    "",
	    ".",
	    ".example.net",
	    "a..example.net",
	    "example.net..",
	    "a123456789012345678901234567890123456789012345678901234567890123.example.net"};
	char longest[DNS_NAME_MAX + 2];

	start(5000);
	for (size_t i = 0; i < COUNT(names); i++)
		ask(names[i], DNS_A, DNS_BAD_NAME);
	for (size_t i = 0; i < sizeof(longest); i++)
		longest[i] = i % 32 == 31 ? '.' : 'a';
	longest[DNS_NAME_MAX + 1] = '\0';
	ck_assert(!dns_name_is_valid(longest + strcspn(longest, ".") - 31));
	longest[DNS_NAME_MAX] = '\0';
	ck_assert(dns_name_is_valid(longest));
	stop();
}
END_TEST

START_TEST(a_failing_server_is_an_error)
{
	start(5000);
	ask("broken.example.net", DNS_A, DNS_SERVFAIL);
	stop();
}
END_TEST

START_TEST(garbage_is_an_error)
{
	struct dns_answer answer;
	struct error err;

	start(1500);
	ck_assert_int_eq(dns_ask(dns, "garbage.example.net", DNS_A, 0, &answer, &err), FOUND_ERROR);
	ck_assert_uint_eq(answer.count, 0);
	stop();
}
END_TEST

START_TEST(silence_is_an_error_at_the_deadline)
{
	struct dns_answer answer;
	struct error err;
	int64_t begin;

	start(600);
	begin = dns_deadline(0);
	ask("silent.example.net", DNS_A, DNS_TIMEOUT);
	ck_assert_int_ge(dns_deadline(0) - begin, 590);
	ck_assert_int_lt(dns_deadline(0) - begin, 1500);
	begin = dns_deadline(0);
	ck_assert_int_eq(
	    dns_ask(dns, "silent.example.net", DNS_A, dns_deadline(100), &answer, &err),
	    FOUND_ERROR);
	ck_assert_int_eq(answer.status, DNS_TIMEOUT);
	ck_assert_int_lt(dns_deadline(0) - begin, 500);
	answer = ask("host.example.net", DNS_A, DNS_FOUND);
	dns_answer_clear(&answer);
	stop();
}
END_TEST

START_TEST(a_question_may_outlive_its_answer)
{
	start(300);
	for (int i = 0; i < 50; i++) {
		struct dns_answer answer;
		struct error err;

		/* Deadlines around the time that an answer takes: it comes just before or after. */
		(void)dns_ask(dns, i % 2 ? "host.example.net" : "silent.example.net", DNS_A,
			      dns_deadline(i % 3), &answer, &err);
		dns_answer_clear(&answer);
	}
	stop();
}
END_TEST

START_TEST(a_question_is_due_when_it_is_answered_or_its_time_is_over)
{
	struct dns_question *answered, *silent;
	struct dns_answer answer;
	struct error err;
	int64_t until;

	start(600);
	answered = dns_start(dns, "host.example.net", DNS_A);
	silent = dns_start(dns, "silent.example.net", DNS_A);
	for (until = dns_deadline(5000); !dns_is_due(answered); usleep(1000))
		ck_assert_int_lt(dns_deadline(0), until);
	ck_assert(!dns_is_due(silent));
	ck_assert_int_eq(dns_finish(answered, 1, &answer, &err), FOUND_ONE);
	dns_answer_clear(&answer);
	for (until = dns_deadline(5000); !dns_is_due(silent); usleep(1000))
		ck_assert_int_lt(dns_deadline(0), until);
	ck_assert_int_eq(dns_finish(silent, 1, &answer, &err), FOUND_ERROR);
	ck_assert_int_eq(answer.status, DNS_TIMEOUT);
	stop();
}
END_TEST

START_TEST(answers_are_kept_and_served_when_the_server_is_gone)
{
	struct dns_answer answer;

	start(1000);
	answer = ask("host.example.net", DNS_A, DNS_FOUND);
	dns_answer_clear(&answer);
	dns_zone_stop(&zone);
	answer = ask("host.example.net", DNS_A, DNS_FOUND);
	ck_assert_uint_eq(answer.count, 2);
	dns_answer_clear(&answer);
	dns_free(dns);
}
END_TEST

START_TEST(a_server_that_returns_is_used_again)
{
	struct dns_answer answer;
	struct error err;
	int port;

	start(400);
	port = zone.port;
	dns_zone_stop(&zone);
	for (int i = 0; i < 10; i++) {
		char name[64];

		snprintf(name, sizeof(name), "dead%d.example.net", i);
		ck_assert_int_eq(dns_ask(dns, name, DNS_A, 0, &answer, &err), FOUND_ERROR);
	}
	dns_zone_start(&zone, zone_json, port);
	for (int i = 0; dns_ask(dns, "host.example.net", DNS_A, 0, &answer, &err) != FOUND_ONE;
	     i++) {
		ck_assert_msg(i < 15, "no answer long after the server is back: %s", err.text);
		sleep(1);
	}
	dns_answer_clear(&answer);
	stop();
}
END_TEST

START_TEST(many_questions_are_under_way_at_once)
{
	struct dns_question *questions[200];
	struct dns_answer answer;
	struct error err;
	char name[64];
	int64_t begin;

	start(5000);
	begin = dns_deadline(0);
	for (size_t i = 0; i < COUNT(questions); i++) {
		snprintf(name, sizeof(name), "absent%zu.example.net", i);
		questions[i] = dns_start(dns, i % 2 ? name : "host.example.net", DNS_A);
	}
	for (size_t i = 0; i < COUNT(questions); i++) {
		ck_assert_int_eq(dns_finish(questions[i], 0, &answer, &err),
				 i % 2 ? FOUND_NONE : FOUND_ONE);
		dns_answer_clear(&answer);
	}
	ck_assert_int_lt(dns_deadline(0) - begin, 4000);
	stop();
}
END_TEST

static void *ask_many(void *context)
{
	for (int i = 0; i < 200; i++) {
		struct dns_answer answer;
		struct error err;

		if (dns_ask(dns, "host.example.net", DNS_A, 0, &answer, &err) != FOUND_ONE ||
		    answer.count != 2)
			return context;
		dns_answer_clear(&answer);
	}
	return NULL;
}

START_TEST(threads_share_it)
{
	pthread_t threads[8];

	start(5000);
	for (size_t i = 0; i < COUNT(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_many, &zone), 0);
	for (size_t i = 0; i < COUNT(threads); i++) {
		void *failed;

		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
	stop();
}
END_TEST

START_TEST(a_wrong_server_is_refused_with_the_mend)
{
	static const char *const wrong[] = {"ns.example.net", "127.0.0.1@",
					    "127.0.0.1@0",    "127.0.0.1@99999",
					    "127.0.0.1@53x",  "127.0.0.1 nonsense"};
	struct error err;
	struct dns *none;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		ck_assert_msg(!dns_new(wrong[i], 1000, &none, &err), "%s", wrong[i]);
		ck_assert_msg(strstr(err.text, "192.0.2.53@5353"), "%s", err.text);
	}
	dns_free(dns_of("127.0.0.1@1, ::1@2 127.0.0.2", 1000));
	dns_free(dns_of("", 1000));
}
END_TEST

/* What no decent server sends is made by hand. */
START_TEST(malformed_data_is_refused)
{
	static const struct {
		enum dns_type type;
		const char *data;
		size_t length;
	} table[] = {
	    {DNS_A, "\1\2\3", 3},      {DNS_A, "\1\2\3\4\5", 5}, {DNS_AAAA, "\1\2\3\4", 4},
	    {DNS_TXT, "\5abc", 4},     {DNS_PTR, "\3abc", 4},    {DNS_PTR, "\3abc\0x", 6},
	    {DNS_PTR, "\100abc\0", 5}, {DNS_PTR, "\300\014", 2}, {DNS_PTR, "\3a.b\0", 5},
	    {DNS_MX, "\0\12", 2},      {DNS_MX, "\0\12\3ab", 5}, {DNS_PTR, "", 0},
	    {DNS_PTR, "\3a\0b\0", 5},
	};
	struct dns_answer answer;

	for (size_t i = 0; i < COUNT(table); i++) {
		struct dns_wire wire = {(const unsigned char *)table[i].data, table[i].length};

		ck_assert_msg(!dns_wire_read(table[i].type, &wire, 1, &answer), "row %zu", i);
		ck_assert_ptr_null(answer.records);
	}
}
END_TEST

START_TEST(reverse_names_are_right)
{
	char name[DNS_REVERSE_SIZE];
	struct error err;
	struct ip ip;

	ck_assert(ip_parse("192.0.2.7", &ip, &err));
	dns_reverse_name(&ip, name);
	ck_assert_str_eq(name, "7.2.0.192.in-addr.arpa");
	ck_assert(ip_parse("2001:db8::a7", &ip, &err));
	dns_reverse_name(&ip, name);
	ck_assert_str_eq(name, "7.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
			       "ip6.arpa");
}
END_TEST

UNIT_MAIN("dns", a_question_is_due_when_it_is_answered_or_its_time_is_over,
	  tells_addresses_with_their_ttl, follows_an_alias, reads_exchanges_names_and_texts,
	  tells_no_such_name_from_no_such_record, comes_again_by_tcp_when_an_answer_is_cut,
	  asks_for_any_octet_as_it_is, leaves_private_and_loopback_names_to_the_servers,
	  refuses_a_name_that_cannot_be, a_failing_server_is_an_error, garbage_is_an_error,
	  silence_is_an_error_at_the_deadline, a_question_may_outlive_its_answer,
	  answers_are_kept_and_served_when_the_server_is_gone, a_server_that_returns_is_used_again,
	  many_questions_are_under_way_at_once, threads_share_it,
	  a_wrong_server_is_refused_with_the_mend, malformed_data_is_refused,
	  reverse_names_are_right)
