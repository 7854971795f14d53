/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of addresses and ranges; masks are checked against a loop over single bits. */
#include "common/ip.h"
#include "tests/unit/unit.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static struct ip ip_of(const char *text)
{
	struct error err;
	struct ip ip;

	ck_assert_msg(ip_parse(text, &ip, &err), "%s", err.text);
	return ip;
}

static struct ip_range range_of(const char *text)
{
	struct error err;
	struct ip_range range;

	ck_assert_msg(ip_range_parse(text, &range, &err), "%s", err.text);
	return range;
}

START_TEST(an_address_is_one_however_it_is_spelled)
{
	static const char *const table[][2] = {
	    {"192.0.2.7", "192.0.2.7"},
	    {"::ffff:192.0.2.7", "192.0.2.7"},
	    {"::FFFF:c000:0207", "192.0.2.7"},
	    {"0:0:0:0:0:ffff:192.0.2.7", "192.0.2.7"},
	    {"0.0.0.0", "0.0.0.0"},
	    {"255.255.255.255", "255.255.255.255"},
	    {"2001:DB8::7", "2001:db8::7"},
	    {"2001:0db8:0000:0000:0000:0000:0000:0007", "2001:db8::7"},
	    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
	    {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
	    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
	    {"::", "::"},
	    {"::1", "::1"},
	    {"fe80::1", "fe80::1"},
	    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	};
	char text[IP_TEXT_SIZE];

	for (size_t i = 0; i < COUNT(table); i++) {
		struct ip ip = ip_of(table[i][0]);

		ip_format(&ip, text);
		ck_assert_str_eq(text, table[i][1]);
		ck_assert_int_eq(ip_is_v4(&ip), strchr(table[i][1], ':') == NULL);
	}
}
END_TEST

START_TEST(refuses_what_is_no_address)
{
	static const char *const table[] = {
	    "",
	    " ",
	    "192.0.2",
	    "192.0.2.256",
	    "192.0.2.07",
	    "0x7f.1",
	    "127.1",
	    "192.0.2.7 ",
	    " 192.0.2.7",
	    "[2001:db8::]",
	    "fe80::1%lo",
	    ":::",
	    "1:2:3:4:5",
	    "192.0.2.7/32",
	    "example.org",
	    "2001:db8::g",
	    "1::2::3",
	    "12345::",
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		struct error err = {""};
		struct ip ip;

		ck_assert_msg(!ip_parse(table[i], &ip, &err), "\"%s\"", table[i]);
		ck_assert_ptr_nonnull(strstr(err.text, table[i]));
		ck_assert_ptr_nonnull(strstr(err.text, "192.0.2.7 or"));
	}
}
END_TEST

START_TEST(reads_socket_addresses)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000207)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr local = {.sa_family = AF_UNIX};
	struct ip ip, expected = ip_of("192.0.2.7");

	ck_assert(ip_from_sockaddr((const struct sockaddr *)&v4, &ip));
	ck_assert_int_eq(ip_compare(&ip, &expected), 0);
	ck_assert_int_eq(inet_pton(AF_INET6, "::ffff:192.0.2.7", &v6.sin6_addr), 1);
	ck_assert(ip_from_sockaddr((const struct sockaddr *)&v6, &ip));
	ck_assert_int_eq(ip_compare(&ip, &expected), 0);
	ck_assert(!ip_from_sockaddr(&local, &ip));
}
END_TEST

/* Sets the bits from `prefix` on to `value`, one by one. */
static struct ip fill(const struct ip *ip, unsigned prefix, bool value)
{
	struct ip filled = *ip;

	for (unsigned bit = prefix; bit < 128; bit++)
		if (value)
			filled.bytes[bit / 8] |= (unsigned char)(0x80 >> bit % 8);
		else
			filled.bytes[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
	return filled;
}

/* Parses address/prefix as `shift` bits less than in 128, and compares with the loop over bits. */
static void check_prefix(const char *address, unsigned prefix, unsigned shift)
{
	struct ip full = ip_of(address), lo = fill(&full, prefix, false),
		  hi = fill(&full, prefix, true);
	char text[IP_RANGE_TEXT_SIZE], base[IP_TEXT_SIZE], formatted[IP_RANGE_TEXT_SIZE];
	struct ip_range range;

	ip_format(&lo, base);
	snprintf(text, sizeof(text), "%s/%u", base, prefix - shift);
	range = range_of(text);
	ck_assert_int_eq(ip_compare(&range.lo, &lo), 0);
	ck_assert_int_eq(ip_compare(&range.hi, &hi), 0);
	ck_assert(ip_range_contains(&range, &full));
	ip_range_format(&range, formatted);
	ck_assert_str_eq(formatted, prefix == 128 ? base : text);
}

START_TEST(every_prefix_length_agrees_with_single_bits)
{
	for (unsigned prefix = 96; prefix <= 128; prefix++) {
		check_prefix("203.0.113.77", prefix, 96);
		check_prefix("255.255.255.255", prefix, 96);
	}
	for (unsigned prefix = 1; prefix <= 128; prefix++)
		check_prefix("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", prefix, 0);
	for (unsigned prefix = 3; prefix <= 128; prefix++)
		check_prefix("2001:db8:aaaa:5555:1234:89ab:cdef:7", prefix, 0);
}
END_TEST

START_TEST(bits_behind_the_prefix_are_refused_with_both_readings)
{
	static const char *const table[][3] = {
	    {"192.0.2.7/24", "192.0.2.7 for", "192.0.2.0/24"},
	    {"192.0.2.1/0", "192.0.2.1 for", "0.0.0.0/0"},
	    {"192.0.2.1/31", "192.0.2.1 for", "192.0.2.0/31"},
	    {"2001:db8::1/32", "2001:db8::1 for", "2001:db8::/32"},
	    {"::ffff:192.0.2.7/120", "192.0.2.7 for", "192.0.2.0/24"},
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		struct error err = {""};
		struct ip_range range;

		ck_assert(!ip_range_parse(table[i][0], &range, &err));
		for (size_t j = 0; j < 3; j++)
			ck_assert_msg(strstr(err.text, table[i][j]) != NULL, "%s", err.text);
	}
}
END_TEST

START_TEST(refuses_what_is_no_range)
{
	static const char *const table[] = {
	    "",
	    "/",
	    "/24",
	    "192.0.2.0/",
	    "192.0.2.0/33",
	    "192.0.2.0/-1",
	    "192.0.2.0/024",
	    "192.0.2.0/+8",
	    "192.0.2.0/8 ",
	    "192.0.2.0/24/24",
	    "2001:db8::/129",
	    "192.0.2.0/4294967320",
	    "192.0.2.0/255.255.255.0",
	    "192.0.2/24",
	    "::ffff:192.0.2.0/24",
	    "192.0.2.0-192.0.2.9",
	    "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb/64",
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		struct error err = {""};
		struct ip_range range;

		ck_assert_msg(!ip_range_parse(table[i], &range, &err), "\"%s\"", table[i]);
		ck_assert_str_ne(err.text, "");
	}
}
END_TEST

START_TEST(no_ipv6_block_takes_in_ipv4)
{
	struct ip v4 = ip_of("198.51.100.1");
	struct ip_range range;
	struct error err;

	for (unsigned prefix = 0; prefix <= 128; prefix++) {
		char text[IP_RANGE_TEXT_SIZE];

		snprintf(text, sizeof(text), "::/%u", prefix);
		if (ip_range_parse(text, &range, &err))
			ck_assert_msg(!ip_range_contains(&range, &v4), "%s", text);
		else
			ck_assert_msg(prefix <= 80 && strstr(err.text, "2000::/3") != NULL, "%s",
				      text);
	}
	range = range_of("::ffff:0:0/96");
	ck_assert(ip_range_contains(&range, &v4));
	range = range_of("2000::/3");
	ck_assert(!ip_range_contains(&range, &v4));
	range = range_of("0.0.0.0/0");
	ck_assert(ip_range_contains(&range, &v4));
	ck_assert(!ip_range_contains(&range, &(struct ip){{0}}));
}
END_TEST

START_TEST(overlap_is_a_common_address)
{
	static const char *const table[] = {
	    "192.0.2.0/24", "192.0.2.0/25",  "192.0.2.128/25", "192.0.2.255",   "192.0.3.0",
	    "192.0.0.0/16", "2001:db8::/32", "2001:db8::/128", "2001:db9::/32",
	};

	for (size_t i = 0; i < COUNT(table); i++)
		for (size_t j = 0; j < COUNT(table); j++) {
			struct ip_range a = range_of(table[i]), b = range_of(table[j]);
			bool common = ip_range_contains(&a, &b.lo) || ip_range_contains(&b, &a.lo);

			ck_assert_int_eq(ip_range_overlaps(&a, &b), common);
		}
}
END_TEST

START_TEST(next_and_previous_step_by_one)
{
	static const char *const table[][2] = {
	    {"192.0.2.255", "192.0.3.0"},
	    {"255.255.255.255", "::1:0:0:0"},
	    {"::", "::1"},
	    {"2001:db8::ffff:ffff", "2001:db8::1:0:0"},
	    {"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"},
	};
	struct ip first = ip_of("::"), last = ip_of("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), out;

	for (size_t i = 0; i < COUNT(table); i++) {
		struct ip before = ip_of(table[i][0]), after = ip_of(table[i][1]);

		ck_assert(ip_next(&before, &out));
		ck_assert_int_eq(ip_compare(&out, &after), 0);
		ck_assert(ip_previous(&after, &out));
		ck_assert_int_eq(ip_compare(&out, &before), 0);
		ck_assert_int_lt(ip_compare(&before, &after), 0);
	}
	ck_assert(!ip_next(&last, &out));
	ck_assert(!ip_previous(&first, &out));
}
END_TEST

UNIT_MAIN("ip", an_address_is_one_however_it_is_spelled, refuses_what_is_no_address,
	  reads_socket_addresses, every_prefix_length_agrees_with_single_bits,
	  bits_behind_the_prefix_are_refused_with_both_readings, refuses_what_is_no_range,
	  no_ipv6_block_takes_in_ipv4, overlap_is_a_common_address, next_and_previous_step_by_one)
