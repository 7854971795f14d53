/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the choice of an egress IP: stability, shares by weight, preference. */
#include "common/egress_select.h"
#include "tests/unit/unit.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SENDERS 20000

/* A set of `count` addresses 192.0.2.1 and on, all active, with weight 100. */
static struct egress_set *make_set(size_t count)
{
	struct egress_set *set = egress_set_new(count);

	for (size_t i = 0; i < count; i++) {
		struct error err;
		char text[IP_TEXT_SIZE];

		snprintf(text, sizeof(text), "192.0.2.%zu", i + 1);
		ck_assert(ip_parse(text, &set->ips[i].address, &err));
		set->ips[i].weight = 100;
	}
	return set;
}

static void set_address(struct egress_ip *ip, const char *text)
{
	struct error err;

	ck_assert_msg(ip_parse(text, &ip->address, &err), "%s", err.text);
}

/* The index of the choice for sender number i; -1 for none. */
static int choose(const struct egress_set *set, int i)
{
	const struct egress_ip *ip;
	char key[64];

	snprintf(key, sizeof(key), "user%d@customer%d.example", i, i % 97);
	ip = egress_select(set, key);
	return ip == NULL ? -1 : (int)(ip - set->ips);
}

START_TEST(an_ip_that_goes_down_moves_its_own_senders_only_and_gets_them_back)
{
	struct egress_set *set = make_set(5);
	static int before[SENDERS];
	int moved[5] = {0};

	for (int i = 0; i < SENDERS; i++)
		before[i] = choose(set, i);
	set->ips[2].state = EGRESS_DOWN;
	for (int i = 0; i < SENDERS; i++) {
		int now = choose(set, i);

		ck_assert_int_ne(now, 2);
		if (before[i] != 2)
			ck_assert_int_eq(now, before[i]);
		else
			moved[now]++;
	}
	for (int i = 0; i < 5; i++) /* they are spread over the rest evenly: 1000 each */
		ck_assert_msg(i == 2 || abs(moved[i] - SENDERS / 20) < 150, "%d", moved[i]);
	set->ips[2].state = EGRESS_ACTIVE;
	for (int i = 0; i < SENDERS; i++)
		ck_assert_int_eq(choose(set, i), before[i]);
	egress_set_free(set);
}
END_TEST

START_TEST(a_raised_weight_moves_senders_to_that_ip_only)
{
	struct egress_set *set = make_set(4);
	static int before[SENDERS];

	for (int i = 0; i < SENDERS; i++)
		before[i] = choose(set, i);
	set->ips[1].weight = 300;
	for (int i = 0; i < SENDERS; i++) {
		int now = choose(set, i);

		ck_assert(now == before[i] || now == 1);
	}
	egress_set_free(set);
}
END_TEST

START_TEST(shares_follow_the_weights)
{
	static const unsigned weights[] = {1, 9, 40, 50, 100, 300, 500};
	struct egress_set *set = make_set(COUNT(weights));
	int counts[COUNT(weights)] = {0};

	for (size_t i = 0; i < COUNT(weights); i++)
		set->ips[i].weight = weights[i];
	for (int i = 0; i < 5 * SENDERS; i++)
		counts[choose(set, i)]++;
	for (size_t i = 0; i < COUNT(weights); i++) {
		double expected = 5.0 * SENDERS * weights[i] / 1000;

		/* Four standard deviations. */
		ck_assert_msg(fabs(counts[i] - expected) < 4 * sqrt(expected), "weight %u: %d",
			      weights[i], counts[i]);
	}
	egress_set_free(set);
}
END_TEST

START_TEST(the_order_of_the_set_does_not_matter)
{
	struct egress_set *set = make_set(6), *reversed = make_set(6);

	for (size_t i = 0; i < 6; i++)
		reversed->ips[i] = set->ips[5 - i];
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(choose(set, i), 5 - choose(reversed, i));
	egress_set_free(set);
	egress_set_free(reversed);
}
END_TEST

START_TEST(ipv4_before_ipv6_and_active_before_draining)
{
	enum { V4, V6, V4_DRAINING, V6_DRAINING };
	static const struct {
		const char *address;
		enum egress_state state;
	} table[] = {
	    [V4] = {"192.0.2.1", EGRESS_ACTIVE},
	    [V6] = {"2001:db8::1", EGRESS_ACTIVE},
	    [V4_DRAINING] = {"192.0.2.2", EGRESS_DRAINING},
	    [V6_DRAINING] = {"2001:db8::2", EGRESS_DRAINING},
	};
	struct egress_set *set = make_set(COUNT(table));

	for (size_t i = 0; i < COUNT(table); i++) {
		set_address(&set->ips[i], table[i].address);
		set->ips[i].state = table[i].state;
	}
	for (int down = 0; down <= (int)COUNT(table); down++) {
		for (int i = 0; i < 200; i++)
			ck_assert_int_eq(choose(set, i), down < (int)COUNT(table) ? down : -1);
		if (down < (int)COUNT(table))
			set->ips[down].state = EGRESS_DOWN;
	}
	egress_set_free(set);
}
END_TEST

/* The index of the choice by ranks, '0' the best, one letter for each IP. */
static int choose_ranked(const struct egress_set *set, const char *ranks, int i)
{
	const struct egress_ip *ip;
	unsigned char numbers[8];
	char key[64];

	for (size_t at = 0; at < set->count; at++)
		numbers[at] = (unsigned char)(ranks[at] - '0');
	snprintf(key, sizeof(key), "user%d@customer%d.example", i, i % 97);
	ip = egress_select_ranked(set, key, numbers);
	return ip == NULL ? -1 : (int)(ip - set->ips);
}

/* States: a active, g draining (going), d down. Chosen: all that some sender gets. */
static const struct {
	const char *addresses[4], *states, *ranks, *chosen;
} ranked[] = {
    {{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "aaa", "000", "012"},
    {{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "aaa", "333", "012"},
    {{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "aaa", "101", "1"},
    {{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "aaa", "313", "1"},
    {{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "aaa", "010", "02"},
    {{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "ada", "303", "02"},
    {{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "aga", "303", "1"},
    {{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "gga", "001", "01"},
    {{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "gga", "000", "2"},
    {{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "ddd", "000", ""},
    {{"192.0.2.1", "192.0.2.2", "2001:db8::1"}, "aaa", "330", "01"},
    {{"192.0.2.1", "192.0.2.2", "2001:db8::1"}, "dda", "003", "2"},
    {{"192.0.2.1", "2001:db8::2", "2001:db8::1"}, "daa", "003", "1"},
    {{"192.0.2.1", "2001:db8::2", "2001:db8::1"}, "gaa", "003", "1"},
};

static struct egress_set *make_ranked(int row)
{
	struct egress_set *set = make_set(strlen(ranked[row].states));

	for (size_t i = 0; i < set->count; i++) {
		char state = ranked[row].states[i];

		set_address(&set->ips[i], ranked[row].addresses[i]);
		set->ips[i].state = state == 'a'   ? EGRESS_ACTIVE
				    : state == 'g' ? EGRESS_DRAINING
						   : EGRESS_DOWN;
	}
	return set;
}

START_TEST(ranks_choose_among_the_addresses_that_may_send)
{
	for (int row = 0; row < (int)COUNT(ranked); row++) {
		struct egress_set *set = make_ranked(row);
		bool seen[4] = {false};

		for (int i = 0; i < 200; i++) {
			int chosen = choose_ranked(set, ranked[row].ranks, i);

			ck_assert_int_eq(chosen < 0, *ranked[row].chosen == '\0');
			if (chosen >= 0)
				seen[chosen] = true;
		}
		for (size_t i = 0; i < set->count; i++)
			ck_assert_msg(seen[i] == (strchr(ranked[row].chosen, '0' + (int)i) != NULL),
				      "row %d, address %zu", row, i);
		egress_set_free(set);
	}
}
END_TEST

START_TEST(a_rank_moves_no_sender_but_those_of_its_own_ip)
{
	struct egress_set *set = make_set(5);

	for (int i = 0; i < 2000; i++) {
		int plain = choose(set, i), now = choose_ranked(set, "00300", i);

		ck_assert_int_eq(choose_ranked(set, "11111", i), plain);
		ck_assert(plain == 2 ? now != 2 : now == plain);
	}
	egress_set_free(set);
}
END_TEST

START_TEST(an_empty_set_and_a_set_without_weight_choose_none)
{
	struct egress_set *empty = egress_set_new(0), *weightless = make_set(2);

	weightless->ips[0].weight = weightless->ips[1].weight = 0;
	ck_assert_int_eq(choose(empty, 1), -1);
	ck_assert_int_eq(choose(weightless, 1), -1);
	ck_assert_int_eq(choose_ranked(empty, "", 1), -1);
	ck_assert_int_eq(choose_ranked(weightless, "00", 1), -1);
	egress_set_free(empty);
	egress_set_free(weightless);
	egress_set_free(NULL);
}
END_TEST

START_TEST(the_choice_is_the_same_in_every_build)
{
	/* Senders must not move because of an update: these change only with a reason in the changelog. */
	static const char expected[] = "25545630";
	struct egress_set *set = make_set(8);
	char chosen[sizeof(expected)] = "";

	for (size_t i = 0; i < sizeof(expected) - 1; i++)
		chosen[i] = (char)('0' + choose(set, (int)i));
	ck_assert_str_eq(chosen, expected);
	egress_set_free(set);
}
END_TEST

START_TEST(transport_names_are_distinct_and_fit_master_cf)
{
	static const char *const table[][2] = {
	    {"192.0.2.7", "easymail-192.0.2.7"},
	    {"::ffff:192.0.2.7", "easymail-192.0.2.7"},
	    {"2001:db8::7", "easymail-2001-db8--7"},
	    {"::7", "easymail---7"},
	    {"2001:db8:1111:2222:3333:4444:5555:6666",
	     "easymail-2001-db8-1111-2222-3333-4444-5555-6666"},
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		char name[EGRESS_TRANSPORT_SIZE];
		struct egress_ip ip;

		set_address(&ip, table[i][0]);
		egress_transport_name(&ip.address, name);
		ck_assert_str_eq(name, table[i][1]);
	}
}
END_TEST

START_TEST(group_transport_names_stay_distinct_when_cut)
{
	char a[EGRESS_TRANSPORT_SIZE], b[EGRESS_TRANSPORT_SIZE], group[64];

	egress_group_transport_name("bulk", a);
	ck_assert_str_eq(a, "easymail-group-bulk");
	memset(group, 'g', sizeof(group) - 1);
	group[sizeof(group) - 1] = '\0';
	egress_group_transport_name(group, a);
	group[62] = 'h';
	egress_group_transport_name(group, b);
	ck_assert_uint_eq(strlen(a), EGRESS_TRANSPORT_SIZE - 1);
	ck_assert_uint_eq(strlen(b), EGRESS_TRANSPORT_SIZE - 1);
	ck_assert_str_ne(a, b);
}
END_TEST

START_TEST(states_have_names)
{
	enum egress_state state;

	for (int i = EGRESS_ACTIVE; i <= EGRESS_DOWN; i++) {
		ck_assert(egress_state_parse(egress_state_name((enum egress_state)i), &state));
		ck_assert_int_eq(state, i);
	}
	ck_assert(!egress_state_parse("", &state));
	ck_assert(!egress_state_parse("Active", &state));
	ck_assert(!egress_state_parse("downs", &state));
}
END_TEST

UNIT_MAIN("egress_select", an_ip_that_goes_down_moves_its_own_senders_only_and_gets_them_back,
	  a_raised_weight_moves_senders_to_that_ip_only, shares_follow_the_weights,
	  the_order_of_the_set_does_not_matter, ipv4_before_ipv6_and_active_before_draining,
	  ranks_choose_among_the_addresses_that_may_send,
	  a_rank_moves_no_sender_but_those_of_its_own_ip,
	  an_empty_set_and_a_set_without_weight_choose_none, the_choice_is_the_same_in_every_build,
	  transport_names_are_distinct_and_fit_master_cf,
	  group_transport_names_stay_distinct_when_cut, states_have_names)
