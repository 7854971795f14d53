/* SPDX-License-Identifier: BSD-2-Clause */
/* How long SPF results last, whose they are, and how many are kept. */
#include "common/spf_cache.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000)
#define START  (INT64_C(5000) * SECOND)

static struct spf_cache *cache;
static struct ip address;

static void start(size_t max)
{
	struct error err;

	cache = spf_cache_new(max);
	ck_assert(ip_parse("192.0.2.7", &address, &err));
}

static struct mailbox sender_of(const char *text)
{
	struct mailbox sender;
	struct error err;

	ck_assert_msg(mailbox_parse(text, &sender, &err), "%s", err.text);
	return sender;
}

static struct spf_entry *entry(const char *text)
{
	struct mailbox sender = sender_of(text);

	return spf_cache_entry(cache, &sender, &address);
}

static void put(const char *text, enum spf_result result, int64_t ttl, int64_t now_ms)
{
	struct mailbox sender = sender_of(text);
	struct spf_outcome outcome = {.result = result, .ttl = ttl};

	spf_cache_put(cache, &sender, &address, &outcome, now_ms);
}

START_TEST(nothing_is_known_of_a_new_sender_and_it_is_due)
{
	start(100);
	ck_assert(spf_entry_is_due(entry("a@x.example"), START));
	ck_assert(!spf_entry_is_fresh(entry("a@x.example"), START));
	ck_assert_int_eq(spf_entry_last(entry("a@x.example"), START), SPF_TEMPERROR);
	spf_cache_free(cache);
}
END_TEST

START_TEST(a_result_serves_the_domain_for_its_ttl_and_is_due_shortly_before)
{
	start(100);
	put("a@x.example", SPF_PASS, 100, START);
	ck_assert(!spf_entry_is_due(entry("b@X.example"), START + 89 * SECOND));
	ck_assert(spf_entry_is_due(entry("b@x.example"), START + 90 * SECOND));
	ck_assert(spf_entry_is_fresh(entry("b@x.example"), START + 100 * SECOND - 1));
	ck_assert(!spf_entry_is_fresh(entry("b@x.example"), START + 100 * SECOND));
	ck_assert_int_eq(spf_entry_last(entry("b@x.example"), START + 100 * SECOND), SPF_PASS);
	ck_assert(!spf_entry_is_fresh(entry("a@y.example"), START));
	spf_cache_free(cache);
}
END_TEST

START_TEST(a_ttl_has_bounds)
{
	start(100);
	put("a@x.example", SPF_FAIL, 0, START);
	ck_assert(spf_entry_is_fresh(entry("a@x.example"), START + SPF_TTL_MIN * SECOND - 1));
	put("a@x.example", SPF_FAIL, 86400, START);
	ck_assert(!spf_entry_is_fresh(entry("a@x.example"), START + SPF_TTL_MAX * SECOND));
	spf_cache_free(cache);
}
END_TEST

START_TEST(dns_trouble_keeps_what_was_known_and_waits_before_it_asks_again)
{
	int64_t later = START + 100 * SECOND, too_old;

	start(100);
	put("a@x.example", SPF_FAIL, 100, START);
	put("a@x.example", SPF_TEMPERROR, 0, later);
	ck_assert(!spf_entry_is_fresh(entry("a@x.example"), later));
	ck_assert_int_eq(spf_entry_last(entry("a@x.example"), later), SPF_FAIL);
	ck_assert(!spf_entry_is_due(entry("a@x.example"), later + SPF_TTL_ERROR * SECOND - 1));
	ck_assert(spf_entry_is_due(entry("a@x.example"), later + SPF_TTL_ERROR * SECOND));
	too_old = START + (100 + SPF_STALE_MAX) * SECOND;
	ck_assert_int_eq(spf_entry_last(entry("a@x.example"), too_old - 1), SPF_FAIL);
	ck_assert_int_eq(spf_entry_last(entry("a@x.example"), too_old), SPF_TEMPERROR);
	spf_cache_free(cache);
}
END_TEST

START_TEST(a_sender_that_is_asked_is_not_due_again)
{
	start(100);
	entry("a@x.example")->is_asked = true;
	ck_assert(!spf_entry_is_due(entry("b@x.example"), START));
	put("a@x.example", SPF_PASS, 1, START);
	ck_assert(spf_entry_is_due(entry("b@x.example"), START + SECOND));
	spf_cache_free(cache);
}
END_TEST

/* The outcome of an evaluation that read these records. */
static struct spf_outcome outcome_of(enum spf_result result, const char *first, const char *second)
{
	struct spf_answer answer = {.result = result, .ttl = 60, .record_count = 1};
	struct spf_outcome outcome;
	char texts[2][128];

	snprintf(texts[0], sizeof(texts[0]), "%s", first);
	answer.records[0].text = texts[0];
	if (second != NULL) {
		snprintf(texts[1], sizeof(texts[1]), "%s", second);
		answer.records[answer.record_count++].text = texts[1];
	}
	spf_outcome_read(&answer, &outcome);
	return outcome;
}

START_TEST(macros_of_the_local_part_give_each_sender_a_result_of_its_own)
{
	struct spf_outcome outcome =
	    outcome_of(SPF_FAIL, "v=spf1 include:y.example -all", "v=spf1 exists:%{l}.z.example");
	struct mailbox sender = sender_of("a@x.example");

	start(100);
	ck_assert(outcome.is_by_sender);
	ck_assert_str_eq(outcome.record, "v=spf1 include:y.example -all");
	spf_cache_put(cache, &sender, &address, &outcome, START);
	ck_assert_ptr_null(outcome.record);
	ck_assert_int_eq(spf_entry_last(entry("a@x.example"), START), SPF_FAIL);
	ck_assert_str_eq(entry("a@x.example")->record, "v=spf1 include:y.example -all");
	ck_assert_int_eq(spf_entry_last(entry("b@x.example"), START), SPF_TEMPERROR);
	ck_assert(spf_entry_is_due(entry("b@x.example"), START));
	put("b@x.example", SPF_TEMPERROR, 0, START); /* does not make it the domain's again */
	ck_assert_int_eq(spf_entry_last(entry("a@x.example"), START), SPF_FAIL);
	put("a@x.example", SPF_PASS, 60, START); /* the macro is gone */
	ck_assert_int_eq(spf_entry_last(entry("b@x.example"), START), SPF_PASS);
	spf_cache_free(cache);
}
END_TEST

START_TEST(records_tell_whose_result_it_is)
{
	static const struct {
		const char *record;
		bool is_by_sender, is_unknown;
	} table[] = {
	    {"v=spf1 -all", false, false},
	    {"v=spf1 exists:%{ir}.%{d}.x.example -all", false, false},
	    {"v=spf1 exists:%{S}.x.example -all", true, false},
	    {"v=spf1 exists:%{l1r-}.x.example -all", true, false},
	    {"v=spf1 exists:%%{l}.x.example -all", false, false},
	    {"v=spf1 exists:%_%{l}.x.example -all", true, false},
	    {"v=spf1 a:%{h} -all", false, true},
	    {"v=spf1 %", false, false},
	    {"v=spf1 %{", false, false},
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		struct spf_outcome outcome = outcome_of(SPF_PASS, table[i].record, NULL);

		ck_assert_msg(outcome.is_by_sender == table[i].is_by_sender, "%s", table[i].record);
		ck_assert_int_eq(outcome.result == SPF_TEMPERROR, table[i].is_unknown);
		ck_assert(!outcome.is_dns_down);
	}
}
END_TEST

START_TEST(the_number_of_entries_is_bounded_and_the_oldest_gives_way)
{
	int kept = 0;

	start(64);
	for (int i = 0; i < 1000; i++) {
		char text[64];

		snprintf(text, sizeof(text), "a@x%d.example", i);
		put(text, SPF_PASS, 3600, START);
		put("a@used.example", SPF_PASS, 3600, START); /* always the newest of its set */
	}
	for (int i = 999; i >= 0; i--) {
		char text[64];

		snprintf(text, sizeof(text), "a@x%d.example", i);
		kept += spf_entry_is_fresh(entry(text), START);
	}
	ck_assert_int_le(kept, 64);
	ck_assert_int_gt(kept, 8);
	spf_cache_free(cache);
}
END_TEST

UNIT_MAIN("spf_cache", nothing_is_known_of_a_new_sender_and_it_is_due,
	  a_result_serves_the_domain_for_its_ttl_and_is_due_shortly_before, a_ttl_has_bounds,
	  dns_trouble_keeps_what_was_known_and_waits_before_it_asks_again,
	  a_sender_that_is_asked_is_not_due_again,
	  macros_of_the_local_part_give_each_sender_a_result_of_its_own,
	  records_tell_whose_result_it_is,
	  the_number_of_entries_is_bounded_and_the_oldest_gives_way)
