/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules as rows of tenants.db: their order, what counts, and that each change is compiled once for all threads. */
#include "common/content_rule_rows.h"
#include "common/content_rule_store.h"
#include "tests/unit/store_fixture.h"
#include "tests/unit/unit.h"
#include <pthread.h>
#include <string.h>

static struct policy_store *policies;
static struct content_rule_store *store;

static void start(void)
{
	fixture_start();
	ck_ok(fixture_sql(
	    "INSERT INTO tenant (name, state) VALUES ('alpha', 'active'), ('beta', 'active');"
	    "INSERT INTO domain (tenant_id, name) VALUES (1, 'alpha.example'), (2, "
	    "'beta.example');"));
	ck_ok(policy_store_new(fixture_path, 4, 2000, &policies, &fixture_error));
	store = content_rule_store_new(policies);
}

static void stop(void)
{
	content_rule_store_free(store);
	policy_store_free(policies);
	fixture_stop();
}

/* The policy of the domain's tenant as of now; the caller releases. */
static struct policy *policy_of(const char *domain)
{
	struct policy_answer answer;
	struct error err;

	ck_assert_msg(policy_of_domain(policies, domain, &answer, &err), "%s", err.text);
	ck_assert_ptr_nonnull(answer.policy);
	return answer.policy;
}

struct both {
	struct content_rules *provider, *tenant;
};

static struct both rules_of(const char *domain)
{
	struct policy *policy = policy_of(domain);
	struct both both;
	struct error err;

	ck_assert_msg(content_rule_store_get(store, policy, &both.provider, &both.tenant, &err),
		      "%s", err.text);
	policy_release(policy);
	return both;
}

static void release(struct both both)
{
	content_rules_release(both.provider);
	content_rules_release(both.tenant);
}

static int64_t add(const char *tenant, const char *condition, int64_t position)
{
	struct content_rule_row row = {.tenant = tenant,
				       .position = position,
				       .enabled = true,
				       .condition = condition,
				       .action = "discard",
				       .comment = ""};
	int64_t number = 0;

	ck_ok(store_begin(fixture_db, &fixture_error));
	ck_ok(content_rule_rows_add(fixture_db, &row, &number, &fixture_error));
	ck_ok(store_commit(fixture_db, &fixture_error));
	return number;
}

static void note(const struct content_rule_row *row, void *context)
{
	char *text = context;

	snprintf(text + strlen(text), 256 - strlen(text), "%s%lld:%lld ", row->tenant,
		 (long long)row->number, (long long)row->position);
}

static void expect_order(const char *tenant, const char *expected)
{
	char text[256] = "";

	ck_ok(store_begin(fixture_db, &fixture_error));
	ck_ok(content_rule_rows_list(fixture_db, tenant, note, text, &fixture_error));
	store_rollback(fixture_db);
	ck_assert_str_eq(text, expected);
}

static void move(int64_t number, int64_t position)
{
	ck_ok(store_begin(fixture_db, &fixture_error));
	ck_ok(content_rule_rows_move(fixture_db, number, position, &fixture_error));
	ck_ok(store_commit(fixture_db, &fixture_error));
}

START_TEST(rows_keep_an_order_for_each_owner)
{
	start();
	add("alpha", "any", 0);
	add("alpha", "any", 0);
	add("", "any", 0);
	add("alpha", "any", 1);
	add("beta", "any", 9);
	expect_order("alpha", "alpha4:1 alpha1:2 alpha2:3 ");
	expect_order(NULL, "3:1 alpha4:1 alpha1:2 alpha2:3 beta5:1 ");
	move(4, 3);
	expect_order("alpha", "alpha1:1 alpha2:2 alpha4:3 ");
	move(4, 2);
	expect_order("alpha", "alpha1:1 alpha4:2 alpha2:3 ");
	move(1, 99);
	expect_order("alpha", "alpha4:1 alpha2:2 alpha1:3 ");
	ck_ok(store_begin(fixture_db, &fixture_error));
	ck_fails(content_rule_rows_move(fixture_db, 4, 0, &fixture_error), "the first is 1");
	ck_fails(content_rule_rows_move(fixture_db, 77, 1, &fixture_error), "there is no rule 77");
	ck_fails(content_rule_rows_delete(fixture_db, 77, &fixture_error), "there is no rule 77");
	store_rollback(fixture_db);
	stop();
}
END_TEST

START_TEST(the_schema_holds_plain_sql_to_its_rules)
{
	start();
	ck_fails(
	    fixture_sql("INSERT INTO content_rule (tenant_id, condition, action) VALUES (9, 'any', "
			"'discard')"),
	    "no such tenant");
	ck_fails(fixture_sql("INSERT INTO content_rule (condition, action) VALUES ('', 'discard')"),
		 "condition_is_1_to");
	ck_fails(fixture_sql("INSERT INTO content_rule (condition, action, enabled) VALUES ('any', "
			     "'discard', 2)"),
		 "enabled_is_0_or_1");
	add("alpha", "any", 0);
	ck_fails(
	    fixture_sql(
		"INSERT OR REPLACE INTO content_rule (id, tenant_id, condition, action) VALUES "
		"(1, 2, 'any', 'discard')"),
	    "is there; update it");
	ck_ok(
	    fixture_sql("DELETE FROM domain WHERE tenant_id = 1; DELETE FROM tenant WHERE id = 1"));
	expect_order(NULL, "");
	stop();
}
END_TEST

START_TEST(only_enabled_rules_count)
{
	struct both both;

	start();
	both = rules_of("alpha.example");
	ck_assert_ptr_null(both.provider);
	ck_assert_ptr_null(both.tenant);
	add("alpha", "any", 0);
	add("alpha", "size > 1", 1);
	both = rules_of("alpha.example");
	ck_assert_ptr_null(both.provider);
	ck_assert_uint_eq(both.tenant->rule_count, 2);
	ck_assert_int_eq(both.tenant->rules[0]->number, 2);
	release(both);
	ck_ok(fixture_sql("UPDATE content_rule SET enabled = 0 WHERE id = 2"));
	both = rules_of("alpha.example");
	ck_assert_uint_eq(both.tenant->rule_count, 1);
	release(both);
	ck_ok(fixture_sql("INSERT INTO content_rule (condition, action) VALUES ('any', 'drop')"));
	both = rules_of("beta.example");
	ck_assert_ptr_null(both.tenant);
	ck_assert_ptr_nonnull(strstr(both.provider->fault.text, "rule 3: action"));
	release(both);
	stop();
}
END_TEST

START_TEST(rules_are_compiled_once_for_each_change_of_them)
{
	struct both first, second, third;

	start();
	add("alpha", "any", 0);
	first = rules_of("alpha.example");
	ck_ok(fixture_sql("UPDATE tenant SET title = 'Alpha'"));
	second = rules_of("alpha.example");
	ck_assert_ptr_eq(first.tenant, second.tenant);
	ck_ok(fixture_sql("UPDATE content_rule SET comment = 'other'"));
	third = rules_of("alpha.example");
	ck_assert_ptr_ne(first.tenant, third.tenant);
	ck_assert_uint_eq(first.tenant->rule_count, 1);
	release(first);
	release(second);
	release(third);
	stop();
}
END_TEST

#define THREADS 8

static struct both seen[THREADS];

static void *ask(void *argument)
{
	seen[*(const size_t *)argument] = rules_of("alpha.example");
	return NULL;
}

START_TEST(threads_wait_for_the_one_that_compiles)
{
	pthread_t threads[THREADS];
	size_t numbers[THREADS];

	start();
	for (int i = 0; i < 200; i++) {
		char condition[64];

		snprintf(condition, sizeof(condition), "body has \"word%d\"", i);
		add("alpha", condition, 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		numbers[i] = i;
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask, &numbers[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < THREADS; i++) {
		ck_assert_ptr_eq(seen[i].tenant, seen[0].tenant);
		ck_assert_uint_eq(seen[i].tenant->rule_count, 200);
		content_rules_release(seen[i].tenant);
	}
	stop();
}
END_TEST

UNIT_MAIN("content_rule_store", rows_keep_an_order_for_each_owner,
	  the_schema_holds_plain_sql_to_its_rules, only_enabled_rules_count,
	  rules_are_compiled_once_for_each_change_of_them, threads_wait_for_the_one_that_compiles)
