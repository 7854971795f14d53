/* SPDX-License-Identifier: BSD-2-Clause */
/* Policy look-ups: whose policy, what it holds, what a wrong row does, and concurrent changes. */
#include "common/policy.h"
#include "tests/unit/store_fixture.h"
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

static struct policy_store *policies;

static void start(void)
{
	fixture_start();
	ck_ok(fixture_sql(
	    "INSERT INTO egress_group (name) VALUES ('main'), ('own');"
	    "INSERT INTO egress_ip (address, helo_name, egress_group_id) VALUES"
	    " ('127.0.0.1', 'a.example.net', 1), ('127.0.0.2', 'b.example.net', 2);"
	    "INSERT INTO setting (name, value) VALUES ('egress.default_group', 'main');"
	    "INSERT INTO tenant (name, state) VALUES ('a', 'active'), ('b', 'suspended'), ('c', "
	    "'pending');"
	    "INSERT INTO domain (tenant_id, name, subdomains) VALUES (1, 'a.example', 1),"
	    " (2, 'b.example', 0), (3, 'c.example', 0);"
	    "INSERT INTO relay_host (tenant_id, network, shared) VALUES (1, '10.0.0.1', 0),"
	    " (2, '10.0.0.2', 0), (1, '10.1.0.0/16', 1), (2, '10.1.0.0/16', 1), (3, '10.0.0.3', "
	    "0)"));
	ck_ok(policy_store_new(fixture_path, 4, 2000, &policies, &fixture_error));
}

static void stop(void)
{
	policy_store_free(policies);
	fixture_stop();
}

static struct ip ip_of(const char *text)
{
	struct ip ip;

	ck_ok(ip_parse(text, &ip, &fixture_error));
	return ip;
}

static struct policy_answer ask(const char *client, const char *domain)
{
	struct policy_answer answer;
	struct ip ip = ip_of(client);

	ck_ok(policy_of_sender(policies, &ip, domain, &answer, &fixture_error));
	return answer;
}

static bool fails(const char *client, const char *domain, const char *words)
{
	struct policy_answer answer;
	struct ip ip = ip_of(client);

	if (policy_of_sender(policies, &ip, domain, &answer, &fixture_error)) {
		policy_release(answer.policy);
		return false;
	}
	ck_assert_ptr_null(answer.policy);
	ck_assert_msg(strstr(fixture_error.text, words) != NULL, "%s", fixture_error.text);
	return true;
}

START_TEST(answers_for_each_kind_of_client_and_domain)
{
	static const struct {
		const char *client, *domain, *tenant;
		bool known, shared, domain_known, relay;
	} rows[] = {
	    {"10.0.0.1", "a.example", "a", true, false, true, true},
	    {"10.0.0.1", "x.y.a.example", "a", true, false, true, true},
	    {"10.0.0.1", "b.example", "a", true, false, false, true},
	    {"10.0.0.1", "x.b.example", "a", true, false, false, true},
	    {"10.0.0.1", NULL, "a", true, false, false, true},
	    {"10.1.2.3", "a.example", "a", true, true, true, true},
	    {"10.1.2.3", "b.example", "b", true, true, true, true},
	    {"10.1.2.3", "c.example", "c", true, true, true, false},
	    {"10.1.2.3", "nobody.example", NULL, true, true, false, false},
	    {"10.1.2.3", NULL, NULL, true, true, false, false},
	    {"10.9.9.9", "a.example", "a", false, false, true, false},
	    {"10.9.9.9", NULL, NULL, false, false, false, false},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policy_answer answer = ask(rows[i].client, rows[i].domain);

		ck_assert_msg(answer.client_known == rows[i].known &&
				  answer.client_shared == rows[i].shared &&
				  answer.domain_known == rows[i].domain_known &&
				  answer.is_relay_host == rows[i].relay,
			      "row %zu", i);
		ck_assert_str_eq(answer.policy ? answer.policy->tenant : "-",
				 rows[i].tenant ? rows[i].tenant : "-");
		policy_release(answer.policy);
	}
}
END_TEST

START_TEST(a_policy_holds_settings_domains_and_egress)
{
	struct policy_answer answer = ask("10.0.0.1", "a.example"), later;

	ck_assert_int_eq(answer.policy->state, TENANT_ACTIVE);
	ck_assert_int_eq(answer.policy->settings[SETTING_FROM_POLICY].number, FROM_ENFORCE);
	ck_assert_str_eq(answer.policy->ways[WAY_CORPORATE].group, "main");
	ck_assert_uint_eq(answer.policy->ways[WAY_CORPORATE].egress->count, 1);
	ck_assert(policy_owns_domain(answer.policy, "a.example"));
	ck_assert(policy_owns_domain(answer.policy, "deep.below.a.example"));
	ck_assert(!policy_owns_domain(answer.policy, "b.example"));
	ck_assert(!policy_owns_domain(answer.policy, "xa.example"));
	ck_assert(!policy_owns_domain(answer.policy, "example"));
	ck_ok(fixture_sql("INSERT INTO setting VALUES (1, 'from.policy', 'tag');"
			  "UPDATE tenant SET egress_group_id = 2 WHERE id = 1;"
			  "DELETE FROM domain WHERE name = 'a.example'"));
	later = ask("10.0.0.1", NULL);
	ck_assert_int_eq(later.policy->settings[SETTING_FROM_POLICY].number, FROM_TAG);
	ck_assert_str_eq(later.policy->ways[WAY_CORPORATE].group, "own");
	ck_assert(!policy_owns_domain(later.policy, "a.example"));
	ck_assert_int_gt(later.generation, answer.generation);
	/* A message keeps to its end what it began with. */
	ck_assert(policy_owns_domain(answer.policy, "a.example"));
	ck_assert_str_eq(answer.policy->ways[WAY_CORPORATE].group, "main");
	policy_release(answer.policy);
	policy_release(later.policy);
}
END_TEST

START_TEST(each_way_has_the_group_of_its_setting)
{
	struct policy_answer answer = ask("10.0.0.1", "a.example"), later;

	ck_assert_str_eq(answer.policy->ways[WAY_BULK].group, "");
	ck_assert_uint_eq(answer.policy->ways[WAY_BULK].egress->count, 0);
	ck_assert_uint_eq(answer.policy->ways[WAY_SUSPECT].egress->count, 0);
	ck_ok(fixture_sql("INSERT INTO setting VALUES (0, 'bulk.egress_group', 'own'),"
			  " (2, 'bulk.egress_group', '')"));
	later = ask("10.0.0.1", "a.example");
	ck_assert_str_eq(later.policy->ways[WAY_BULK].group, "own");
	ck_assert_uint_eq(later.policy->ways[WAY_BULK].egress->count, 1);
	policy_release(answer.policy);
	policy_release(later.policy);
	later = ask("10.0.0.2", "b.example");
	ck_assert_str_eq(later.policy->ways[WAY_BULK].group, "");
	policy_release(later.policy);
}
END_TEST

START_TEST(the_stream_of_a_domain_holds_below_it)
{
	struct policy_answer answer;

	ck_ok(fixture_sql("UPDATE domain SET stream = 'bulk' WHERE name = 'a.example';"
			  "INSERT INTO domain (tenant_id, name) VALUES (1, 'office.a.example')"));
	answer = ask("10.0.0.1", "a.example");
	ck_assert(policy_domain_is_bulk(answer.policy, "a.example"));
	ck_assert(policy_domain_is_bulk(answer.policy, "news.a.example"));
	ck_assert(!policy_domain_is_bulk(answer.policy, "office.a.example"));
	ck_assert(!policy_domain_is_bulk(answer.policy, "b.example"));
	policy_release(answer.policy);
}
END_TEST

START_TEST(a_change_of_a_hosts_stream_counts_at_once)
{
	struct policy_answer answer = ask("10.0.0.1", "a.example");

	ck_assert_int_eq(answer.stream, WAY_CORPORATE);
	policy_release(answer.policy);
	ck_ok(fixture_sql("UPDATE relay_host SET stream = 'bulk' WHERE network = '10.0.0.1'"));
	answer = ask("10.0.0.1", "a.example");
	ck_assert_int_eq(answer.stream, WAY_BULK);
	policy_release(answer.policy);
	answer = ask("10.1.2.3", "a.example");
	ck_assert_int_eq(answer.stream, WAY_CORPORATE);
	policy_release(answer.policy);
}
END_TEST

START_TEST(a_tenant_is_found_by_its_number)
{
	struct policy_answer answer;

	ck_ok(policy_of_tenant(policies, 2, &answer, &fixture_error));
	ck_assert_str_eq(answer.policy->tenant, "b");
	policy_release(answer.policy);
	ck_ok(policy_of_tenant(policies, 99, &answer, &fixture_error));
	ck_assert_ptr_null(answer.policy);
}
END_TEST

/* Statements that would have mail of two ways share addresses. */
static const char *const mixtures[] = {
    "INSERT INTO setting VALUES (0, 'bulk.egress_group', 'main')",
    "INSERT INTO setting VALUES (1, 'antispam.suspect_group', 'main')",
    "UPDATE setting SET name = 'bulk.egress_group' WHERE name = 'egress.default_group';"
    "INSERT INTO setting VALUES (0, 'egress.default_group', 'main')",
    "INSERT INTO setting VALUES (0, 'bulk.egress_group', 'own'),"
    " (1, 'antispam.suspect_group', 'own')",
    "INSERT INTO setting VALUES (0, 'egress.fallback_group', 'own'),"
    " (0, 'bulk.egress_group', 'own')",
    "INSERT INTO setting VALUES (0, 'bulk.egress_group', 'own'),"
    " (0, 'egress.fallback_group', 'own')",
    "INSERT INTO setting VALUES (0, 'bulk.egress_group', 'own');"
    "UPDATE tenant SET egress_group_id = 2 WHERE id = 1",
    "INSERT INTO setting VALUES (2, 'bulk.egress_group', 'own');"
    "INSERT INTO tenant (name, egress_group_id) VALUES ('d', 2)",
    "UPDATE tenant SET egress_group_id = 2 WHERE id = 1;"
    "INSERT INTO setting VALUES (2, 'bulk.egress_group', 'own')",
    "UPDATE tenant SET egress_group_id = 2 WHERE id = 1;"
    "UPDATE setting SET name = 'bulk.egress_group', value = 'own'",
};

START_TEST(no_statement_makes_two_ways_share_a_group)
{
	for (size_t i = 0; i < sizeof(mixtures) / sizeof(mixtures[0]); i++) {
		ck_ok(fixture_sql("BEGIN"));
		ck_assert_msg(!fixture_sql(mixtures[i]), "%s", mixtures[i]);
		ck_assert_msg(strstr(fixture_error.text, "name a group that does not") != NULL,
			      "%s: %s", mixtures[i], fixture_error.text);
		ck_ok(fixture_sql("ROLLBACK"));
	}
	ck_ok(fixture_sql("INSERT INTO setting VALUES (0, 'bulk.egress_group', 'own'),"
			  " (0, 'egress.fallback_group', 'main')"));
	ck_ok(fixture_sql("DELETE FROM egress_ip"));
	ck_fails(fixture_sql("DELETE FROM egress_group WHERE name = 'own'"), "bulk or suspicious");
}
END_TEST

START_TEST(equal_generations_share_one_policy)
{
	struct policy_answer first = ask("10.0.0.1", "a.example"), second, third;

	ck_ok(fixture_sql("UPDATE tenant SET title = 'x' WHERE id = 2"));
	second = ask("10.0.0.1", "a.example");
	ck_assert_ptr_eq(first.policy, second.policy);
	ck_ok(fixture_sql("UPDATE egress_ip SET state = 'down' WHERE id = 1"));
	third = ask("10.0.0.1", "a.example");
	ck_assert_ptr_ne(first.policy, third.policy);
	ck_assert_int_eq(third.policy->ways[WAY_CORPORATE].egress->ips[0].state, EGRESS_DOWN);
	policy_release(first.policy);
	policy_release(second.policy);
	policy_release(third.policy);
}
END_TEST

START_TEST(a_wrong_setting_is_an_error_for_its_tenant_only)
{
	ck_ok(fixture_sql("INSERT INTO setting VALUES (1, 'from.policy', 'whatever')"));
	ck_assert(fails("10.0.0.1", "a.example", "whatever"));
	policy_release(ask("10.0.0.2", "b.example").policy);
	ck_ok(fixture_sql("INSERT INTO setting VALUES (0, 'from.policy', 'bad'),"
			  " (2, 'from.policy', 'off')"));
	policy_release(ask("10.0.0.2", "b.example").policy);
	ck_assert(fails("10.0.0.3", "c.example", "bad"));
}
END_TEST

START_TEST(a_domain_without_its_tenant_is_an_error_not_nobody)
{
	ck_ok(fixture_sql("PRAGMA foreign_keys = OFF; DROP TRIGGER tenant_reference_delete;"
			  "DELETE FROM tenant WHERE id = 1"));
	ck_assert(fails("10.0.0.1", "a.example", "tenant 1"));
	policy_release(ask("10.0.0.2", "b.example").policy);
}
END_TEST

START_TEST(an_egress_address_that_is_none_is_left_out)
{
	struct policy_answer answer;

	ck_ok(fixture_sql("INSERT INTO egress_ip (address, helo_name, egress_group_id)"
			  " VALUES ('1.2.3', 'c.example.net', 1)"));
	answer = ask("10.0.0.1", "a.example");
	ck_assert_uint_eq(answer.policy->ways[WAY_CORPORATE].egress->count, 1);
	policy_release(answer.policy);
}
END_TEST

static enum found best_of(const char *client, enum tenant_state *best_r)
{
	struct ip ip = ip_of(client);
	int64_t generation;

	return policy_of_client(policies, &ip, best_r, &generation, &fixture_error);
}

START_TEST(a_client_has_the_best_state_among_its_tenants)
{
	enum tenant_state best;

	ck_assert_int_eq(best_of("10.9.9.9", &best), FOUND_NONE);
	ck_assert_int_eq(best_of("10.0.0.2", &best), FOUND_ONE);
	ck_assert_int_eq(best, TENANT_SUSPENDED);
	ck_assert_int_eq(best_of("10.0.0.3", &best), FOUND_ONE);
	ck_assert_int_eq(best, TENANT_PENDING);
	ck_assert_int_eq(best_of("10.1.2.3", &best), FOUND_ONE);
	ck_assert_int_eq(best, TENANT_ACTIVE);
	ck_ok(fixture_sql("UPDATE tenant SET state = 'closed' WHERE id = 1"));
	ck_assert_int_eq(best_of("10.1.2.3", &best), FOUND_ONE);
	ck_assert_int_eq(best, TENANT_SUSPENDED);
}
END_TEST

START_TEST(finds_the_policy_of_a_domain_and_the_default_egress)
{
	struct policy_answer answer;
	struct egress_set *set;
	char group[NAME_SIZE];

	ck_ok(policy_of_domain(policies, "sub.a.example", &answer, &fixture_error));
	ck_assert_str_eq(answer.policy->tenant, "a");
	policy_release(answer.policy);
	ck_ok(policy_of_domain(policies, "nobody.example", &answer, &fixture_error));
	ck_assert_ptr_null(answer.policy);
	ck_assert_int_eq(policy_default_egress(policies, group, &set, &fixture_error), FOUND_ONE);
	ck_assert_str_eq(group, "main");
	ck_assert_uint_eq(set->count, 1);
	egress_set_free(set);
	ck_ok(fixture_sql("DELETE FROM setting"));
	ck_assert_int_eq(policy_default_egress(policies, group, &set, &fixture_error), FOUND_NONE);
}
END_TEST

START_TEST(a_missing_database_is_an_error_until_it_is_there)
{
	char aside[160];
	struct policy_answer answer;

	answer = ask("10.0.0.1", "a.example");
	snprintf(aside, sizeof(aside), "%s.aside", fixture_path);
	store_close(fixture_db);
	fixture_db = NULL;
	ck_assert_int_eq(rename(fixture_path, aside), 0);
	ck_assert(fails("10.0.0.1", "a.example", "No such file"));
	ck_assert_int_eq(rename(aside, fixture_path), 0);
	policy_release(ask("10.0.0.1", "a.example").policy);
	policy_release(answer.policy);
}
END_TEST

START_TEST(opens_a_database_that_comes_later)
{
	struct policy_store *early;
	struct db *db;
	char path[160];
	int64_t generation;

	snprintf(path, sizeof(path), "%s/later.db", fixture_directory);
	ck_ok(policy_store_new(path, 1, 50, &early, &fixture_error));
	ck_assert(!policy_generation(early, &generation, &fixture_error));
	ck_ok(store_open(path, STORE_CREATE, 50, &db, &fixture_error));
	ck_ok(policy_generation(early, &generation, &fixture_error));
	store_close(db);
	policy_store_free(early);
}
END_TEST

START_TEST(an_answer_beside_pending_rows_is_not_kept)
{
	struct policy_answer answer;
	size_t done;

	ck_ok(fixture_sql("INSERT INTO relay_host (tenant_id, network) VALUES (3, '10.8.0.1')"));
	ck_ok(store_index_relay_hosts(fixture_db, 100, &done, &fixture_error));
	/* The block waits and keeps out the address after it, until it is found to have a fault. */
	ck_ok(fixture_sql("INSERT INTO relay_host (tenant_id, network) VALUES (2, '10.8.0.0/16');"
			  "INSERT INTO relay_host (tenant_id, network) VALUES (1, '10.8.9.9')"));
	answer = ask("10.8.9.9", "a.example");
	ck_assert(!answer.client_known && !answer.is_relay_host);
	policy_release(answer.policy);
	ck_ok(store_index_relay_hosts(fixture_db, 100, &done, &fixture_error));
	ck_assert_uint_eq(done, 2);
	answer = ask("10.8.9.9", "a.example");
	ck_assert(answer.client_known && answer.is_relay_host);
	policy_release(answer.policy);
}
END_TEST

START_TEST(an_empty_domain_is_an_error)
{
	ck_assert(fails("10.0.0.1", "", "is empty"));
}
END_TEST

/* The writer moves a host and a domain between tenants 1 and 2, both in one transaction. */
static atomic_bool writing_done;

static void *write_swaps(void *unused)
{
	int i;

	for (i = 0; i < 200; i++) {
		const char *sql =
		    i % 2 == 0 ? "UPDATE domain SET tenant_id = 1 WHERE name = 'moving.example';"
				 "UPDATE relay_host SET tenant_id = 1 WHERE network = '10.7.7.7'"
			       : "UPDATE domain SET tenant_id = 2 WHERE name = 'moving.example';"
				 "UPDATE relay_host SET tenant_id = 2 WHERE network = '10.7.7.7'";
		struct error err;
		size_t done;

		if (!store_begin(fixture_db, &err) || !db_exec(fixture_db, sql, &err) ||
		    !store_commit(fixture_db, &err) ||
		    (i % 3 == 0 && !store_index_relay_hosts(fixture_db, 100, &done, &err)))
			abort();
	}
	atomic_store(&writing_done, true);
	return unused;
}

static void *read_swaps(void *wrong)
{
	struct policy_answer answer;
	struct error err;
	struct ip ip;

	if (!ip_parse("10.7.7.7", &ip, &err))
		abort();
	while (!atomic_load(&writing_done)) {
		if (!policy_of_sender(policies, &ip, "moving.example", &answer, &err) ||
		    !answer.is_relay_host || !answer.domain_known || !answer.policy ||
		    !policy_owns_domain(answer.policy, "moving.example"))
			atomic_fetch_add((atomic_int *)wrong, 1);
		policy_release(answer.policy);
	}
	return NULL;
}

START_TEST(no_reader_sees_half_a_change)
{
	pthread_t readers[6], writer;
	atomic_int wrong = 0;
	size_t i;

	ck_ok(fixture_sql("INSERT INTO domain (tenant_id, name) VALUES (2, 'moving.example');"
			  "INSERT INTO relay_host (tenant_id, network) VALUES (2, '10.7.7.7');"
			  "PRAGMA synchronous = NORMAL"));
	pthread_create(&writer, NULL, write_swaps, NULL);
	for (i = 0; i < 6; i++)
		pthread_create(&readers[i], NULL, read_swaps, &wrong);
	pthread_join(writer, NULL);
	for (i = 0; i < 6; i++)
		pthread_join(readers[i], NULL);
	ck_assert_int_eq(wrong, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy");
	TCase *tests = tcase_create("policy");

	tcase_add_checked_fixture(tests, start, stop);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, answers_for_each_kind_of_client_and_domain);
	tcase_add_test(tests, a_policy_holds_settings_domains_and_egress);
	tcase_add_test(tests, each_way_has_the_group_of_its_setting);
	tcase_add_test(tests, a_change_of_a_hosts_stream_counts_at_once);
	tcase_add_test(tests, a_tenant_is_found_by_its_number);
	tcase_add_test(tests, the_stream_of_a_domain_holds_below_it);
	tcase_add_test(tests, no_statement_makes_two_ways_share_a_group);
	tcase_add_test(tests, equal_generations_share_one_policy);
	tcase_add_test(tests, a_wrong_setting_is_an_error_for_its_tenant_only);
	tcase_add_test(tests, a_domain_without_its_tenant_is_an_error_not_nobody);
	tcase_add_test(tests, an_egress_address_that_is_none_is_left_out);
	tcase_add_test(tests, a_client_has_the_best_state_among_its_tenants);
	tcase_add_test(tests, finds_the_policy_of_a_domain_and_the_default_egress);
	tcase_add_test(tests, a_missing_database_is_an_error_until_it_is_there);
	tcase_add_test(tests, opens_a_database_that_comes_later);
	tcase_add_test(tests, an_answer_beside_pending_rows_is_not_kept);
	tcase_add_test(tests, an_empty_domain_is_an_error);
	tcase_add_test(tests, no_reader_sees_half_a_change);
	suite_add_tcase(suite, tests);
	return fixture_run(suite);
}
