/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's pure functions: evidence, the state machine, refusals, warm-up. */
#include "services/monitor/egress_machine.h"
#include "services/monitor/evidence.h"
#include "services/monitor/refusals.h"
#include "services/monitor/warmup.h"
#include "tests/unit/unit.h"
#include <string.h>

/* Looks: b bad, w well, u unknown. Verdicts after each of them: B bad, - well. */
static const struct {
	unsigned bad, window, well;
	const char *looks, *verdicts;
} series[] = {
    {2, 3, 3, "b", "-"},
    {2, 3, 3, "bb", "-B"},
    {2, 3, 3, "bwb", "--B"},
    {2, 3, 3, "bwwb", "----"},
    {2, 3, 3, "bwwbb", "----B"},
    {2, 3, 3, "wwwwwwwwwwwwbb", "-------------B"},
    {2, 3, 3, "bbwww", "-BBB-"},
    {2, 3, 3, "bbwwbwww", "-BBBBBB-"},
    {2, 3, 3, "bbwwwb", "-BBB--"},
    {2, 3, 3, "bbwwwbb", "-BBB--B"},
    {1, 1, 1, "bwbw", "B-B-"},
    {3, 5, 2, "bwbwb", "----B"},
    {2, 3, 3, "uuuu", "----"},
    {2, 3, 3, "bub", "--B"},
    {2, 3, 3, "bbuuuuuu", "-BBBBBBB"},
    {2, 3, 3, "bbwuwuw", "-BBBBB-"},
    {2, 3, 32, "bbwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww", "-BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB-"},
};

START_TEST(bad_after_k_of_n_and_well_after_a_row_of_good_looks)
{
	for (size_t row = 0; row < COUNT(series); row++) {
		struct evidence_rules rules = {series[row].bad, series[row].window,
					       series[row].well};
		struct evidence evidence = {0};

		ck_assert_uint_eq(strlen(series[row].looks), strlen(series[row].verdicts));
		for (const char *look = series[row].looks; *look; look++) {
			bool before = evidence.bad, expected;
			enum sight sight = *look == 'b'   ? SIGHT_BAD
					   : *look == 'w' ? SIGHT_WELL
							  : SIGHT_UNKNOWN;
			bool changed = evidence_note(&evidence, sight, &rules);

			expected = series[row].verdicts[look - series[row].looks] == 'B';
			ck_assert_msg(evidence.bad == expected, "row %zu, look %zu", row,
				      (size_t)(look - series[row].looks));
			ck_assert_int_eq(changed, evidence.bad != before);
		}
	}
}
END_TEST

START_TEST(alternating_looks_change_the_verdict_once_at_most)
{
	static const char *const patterns[] = {"bw", "wb", "bbw", "bww", "bbww", "buw", "bwwww"};
	struct evidence_rules rules = {2, 3, 5};

	for (size_t row = 0; row < COUNT(patterns); row++) {
		struct evidence evidence = {0};
		int changes = 0;

		for (int i = 0; i < 1000; i++) {
			char look = patterns[row][(size_t)i % strlen(patterns[row])];

			changes += evidence_note(&evidence,
						 look == 'b'   ? SIGHT_BAD
						 : look == 'w' ? SIGHT_WELL
							       : SIGHT_UNKNOWN,
						 &rules);
		}
		ck_assert_msg(changes <= 1, "%s: %d changes", patterns[row], changes);
	}
}
END_TEST

START_TEST(nothing_is_remembered_of_what_has_long_been_well)
{
	struct evidence_rules rules = {2, 3, 3};
	struct evidence evidence = {0};

	ck_assert(evidence_is_blank(&evidence));
	evidence_note(&evidence, SIGHT_BAD, &rules);
	ck_assert(!evidence_is_blank(&evidence) && evidence_is_in_doubt(&evidence));
	for (int i = 0; i < 3; i++)
		evidence_note(&evidence, SIGHT_WELL, &rules);
	ck_assert(evidence_is_blank(&evidence) && !evidence_is_in_doubt(&evidence));
	evidence_note(&evidence, SIGHT_BAD, &rules);
	evidence_note(&evidence, SIGHT_BAD, &rules);
	ck_assert(!evidence_is_blank(&evidence) && !evidence_is_in_doubt(&evidence));
}
END_TEST

static const struct {
	struct egress_facts facts;
	enum egress_state state;
	const char *reason;
} rulings[] = {
    {{.state = EGRESS_ACTIVE}, EGRESS_ACTIVE, ""},
    {{.state = EGRESS_ACTIVE, .by_operator = true}, EGRESS_ACTIVE, ""},
    {{.state = EGRESS_WARMING}, EGRESS_ACTIVE, ""},
    {{.state = EGRESS_WARMING, .warming = true}, EGRESS_WARMING, ""},
    {{.state = EGRESS_LISTED, .warming = true}, EGRESS_WARMING, ""},
    {{.state = EGRESS_ACTIVE, .listed = "L", .listed_weight = 100}, EGRESS_LISTED, "L"},
    {{.state = EGRESS_ACTIVE, .listed = "L", .listed_weight = 99}, EGRESS_ACTIVE, ""},
    {{.state = EGRESS_ACTIVE, .by_operator = true, .listed = "L", .listed_weight = 140},
     EGRESS_LISTED,
     "L"},
    {{.state = EGRESS_WARMING, .warming = true, .listed = "L", .listed_weight = 100},
     EGRESS_LISTED,
     "L"},
    {{.state = EGRESS_ACTIVE, .refused = "R"}, EGRESS_LISTED, "R"},
    {{.state = EGRESS_ACTIVE, .listed = "L", .listed_weight = 100, .refused = "R"},
     EGRESS_LISTED,
     "L; R"},
    {{.state = EGRESS_ACTIVE, .listed = "L", .listed_weight = 40, .refused = "R"},
     EGRESS_LISTED,
     "R"},
    {{.state = EGRESS_ACTIVE, .refused_by = "D"}, EGRESS_LIMITED, "D"},
    {{.state = EGRESS_ACTIVE, .misnamed = "N"}, EGRESS_LIMITED, "N"},
    {{.state = EGRESS_ACTIVE, .refused_by = "D", .misnamed = "N"}, EGRESS_LIMITED, "D; N"},
    {{.state = EGRESS_LIMITED, .listed = "L", .listed_weight = 100, .misnamed = "N"},
     EGRESS_LISTED,
     "L"},
    {{.state = EGRESS_LISTED, .absent = "A", .listed = "L", .listed_weight = 100},
     EGRESS_DOWN,
     "A"},
    {{.state = EGRESS_DOWN}, EGRESS_ACTIVE, ""},
    {{.state = EGRESS_DOWN, .by_operator = true}, EGRESS_DOWN, ""},
    {{.state = EGRESS_DOWN, .by_operator = true, .listed = "L", .listed_weight = 100},
     EGRESS_DOWN,
     ""},
    {{.state = EGRESS_DRAINING, .by_operator = true, .absent = "A"}, EGRESS_DRAINING, ""},
    {{.state = EGRESS_DRAINING, .by_operator = true, .warming = true}, EGRESS_DRAINING, ""},
    {{.state = EGRESS_LISTED, .by_operator = true}, EGRESS_ACTIVE, ""},
};

START_TEST(the_gravest_fact_decides_and_an_operators_word_stands)
{
	for (size_t row = 0; row < COUNT(rulings); row++) {
		struct egress_ruling ruling;

		egress_machine_rule(&rulings[row].facts, &ruling);
		ck_assert_msg(ruling.state == rulings[row].state, "row %zu: %s", row,
			      egress_state_name(ruling.state));
		ck_assert_str_eq(ruling.reason, rulings[row].reason);
	}
}
END_TEST

static const struct {
	struct refusal_tally own, others;
	bool kept;
	enum sight sight;
} tallies[] = {
    {{0, 0}, {0, 0}, false, SIGHT_UNKNOWN},
    {{0, 0}, {0, 500}, false, SIGHT_UNKNOWN},
    {{0, 0}, {0, 500}, true, SIGHT_WELL},
    {{0, 3}, {0, 500}, false, SIGHT_UNKNOWN},
    {{0, 3}, {0, 500}, true, SIGHT_WELL},
    {{0, 100}, {0, 0}, false, SIGHT_WELL},
    {{9, 9}, {0, 500}, false, SIGHT_UNKNOWN},
    {{10, 10}, {0, 500}, false, SIGHT_BAD},
    {{10, 10}, {0, 9}, false, SIGHT_UNKNOWN},
    {{10, 10}, {0, 10}, false, SIGHT_BAD},
    {{10, 50}, {0, 500}, false, SIGHT_BAD},
    {{10, 51}, {0, 500}, false, SIGHT_WELL},
    {{100, 100}, {100, 500}, false, SIGHT_BAD},
    {{100, 100}, {101, 500}, false, SIGHT_WELL},
    {{100, 100}, {500, 500}, false, SIGHT_WELL},
    {{1000000, 1000000}, {1, 1000000}, false, SIGHT_BAD},
    {{10, 10}, {0, 500}, true, SIGHT_BAD},
};

START_TEST(a_surge_is_what_the_others_of_the_group_do_not_have)
{
	for (size_t row = 0; row < COUNT(tallies); row++)
		ck_assert_msg(refusals_judge(&tallies[row].own, &tallies[row].others, 10,
					     tallies[row].kept) == tallies[row].sight,
			      "row %zu", row);
}
END_TEST

START_TEST(a_warm_up_grows_by_its_schedule_and_ends)
{
	static const struct warmup_schedule schedule = {3, {{1, 50}, {2, 100}, {5, 400}}};
	static const struct {
		const char *start, *today;
		int64_t allowance; /* -1: no day of the warm-up */
	} days[] = {
	    {"2026-02-27", "2026-02-26", -1},
	    {"2026-02-27", "2026-02-27", 50},
	    {"2026-02-27", "2026-02-28", 100},
	    {"2026-02-27", "2026-03-01", 100},
	    {"2026-02-27", "2026-03-02", 100},
	    {"2026-02-27", "2026-03-03", 400},
	    {"2026-02-27", "2026-03-04", -1},
	    {"2025-12-31", "2026-01-01", 100},
	    {"", "2026-01-01", -1},
	    {"yesterday", "2026-01-01", -1},
	};

	for (size_t row = 0; row < COUNT(days); row++) {
		int64_t allowance = -1, day = warmup_day(days[row].start, days[row].today);
		bool warm = warmup_allowance(&schedule, day, &allowance);

		ck_assert_int_eq(warm, days[row].allowance >= 0);
		ck_assert_int_eq(allowance, days[row].allowance);
	}
	ck_assert(!warmup_allowance(&(struct warmup_schedule){0}, 1, &(int64_t){0}));
}
END_TEST

UNIT_MAIN("monitor_rules", bad_after_k_of_n_and_well_after_a_row_of_good_looks,
	  alternating_looks_change_the_verdict_once_at_most,
	  nothing_is_remembered_of_what_has_long_been_well,
	  the_gravest_fact_decides_and_an_operators_word_stands,
	  a_surge_is_what_the_others_of_the_group_do_not_have,
	  a_warm_up_grows_by_its_schedule_and_ends)
