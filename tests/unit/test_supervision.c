/* SPDX-License-Identifier: BSD-2-Clause */
/* What the monitor keeps in tenants.db: states and who set them, evidence, blocklists, findings, and the migration. */
#include "common/blocklists.h"
#include "common/domain_findings.h"
#include "common/supervision_rows.h"
#include "tests/unit/store_fixture.h"
#include <string.h>

#define IP "192.0.2.1"

static void start(void)
{
	fixture_start();
	ck_ok(fixture_sql("INSERT INTO egress_group (id, name) VALUES (1, 'g');"
			  "INSERT INTO egress_ip (address, helo_name, egress_group_id) VALUES"
			  " ('192.0.2.1', 'mx.example.net', 1);"));
}

static struct egress_ip_row get(void)
{
	struct egress_ip_row row;

	ck_assert_int_eq(egress_ips_find(fixture_db, IP, &row, &fixture_error), FOUND_ONE);
	return row;
}

static int64_t number(const char *sql)
{
	struct db_query *query = db_query(fixture_db, sql, &fixture_error);
	int64_t result;

	ck_assert_ptr_nonnull(query);
	ck_assert_int_eq(db_step(query, &fixture_error), FOUND_ONE);
	result = db_int(query, 0);
	db_reset(query);
	return result;
}

static struct evidence_row evidence(const char *zone)
{
	struct evidence_row row = {
	    .address = IP, .kind = EVIDENCE_BLOCKLIST, .history = 5, .looks = 3, .bad = true};

	snprintf(row.subject, sizeof(row.subject), "%s", zone);
	snprintf(row.detail, sizeof(row.detail), "seen");
	return row;
}

START_TEST(an_update_in_plain_sql_is_an_operators_word)
{
	struct egress_ip_row row = get();

	ck_assert(!row.by_monitor);
	ck_assert_int_eq(supervision_move(fixture_db, &row, EGRESS_LISTED, "found", &fixture_error),
			 FOUND_ONE);
	row = get();
	ck_assert(row.by_monitor && row.ip.state == EGRESS_LISTED);
	ck_assert_str_eq(row.reason, "found");
	ck_ok(fixture_sql("UPDATE egress_ip SET state = 'down'"));
	ck_assert(!get().by_monitor);
	row = get();
	ck_assert_int_eq(supervision_move(fixture_db, &row, EGRESS_LISTED, "", &fixture_error),
			 FOUND_ONE);
	ck_ok(fixture_sql("UPDATE egress_ip SET state = 'listed'"));
	ck_assert_msg(!get().by_monitor, "the same state, said by an operator");
}
END_TEST

START_TEST(a_move_changes_only_what_is_still_as_it_was_judged)
{
	struct egress_ip_row seen = get();

	ck_ok(egress_ips_set_state(fixture_db, IP, EGRESS_DOWN, "mine", &fixture_error));
	ck_assert_int_eq(supervision_move(fixture_db, &seen, EGRESS_LISTED, "late", &fixture_error),
			 FOUND_NONE);
	ck_assert_str_eq(get().reason, "mine");
	ck_assert_int_eq(get().ip.state, EGRESS_DOWN);
}
END_TEST

START_TEST(a_warm_up_begins_and_ends_with_an_operators_word_or_its_last_day)
{
	struct egress_ip_row row;

	ck_ok(egress_ips_set_state(fixture_db, IP, EGRESS_WARMING, "", &fixture_error));
	ck_assert_uint_eq(strlen(get().warmup_start), 10);
	ck_ok(supervision_set_spent(fixture_db, IP, true, &fixture_error));
	ck_assert(get().ip.spent);
	row = get();
	ck_assert_int_eq(supervision_move(fixture_db, &row, EGRESS_LISTED, "", &fixture_error),
			 FOUND_ONE);
	ck_assert_msg(get().warmup_start[0], "a listing does not end it");
	row = get();
	ck_assert_int_eq(supervision_move(fixture_db, &row, EGRESS_ACTIVE, "", &fixture_error),
			 FOUND_ONE);
	ck_assert_str_eq(get().warmup_start, "");
	ck_ok(fixture_sql("UPDATE egress_ip SET state = 'warming'"));
	ck_assert_uint_eq(strlen(get().warmup_start), 10);
	ck_ok(fixture_sql("UPDATE egress_ip SET state = 'active'"));
	ck_assert_str_eq(get().warmup_start, "");
}
END_TEST

static void take(const struct evidence_row *row, void *context)
{
	*(struct evidence_row *)context = *row;
}

START_TEST(evidence_is_kept_and_is_no_change_of_policy)
{
	int64_t generation = number("SELECT value FROM generation");
	struct evidence_row row = evidence("bl.example.net"), read = {.looks = 0};

	ck_ok(evidence_rows_put(fixture_db, &row, &fixture_error));
	row.history = 0xffffffff;
	row.looks = 32;
	ck_ok(evidence_rows_put(fixture_db, &row, &fixture_error));
	ck_ok(evidence_rows_list(fixture_db, IP, take, &read, &fixture_error));
	ck_assert(read.history == 0xffffffff && read.looks == 32 && read.bad);
	ck_assert_str_eq(read.subject, "bl.example.net");
	ck_assert_str_eq(read.detail, "seen");
	ck_ok(blocklists_set_health(fixture_db, "bl.spamcop.net", BLOCKLIST_BAD, "dead",
				    &fixture_error));
	ck_assert_int_eq(number("SELECT value FROM generation"), generation);
	ck_ok(evidence_rows_delete(fixture_db, &row, &fixture_error));
	ck_assert_int_eq(number("SELECT count(*) FROM egress_evidence"), 0);
}
END_TEST

START_TEST(evidence_goes_with_what_it_is_about)
{
	static const char *const ends[] = {
	    "DELETE FROM egress_ip",
	    "UPDATE egress_ip SET address = '192.0.2.9'",
	    "DELETE FROM blocklist WHERE zone = 'bl.spamcop.net'",
	    "UPDATE blocklist SET enabled = 0 WHERE zone = 'bl.spamcop.net'",
	};
	struct evidence_row row = evidence("bl.spamcop.net");

	ck_ok(evidence_rows_put(fixture_db, &row, &fixture_error));
	ck_ok(fixture_sql(ends[_i]));
	ck_assert_int_eq(number("SELECT count(*) FROM egress_evidence"), 0);
	if (_i == 0) {
		ck_ok(evidence_rows_put(fixture_db, &row, &fixture_error));
		ck_assert_int_eq(number("SELECT count(*) FROM egress_evidence"), 0);
	}
}
END_TEST

START_TEST(an_operators_word_forgets_evidence)
{
	struct evidence_row row = evidence("bl.spamcop.net");

	ck_ok(evidence_rows_put(fixture_db, &row, &fixture_error));
	ck_ok(egress_ips_set_state(fixture_db, IP, EGRESS_ACTIVE, "", &fixture_error));
	ck_assert_int_eq(number("SELECT count(*) FROM egress_evidence"), 0);
}
END_TEST

static void check_list(const struct blocklist_row *row, void *context)
{
	(*(int *)context)++;
	ck_assert_msg(row->terms[0] != '\0', "%s has no terms", row->zone);
	ck_assert_msg(row->code_count > 0, "%s has no codes", row->zone);
	for (size_t i = 0; i < row->code_count; i++) {
		ck_assert(row->codes[i].meaning[0] != '\0');
		ck_assert(row->codes[i].range.lo.bytes[12] == 127);
	}
}

START_TEST(each_default_list_says_its_terms_and_what_its_codes_mean)
{
	int count = 0;

	ck_ok(blocklists_list(fixture_db, check_list, &count, &fixture_error));
	ck_assert_int_ge(count, 8);
	ck_assert_int_eq(number("SELECT count(*) FROM blocklist WHERE zone = 'zen.spamhaus.org'"
				" AND enabled = 1"),
			 0);
}
END_TEST

START_TEST(lists_are_checked_and_normalized)
{
	struct blocklist_row list = {.zone = "New.Example.Net", .ipv4 = true, .weight = 101}, read;

	ck_fails(blocklists_add(fixture_db, &list, &fixture_error), "101");
	list.weight = 50;
	list.ipv4 = false;
	ck_fails(blocklists_add(fixture_db, &list, &fixture_error), "neither");
	list.ipv4 = true;
	ck_ok(blocklists_add(fixture_db, &list, &fixture_error));
	ck_fails(blocklists_add(fixture_db, &list, &fixture_error), "there already");
	ck_ok(blocklists_copy_codes(fixture_db, "zen.spamhaus.org", "new.example.net",
				    &fixture_error));
	ck_assert_int_eq(blocklists_find(fixture_db, "NEW.example.net", &read, &fixture_error),
			 FOUND_ONE);
	ck_assert(read.code_count == 6 && read.weight == 50 && read.enabled);
	ck_fails(blocklists_delete(fixture_db, "none.example.net", &fixture_error), "no 'none");
	ck_ok(blocklists_delete(fixture_db, "new.example.net", &fixture_error));
	ck_assert_int_eq(number("SELECT count(*) FROM blocklist_code WHERE zone ="
				" 'new.example.net'"),
			 0);
}
END_TEST

static const char *const policy_changes[] = {
    "UPDATE egress_ip SET spent = 1",
    "UPDATE egress_ip SET state = 'limited'",
    "UPDATE egress_ip SET warmup_start = '2026-01-31'",
    "UPDATE blocklist SET weight = 1 WHERE zone = 'bl.spamcop.net'",
    "DELETE FROM blocklist_code WHERE zone = 'bl.spamcop.net'",
    "DELETE FROM warmup_step",
};

START_TEST(what_the_monitor_works_by_raises_the_providers_generation)
{
	int64_t before, after;

	ck_ok(supervision_generation(fixture_db, &before, &fixture_error));
	ck_ok(fixture_sql(policy_changes[_i]));
	ck_ok(supervision_generation(fixture_db, &after, &fixture_error));
	ck_assert_int_gt(after, before);
}
END_TEST

static const char *const wrong[] = {
    "UPDATE egress_ip SET state = 'up'",
    "UPDATE egress_ip SET state_by = 'me'",
    "UPDATE egress_ip SET warmup_start = 'today'",
    "INSERT INTO blocklist (zone, weight) VALUES ('a.example.net', 101)",
    "INSERT INTO blocklist (zone) VALUES ('No Zone')",
    "INSERT INTO blocklist_code (zone, code, meaning) VALUES ('bl.spamcop.net', '10.0.0.1', 'x')",
    "INSERT INTO blocklist_code (zone, code, meaning) VALUES ('none.example.net', '127.0.0.1', "
    "'x')",
    "INSERT INTO egress_ip (address, helo_name, egress_group_id) VALUES ('192.0.2.2', 'a.b', 9)",
    "DELETE FROM egress_group",
};

START_TEST(plain_sql_that_is_wrong_is_refused)
{
	ck_assert(!fixture_sql(wrong[_i]));
}
END_TEST

START_TEST(domains_are_checked_by_turns)
{
	struct domain_check *check;
	char domain[DOMAIN_SIZE];
	int64_t after = 0;
	bool changed;

	ck_ok(fixture_sql(
	    "INSERT INTO tenant (id, name, state, egress_group_id) VALUES (1, 't',"
	    " 'active', 1); INSERT INTO domain (tenant_id, name) VALUES (1, 'a.example'),"
	    " (1, 'b.example');"));
	for (const char *const *name = (const char *const[]){"a.example", "b.example", NULL}; *name;
	     name++) {
		ck_assert_int_eq(
		    domain_findings_next(fixture_db, 60, &after, domain, &fixture_error),
		    FOUND_ONE);
		ck_assert_str_eq(domain, *name);
		ck_ok(domain_check_gather(fixture_db, domain, &check, &fixture_error));
		ck_assert_uint_eq(check->source_count, 1);
		ck_ok(domain_findings_put(fixture_db, check, &changed, &fixture_error));
		ck_assert(changed);
		ck_ok(domain_findings_put(fixture_db, check, &changed, &fixture_error));
		ck_assert(!changed);
		domain_check_free(check);
	}
	ck_assert_int_eq(domain_findings_next(fixture_db, 60, &after, domain, &fixture_error),
			 FOUND_NONE);
	ck_ok(fixture_sql("UPDATE domain_finding SET checked = '2026-01-01T00:00:00Z'"
			  " WHERE domain = 'b.example'"));
	ck_assert_int_eq(domain_findings_next(fixture_db, 60, &after, domain, &fixture_error),
			 FOUND_ONE);
	ck_assert_str_eq(domain, "b.example");
	ck_ok(fixture_sql("DELETE FROM domain WHERE name = 'b.example'"));
	ck_assert_int_eq(domain_findings_next(fixture_db, 60, &after, domain, &fixture_error),
			 FOUND_NONE);
}
END_TEST

START_TEST(a_database_of_before_keeps_its_addresses_and_their_rules)
{
	struct db_migration before[3] = {db_migrations_tenants[0], db_migrations_tenants[1]};
	struct egress_ip_row row;

	fixture_make_directory();
	ck_ok(db_open(fixture_path, DB_CREATE, before, 2000, &fixture_db, &fixture_error));
	ck_ok(
	    fixture_sql("INSERT INTO egress_group (id, name) VALUES (1, 'g');"
			"INSERT INTO egress_ip (id, address, helo_name, egress_group_id, weight,"
			" state, reason, state_since) VALUES (7, '192.0.2.1', 'mx.example.net', 1,"
			" 30, 'draining', 'why', '2026-01-01T00:00:00Z');"));
	store_close(fixture_db);
	ck_ok(store_open(fixture_path, STORE_CREATE, 2000, &fixture_db, &fixture_error));
	row = get();
	ck_assert(row.id == 7 && row.ip.weight == 30 && row.ip.state == EGRESS_DRAINING);
	ck_assert_str_eq(row.reason, "why");
	ck_assert_str_eq(row.state_since, "2026-01-01T00:00:00Z");
	ck_assert(!row.by_monitor);
	ck_assert(!fixture_sql("DELETE FROM egress_group"));
	ck_ok(fixture_sql("INSERT INTO egress_ip (address, helo_name, egress_group_id) VALUES"
			  " ('192.0.2.2', 'mx.example.net', 1)"));
	ck_assert_int_eq(number("SELECT max(id) FROM egress_ip"), 8);
	fixture_stop();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("supervision");
	TCase *rows = tcase_create("rows"), *migration = tcase_create("migration");

	tcase_add_checked_fixture(rows, start, fixture_stop);
	tcase_add_test(rows, an_update_in_plain_sql_is_an_operators_word);
	tcase_add_test(rows, a_move_changes_only_what_is_still_as_it_was_judged);
	tcase_add_test(rows, a_warm_up_begins_and_ends_with_an_operators_word_or_its_last_day);
	tcase_add_test(rows, evidence_is_kept_and_is_no_change_of_policy);
	tcase_add_loop_test(rows, evidence_goes_with_what_it_is_about, 0, 4);
	tcase_add_test(rows, an_operators_word_forgets_evidence);
	tcase_add_test(rows, each_default_list_says_its_terms_and_what_its_codes_mean);
	tcase_add_test(rows, lists_are_checked_and_normalized);
	tcase_add_loop_test(rows, what_the_monitor_works_by_raises_the_providers_generation, 0,
			    sizeof(policy_changes) / sizeof(*policy_changes));
	tcase_add_loop_test(rows, plain_sql_that_is_wrong_is_refused, 0,
			    sizeof(wrong) / sizeof(*wrong));
	tcase_add_test(rows, domains_are_checked_by_turns);
	suite_add_tcase(suite, rows);
	tcase_add_test(migration, a_database_of_before_keeps_its_addresses_and_their_rules);
	suite_add_tcase(suite, migration);
	return fixture_run(suite);
}
