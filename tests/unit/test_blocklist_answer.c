/* SPDX-License-Identifier: BSD-2-Clause */
/* What answers of blocklists mean: listings, errors, lies. */
#include "common/blocklist_answer.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

#define RECORDS_MAX 4

/* An answer of these A records, or with none of that status. */
static struct dns_answer make_answer(const char *records, enum dns_status status,
				     struct dns_record space[RECORDS_MAX])
{
	struct dns_answer answer = {.status = status, .records = space};
	char word[IP_TEXT_SIZE];
	struct error err;
	int used;

	for (; sscanf(records, "%45s%n", word, &used) == 1; records += used) {
		ck_assert_uint_lt(answer.count, RECORDS_MAX);
		ck_assert(ip_parse(word, &space[answer.count++].ip, &err));
		answer.status = DNS_FOUND;
	}
	return answer;
}

static struct blocklist_code make_code(const char *range, bool listing, const char *meaning)
{
	struct blocklist_code code = {.listing = listing};
	struct error err;

	ck_assert(ip_range_parse(range, &code.range, &err));
	snprintf(code.meaning, sizeof(code.meaning), "%s", meaning);
	return code;
}

START_TEST(names_are_made_as_rfc_5782_has_them)
{
	static const char nibbles[] =
	    "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4."
	    "list.example";
	char name[DNS_NAME_MAX + 1], zone[BLOCKLIST_ZONE_SIZE + 60];
	struct error err;
	struct ip ip;

	ck_assert(ip_parse("192.0.2.99", &ip, &err));
	ck_assert(blocklist_name(&ip, "bad.example.com", name));
	ck_assert_str_eq(name, "99.2.0.192.bad.example.com");
	ck_assert(ip_parse("4321:0:1:2:3:4:567:89ab", &ip, &err));
	ck_assert(blocklist_name(&ip, "list.example", name));
	ck_assert_str_eq(name, nibbles);
	memset(zone, 'a', sizeof(zone));
	zone[sizeof(zone) - 1] = '\0';
	ck_assert(!blocklist_name(&ip, zone, name));
	blocklist_point_name(false, true, "list.example", name);
	ck_assert_str_eq(name, "2.0.0.127.list.example");
	blocklist_point_name(true, false, "list.example", name);
	ck_assert_str_eq(name, "1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
			       "list.example");
}
END_TEST

static const struct {
	const char *records;
	enum dns_status status; /* without records */
	bool with_codes;
	enum blocklist_sight sight;
	const char *detail;
} answers[] = {
    {"", DNS_NXDOMAIN, true, BLOCKLIST_CLEAR, ""},
    {"", DNS_NODATA, true, BLOCKLIST_CLEAR, ""},
    {"", DNS_TIMEOUT, true, BLOCKLIST_UNKNOWN, "no answer"},
    {"", DNS_SERVFAIL, true, BLOCKLIST_UNKNOWN, "no answer"},
    {"", DNS_BOGUS, true, BLOCKLIST_UNKNOWN, "no answer"},
    {"", DNS_BAD_ANSWER, true, BLOCKLIST_UNKNOWN, "no answer"},
    {"", DNS_FAILED, true, BLOCKLIST_UNKNOWN, "no answer"},
    {"127.0.0.2", 0, true, BLOCKLIST_LISTED, "127.0.0.2: spam"},
    {"127.0.0.6", 0, true, BLOCKLIST_LISTED, "127.0.0.6: exploit"},
    {"127.0.0.8", 0, true, BLOCKLIST_UNKNOWN, "unknown meaning"},
    {"127.0.0.10", 0, true, BLOCKLIST_CLEAR, "127.0.0.10: dynamic"},
    {"127.0.0.10 127.0.0.2", 0, true, BLOCKLIST_LISTED, "127.0.0.2: spam"},
    {"127.0.0.2 127.0.0.10", 0, true, BLOCKLIST_LISTED, "127.0.0.2: spam"},
    {"127.0.0.8 127.0.0.2", 0, true, BLOCKLIST_LISTED, "127.0.0.2: spam"},
    {"127.0.0.2 127.0.0.8", 0, true, BLOCKLIST_LISTED, "127.0.0.2: spam"},
    {"127.0.0.10 127.0.0.8", 0, true, BLOCKLIST_UNKNOWN, "127.0.0.8"},
    {"127.255.255.254", 0, true, BLOCKLIST_UNKNOWN, "refuses"},
    {"127.255.255.252", 0, false, BLOCKLIST_UNKNOWN, "refuses"},
    {"127.255.255.255 127.0.0.10", 0, true, BLOCKLIST_UNKNOWN, "refuses"},
    {"127.0.0.10 127.255.255.255", 0, true, BLOCKLIST_UNKNOWN, "refuses"},
    {"203.0.113.80", 0, true, BLOCKLIST_UNKNOWN, "rewrites"},
    {"203.0.113.80", 0, false, BLOCKLIST_UNKNOWN, "rewrites"},
    {"127.0.0.3", 0, false, BLOCKLIST_LISTED, "127.0.0.3: listed"},
    {"127.1.0.3", 0, false, BLOCKLIST_UNKNOWN, "127.1.0.3"},
};

START_TEST(only_a_code_that_means_so_is_a_listing)
{
	struct blocklist_code codes[] = {make_code("127.0.0.2", true, "spam"),
					 make_code("127.0.0.4/30", true, "exploit"),
					 make_code("127.0.0.10", false, "dynamic")};

	for (size_t row = 0; row < COUNT(answers); row++) {
		struct dns_record space[RECORDS_MAX] = {0};
		struct dns_answer answer =
		    make_answer(answers[row].records, answers[row].status, space);
		char detail[BLOCKLIST_DETAIL_SIZE];
		size_t count = answers[row].with_codes ? COUNT(codes) : 0;
		enum blocklist_sight sight = blocklist_read(&answer, codes, count, detail);

		ck_assert_msg(sight == answers[row].sight, "row %zu: %d", row, (int)sight);
		ck_assert_msg(strstr(detail, answers[row].detail), "row %zu: %s", row, detail);
	}
}
END_TEST

static const struct {
	const char *listed, *clear; /* records; "-" NXDOMAIN, "?" SERVFAIL */
	enum blocklist_health health;
	const char *detail;
} points[] = {
    {"127.0.0.2", "-", BLOCKLIST_GOOD, ""},
    {"127.0.0.10 127.0.0.4", "-", BLOCKLIST_GOOD, ""},
    {"127.0.0.2", "127.0.0.2", BLOCKLIST_BAD, "the world"},
    {"-", "-", BLOCKLIST_BAD, "dead"},
    {"-", "127.0.0.2", BLOCKLIST_BAD, "the world"},
    {"203.0.113.80", "203.0.113.80", BLOCKLIST_BAD, "rewrites"},
    {"127.0.0.2", "203.0.113.80", BLOCKLIST_BAD, "rewrites"},
    {"127.255.255.254", "127.255.255.254", BLOCKLIST_BAD, "refuses"},
    {"127.255.255.254", "-", BLOCKLIST_BAD, "refuses"},
    {"203.0.113.80", "-", BLOCKLIST_BAD, "error code"},
    {"?", "-", BLOCKLIST_HEALTH_UNKNOWN, "no answer"},
    {"127.0.0.2", "?", BLOCKLIST_HEALTH_UNKNOWN, "no answer"},
    {"?", "?", BLOCKLIST_HEALTH_UNKNOWN, "no answer"},
};

static struct dns_answer make_point(const char *text, struct dns_record space[RECORDS_MAX])
{
	if (*text == '?')
		return make_answer("", DNS_SERVFAIL, space);
	return make_answer(*text == '-' ? "" : text, DNS_NXDOMAIN, space);
}

START_TEST(test_points_tell_dead_lying_and_refusing_lists)
{
	for (size_t row = 0; row < COUNT(points); row++) {
		struct dns_record space[2][RECORDS_MAX] = {0};
		struct dns_answer listed = make_point(points[row].listed, space[0]);
		struct dns_answer clear = make_point(points[row].clear, space[1]);
		char detail[BLOCKLIST_DETAIL_SIZE];
		enum blocklist_health health = blocklist_judge(&listed, &clear, detail);

		ck_assert_msg(health == points[row].health, "row %zu: %s", row,
			      blocklist_health_name(health));
		ck_assert_msg(strstr(detail, points[row].detail), "row %zu: %s", row, detail);
	}
}
END_TEST

START_TEST(healths_have_names)
{
	enum blocklist_health health;

	for (int i = BLOCKLIST_HEALTH_UNKNOWN; i <= BLOCKLIST_BAD; i++) {
		ck_assert(blocklist_health_parse(blocklist_health_name((enum blocklist_health)i),
						 &health));
		ck_assert_int_eq(health, i);
	}
	ck_assert(!blocklist_health_parse("well", &health));
}
END_TEST

UNIT_MAIN("blocklist_answer", names_are_made_as_rfc_5782_has_them,
	  only_a_code_that_means_so_is_a_listing, test_points_tell_dead_lying_and_refusing_lists,
	  healths_have_names)
