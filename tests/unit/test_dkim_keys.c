/* SPDX-License-Identifier: BSD-2-Clause */
/* DKIM keys in tenants.db: states, whose keys sign what, and that a private part stays where it belongs. */
#include "common/db_check.h"
#include "common/dkim_key_cache.h"
#include "common/dkim_key_rows.h"
#include "tests/unit/store_fixture.h"
#include <pthread.h>
#include <string.h>

static struct policy_store *policies;
static char key_path[160];
static struct key_file key_file;

static void start(void)
{
	fixture_start();
	snprintf(key_path, sizeof(key_path), "%s/dkim.key", fixture_directory);
	ck_ok(key_file_create(key_path, "nogroup", &fixture_error));
	ck_assert_int_eq(key_file_load(key_path, &key_file, &fixture_error), FOUND_ONE);
	ck_ok(fixture_sql(
	    "INSERT INTO tenant (name, state) VALUES ('a', 'active'), ('b', 'active');"
	    "INSERT INTO domain (tenant_id, name, subdomains) VALUES (1, 'a.example', 1),"
	    " (1, 'own.a.example', 0), (1, 'alone.example', 0), (2, 'b.example', 1)"));
	ck_ok(policy_store_new(fixture_path, 2, 2000, &policies, &fixture_error));
}

static void stop(void)
{
	policy_store_free(policies);
	fixture_stop();
}

/* Adds a pending Ed25519 key inside the caller's transaction. */
static bool add(const char *domain, const char *selector)
{
	struct dkim_sealed_key sealed = {0};
	struct crypto_key *key;
	bool done;

	snprintf(sealed.domain, sizeof(sealed.domain), "%s", domain);
	snprintf(sealed.selector, sizeof(sealed.selector), "%s", selector);
	ck_ok(crypto_key_generate(CRYPTO_ED25519, 0, &key, &fixture_error));
	ck_ok(dkim_keys_seal(key, &key_file, &sealed, &fixture_error));
	done = dkim_key_rows_add(fixture_db, &sealed, key, &fixture_error);
	crypto_key_free(key);
	return done;
}

static struct dkim_key_row row_of(const char *domain, const char *selector)
{
	struct dkim_key_row row;

	ck_ok(dkim_key_rows_get(fixture_db, domain, selector, &row, &fixture_error));
	return row;
}

static bool set(const char *domain, const char *selector, enum dkim_key_state state)
{
	struct dkim_key_row row = row_of(domain, selector);

	return dkim_key_rows_set_state(fixture_db, &row, state, &fixture_error);
}

static void add_active(const char *domain, const char *selector)
{
	ck_ok(store_begin(fixture_db, &fixture_error));
	ck_ok(add(domain, selector));
	ck_ok(set(domain, selector, DKIM_KEY_ACTIVE));
	ck_ok(store_commit(fixture_db, &fixture_error));
}

static struct dkim_signing_keys keys_for(const char *domain)
{
	struct dkim_signing_keys keys;
	struct policy_answer answer;

	ck_ok(policy_of_domain(policies, "a.example", &answer, &fixture_error));
	ck_ok(dkim_keys_for_domain(policies, answer.policy, domain, &keys, &fixture_error));
	policy_release(answer.policy);
	return keys;
}

/* "selector domain" of the first key, or "-". */
static const char *signer_of(const char *domain)
{
	static char text[400];
	struct dkim_signing_keys keys = keys_for(domain);

	if (keys.count == 0)
		return "-";
	snprintf(text, sizeof(text), "%s %s", keys.key[0].selector, keys.key[0].domain);
	return text;
}

START_TEST(a_key_goes_from_pending_to_retired_and_loses_its_private_part)
{
	struct dkim_key_row row;

	ck_ok(store_begin(fixture_db, &fixture_error));
	ck_ok(add("a.example", "s1"));
	ck_assert_int_eq(row_of("A.example.", "s1").state, DKIM_KEY_PENDING);
	ck_ok(set("a.example", "s1", DKIM_KEY_ACTIVE));
	ck_ok(set("a.example", "s1", DKIM_KEY_RETIRING));
	ck_ok(set("a.example", "s1", DKIM_KEY_ACTIVE));
	ck_ok(set("a.example", "s1", DKIM_KEY_RETIRING));
	row = row_of("a.example", "s1");
	ck_fails(dkim_key_rows_delete(fixture_db, &row, &fixture_error), "retiring");
	ck_ok(set("a.example", "s1", DKIM_KEY_RETIRED));
	ck_ok(store_commit(fixture_db, &fixture_error));
	ck_ok(
	    fixture_sql("CREATE TEMP TABLE none (n INTEGER CHECK (n = 0));"
			"INSERT INTO none SELECT count(*) FROM dkim_key WHERE sealed IS NOT NULL"));
	row = row_of("a.example", "s1");
	ck_ok(dkim_key_rows_delete(fixture_db, &row, &fixture_error));
	ck_assert_int_eq(dkim_key_rows_find(fixture_db, "a.example", "s1", &row, &fixture_error),
			 FOUND_NONE);
}
END_TEST

START_TEST(no_state_is_skipped_or_gone_back_to)
{
	static const bool allowed[4][4] = {
	    {false, true, false, false},  /* pending */
	    {false, false, true, false},  /* active */
	    {false, true, false, true},   /* retiring */
	    {false, false, false, false}, /* retired */
	};
	static const char *const names[] = {"pending", "active", "retiring", "retired"};

	for (int from = 0; from < 4; from++) {
		for (int to = 0; to < 4; to++) {
			char sql[512];
			bool may = dkim_key_state_may_become((enum dkim_key_state)from,
							     (enum dkim_key_state)to);

			ck_assert_int_eq(may, allowed[from][to]);
			/* Plain SQL is held to the same; to the same state it changes nothing. */
			snprintf(sql, sizeof(sql),
				 "DELETE FROM dkim_key; INSERT INTO dkim_key (domain, selector, "
				 "algorithm, "
				 "bits, state, public_key, sealed, sealed_under) VALUES "
				 "('a.example', 's', "
				 "'ed25519', 256, '%s', 'AA==', %s, '0123456789abcdef');"
				 "UPDATE dkim_key SET state = '%s', sealed = %s",
				 names[from], from == 3 ? "NULL" : "zeroblob(99)", names[to],
				 to == 3 ? "NULL" : "sealed");
			ck_assert_msg(fixture_sql(sql) == (may || from == to), "%s to %s: %s",
				      names[from], names[to], fixture_error.text);
		}
	}
}
END_TEST

START_TEST(a_new_active_key_makes_the_former_one_retiring)
{
	add_active("a.example", "s1");
	add_active("a.example", "s2");
	ck_assert_int_eq(row_of("a.example", "s1").state, DKIM_KEY_RETIRING);
	ck_assert_str_eq(signer_of("a.example"), "s2 a.example");
}
END_TEST

START_TEST(refuses_a_taken_selector_and_a_second_pending_key)
{
	ck_ok(add("a.example", "s1"));
	ck_fails(add("a.example", "s1"), "already");
	ck_fails(add("a.example", "s2"), "pending ed25519 key 's1'");
	ck_fails(add("nobodys.example", "s1"), "no such domain");
	ck_fails(add("a.example", "-s"), "selector");
	ck_ok(add("b.example", "s1"));
}
END_TEST

START_TEST(refuses_selectors_that_are_no_names)
{
	static const char *const bad[] = {
	    "",
	    "A",
	    "a_b",
	    "-a",
	    "a-",
	    "a..b",
	    ".a",
	    "a.",
	    "a.-b",
	    "a b",
	    "0123456789012345678901234567890123456789012345678901234567890123"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(!dkim_selector_check(bad[i], &fixture_error), "'%s'", bad[i]);
	ck_ok(dkim_selector_check("em20260131-rsa", &fixture_error));
	ck_ok(dkim_selector_check("a.b", &fixture_error));
}
END_TEST

START_TEST(a_domain_signs_with_its_own_keys_or_those_that_cover_it)
{
	add_active("a.example", "s1");
	ck_assert_str_eq(signer_of("a.example"), "s1 a.example");
	ck_assert_str_eq(signer_of("x.y.a.example"), "s1 a.example");
	ck_assert_str_eq(signer_of("own.a.example"), "s1 a.example");
	ck_assert_str_eq(signer_of("alone.example"), "-");
	add_active("own.a.example", "s2");
	ck_assert_str_eq(signer_of("own.a.example"), "s2 own.a.example");
	/* It does not cover what is below it, so the one above does. */
	ck_assert_str_eq(signer_of("x.own.a.example"), "s1 a.example");
	add_active("alone.example", "s3");
	ck_assert_str_eq(signer_of("x.alone.example"), "-");
}
END_TEST

START_TEST(never_signs_with_another_tenants_key)
{
	struct dkim_signing_keys keys;

	add_active("b.example", "s1");
	ck_assert_str_eq(signer_of("b.example"), "-");
	ck_assert_str_eq(signer_of("x.b.example"), "-");
	ck_ok(dkim_keys_of_domain(policies, "b.example", &keys, &fixture_error));
	ck_assert_uint_eq(keys.count, 1);
	ck_ok(dkim_keys_of_domain(policies, "x.b.example", &keys, &fixture_error));
	ck_assert_uint_eq(keys.count, 0);
}
END_TEST

START_TEST(only_active_keys_sign)
{
	ck_ok(add("a.example", "s1"));
	ck_assert_str_eq(signer_of("a.example"), "-");
	ck_ok(set("a.example", "s1", DKIM_KEY_ACTIVE));
	ck_assert_str_eq(signer_of("a.example"), "s1 a.example");
	ck_ok(set("a.example", "s1", DKIM_KEY_RETIRING));
	ck_assert_str_eq(signer_of("a.example"), "-");
}
END_TEST

START_TEST(a_private_part_opens_for_its_own_domain_and_selector_only)
{
	struct dkim_signing_keys keys;
	struct dkim_sealed_key moved;
	struct crypto_key *key;
	char *public_key;

	add_active("a.example", "s1");
	keys = keys_for("a.example");
	ck_ok(dkim_keys_open(&keys.key[0], &key_file, &key, &fixture_error));
	public_key = crypto_key_public_base64(key);
	ck_assert_str_eq(public_key, row_of("a.example", "s1").public_key);
	free(public_key);
	crypto_key_free(key);
	moved = keys.key[0];
	strcpy(moved.domain, "b.example");
	ck_fails(dkim_keys_open(&moved, &key_file, &key, &fixture_error), "does not open");
	moved = keys.key[0];
	strcpy(moved.selector, "s2");
	ck_fails(dkim_keys_open(&moved, &key_file, &key, &fixture_error), "does not open");
	moved = keys.key[0];
	moved.sealed[20] ^= 1;
	ck_fails(dkim_keys_open(&moved, &key_file, &key, &fixture_error), "does not open");
}
END_TEST

START_TEST(another_key_file_is_named_in_the_error)
{
	struct key_file other = key_file;
	struct dkim_signing_keys keys;
	struct crypto_key *key;

	add_active("a.example", "s1");
	keys = keys_for("a.example");
	strcpy(other.id, "0000000000000000");
	ck_fails(dkim_keys_open(&keys.key[0], &other, &key, &fixture_error), key_file.id);
}
END_TEST

START_TEST(plain_sql_cannot_rewrite_a_key_or_take_one_over)
{
	add_active("a.example", "s1");
	ck_fails(fixture_sql("UPDATE dkim_key SET domain = 'b.example'"), "only state");
	ck_fails(fixture_sql("UPDATE dkim_key SET public_key = 'AAAA'"), "only state");
	ck_fails(fixture_sql("UPDATE dkim_key SET sealed = zeroblob(99)"), "dkim_key.sealed");
	ck_fails(
	    fixture_sql("INSERT OR REPLACE INTO dkim_key (domain, selector, algorithm, bits, "
			"public_key, sealed, sealed_under) VALUES ('a.example', 's1', 'ed25519', "
			"256, 'AA==', zeroblob(99), '0123456789abcdef')"),
	    "has a key there");
	ck_fails(fixture_sql("UPDATE domain SET name = 'c.example' WHERE name = 'a.example'"),
		 "has DKIM keys");
	ck_assert_str_eq(signer_of("a.example"), "s1 a.example");
}
END_TEST

START_TEST(keys_go_with_their_domain_and_stay_when_its_row_is_replaced)
{
	struct dkim_key_row row;

	add_active("alone.example", "s1");
	ck_ok(fixture_sql("PRAGMA foreign_keys = OFF")); /* as in a plain client */
	ck_ok(fixture_sql(
	    "INSERT OR REPLACE INTO domain (tenant_id, name) VALUES (1, 'alone.example')"));
	ck_assert_str_eq(signer_of("alone.example"), "s1 alone.example");
	ck_ok(fixture_sql("DELETE FROM domain WHERE name = 'alone.example'"));
	ck_assert_int_eq(
	    dkim_key_rows_find(fixture_db, "alone.example", "s1", &row, &fixture_error),
	    FOUND_NONE);
}
END_TEST

static int64_t generation_of_tenant(void)
{
	struct db_query *query =
	    db_query(fixture_db, "SELECT generation FROM tenant WHERE id = 1", &fixture_error);
	int64_t generation;

	ck_assert_int_eq(db_step(query, &fixture_error), FOUND_ONE);
	generation = db_int(query, 0);
	db_reset(query);
	return generation;
}

START_TEST(every_change_of_a_key_is_a_new_generation_of_its_tenant)
{
	int64_t before = generation_of_tenant(), after;

	ck_ok(add("a.example", "s1"));
	after = generation_of_tenant();
	ck_assert_int_gt(after, before);
	ck_ok(set("a.example", "s1", DKIM_KEY_ACTIVE));
	before = generation_of_tenant();
	ck_assert_int_gt(before, after);
	ck_ok(fixture_sql("DELETE FROM dkim_key"));
	ck_assert_int_gt(generation_of_tenant(), before);
	after = generation_of_tenant();
	ck_ok(add("b.example", "s1"));
	ck_assert_int_eq(generation_of_tenant(), after);
}
END_TEST

/* Notes the fields of findings about keys, one letter each. */
static void note_finding(const struct db_finding *finding, void *context)
{
	char *fields = context;

	if (strcmp(finding->table, "dkim_key") == 0)
		strncat(fields, finding->field, 1);
}

static void check_findings(const char *expected)
{
	char fields[16] = "";
	size_t count;

	ck_ok(store_begin(fixture_db, &fixture_error));
	ck_ok(db_check(fixture_db, note_finding, fields, &count, &fixture_error));
	store_rollback(fixture_db);
	ck_assert_str_eq(fields, expected);
}

START_TEST(the_check_names_keys_without_domain_and_under_another_key_file)
{
	add_active("a.example", "s1");
	add_active("b.example", "s1");
	check_findings("");
	strcpy(key_file.id, "0000000000000000");
	add_active("alone.example", "s1");
	check_findings("ss"); /* the two that are not like the newest */
	ck_ok(fixture_sql("PRAGMA foreign_keys = OFF; DROP TRIGGER domain_after_delete_keys;"
			  "DELETE FROM domain WHERE name = 'alone.example'"));
	check_findings("ssd");
}
END_TEST

START_TEST(the_record_holds_what_verifiers_need)
{
	struct dkim_key_row row = {.algorithm = CRYPTO_ED25519, .public_key = "AAAA"};
	char record[DKIM_RECORD_SIZE], name[DKIM_RECORD_NAME_SIZE];

	strcpy(row.domain, "a.example");
	strcpy(row.selector, "s1");
	dkim_key_record(&row, record);
	ck_assert_str_eq(record, "v=DKIM1; k=ed25519; p=AAAA");
	dkim_key_record_name(&row, name);
	ck_assert_str_eq(name, "s1._domainkey.a.example");
}
END_TEST

START_TEST(the_cache_opens_once_and_never_gives_an_outdated_key)
{
	struct dkim_key_cache *cache = dkim_key_cache_new(key_path, 8);
	struct dkim_signing_keys keys;
	struct crypto_key *one, *two;

	add_active("a.example", "s1");
	keys = keys_for("a.example");
	ck_ok(dkim_key_cache_get(cache, &keys.key[0], &one, &fixture_error));
	ck_assert_int_eq(unlink(key_path), 0); /* so another opening would fail */
	ck_ok(dkim_key_cache_get(cache, &keys.key[0], &two, &fixture_error));
	crypto_key_free(one);
	crypto_key_free(two);
	keys.key[0].sealed[keys.key[0].length - 1] ^= 1;
	ck_fails(dkim_key_cache_get(cache, &keys.key[0], &one, &fixture_error), "key file");
	dkim_key_cache_free(cache);
}
END_TEST

START_TEST(the_cache_stays_within_its_bound)
{
	struct dkim_key_cache *cache = dkim_key_cache_new(key_path, 1);
	struct dkim_signing_keys a, b;
	struct crypto_key *key;

	add_active("a.example", "s1");
	add_active("alone.example", "s1");
	a = keys_for("a.example");
	b = keys_for("alone.example");
	ck_ok(dkim_key_cache_get(cache, &a.key[0], &key, &fixture_error));
	crypto_key_free(key);
	ck_ok(dkim_key_cache_get(cache, &b.key[0], &key, &fixture_error));
	crypto_key_free(key);
	ck_assert_int_eq(unlink(key_path), 0);
	ck_ok(dkim_key_cache_get(cache, &b.key[0], &key, &fixture_error));
	crypto_key_free(key);
	ck_fails(dkim_key_cache_get(cache, &a.key[0], &key, &fixture_error), "key file");
	dkim_key_cache_free(cache);
}
END_TEST

struct crowd {
	struct dkim_key_cache *cache;
	struct dkim_signing_keys keys[2];
	unsigned failures;
};

/* Alternates between two keys in a cache that holds one. */
static void *sign_often(void *context)
{
	struct crowd *crowd = context;
	unsigned char digest[CRYPTO_HASH_BYTES] = {0}, signature[CRYPTO_SIGNATURE_BYTES];
	struct error err;

	for (unsigned i = 0; i < 200; i++) {
		struct crypto_key *key;
		size_t length;

		if (!dkim_key_cache_get(crowd->cache, &crowd->keys[i % 2].key[0], &key, &err) ||
		    !crypto_key_sign(key, digest, signature, &length, &err)) {
			__atomic_add_fetch(&crowd->failures, 1, __ATOMIC_RELAXED);
			break;
		}
		crypto_key_free(key);
	}
	return NULL;
}

START_TEST(threads_sign_while_keys_are_thrown_out)
{
	struct crowd crowd = {.cache = dkim_key_cache_new(key_path, 1)};
	pthread_t threads[4];

	add_active("a.example", "s1");
	add_active("alone.example", "s1");
	crowd.keys[0] = keys_for("a.example");
	crowd.keys[1] = keys_for("alone.example");
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, sign_often, &crowd), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(crowd.failures, 0);
	dkim_key_cache_free(crowd.cache);
}
END_TEST

int main(void)
{
	const TTest *const all[] = {
	    a_key_goes_from_pending_to_retired_and_loses_its_private_part,
	    no_state_is_skipped_or_gone_back_to,
	    a_new_active_key_makes_the_former_one_retiring,
	    refuses_a_taken_selector_and_a_second_pending_key,
	    refuses_selectors_that_are_no_names,
	    a_domain_signs_with_its_own_keys_or_those_that_cover_it,
	    never_signs_with_another_tenants_key,
	    only_active_keys_sign,
	    a_private_part_opens_for_its_own_domain_and_selector_only,
	    another_key_file_is_named_in_the_error,
	    plain_sql_cannot_rewrite_a_key_or_take_one_over,
	    keys_go_with_their_domain_and_stay_when_its_row_is_replaced,
	    every_change_of_a_key_is_a_new_generation_of_its_tenant,
	    the_check_names_keys_without_domain_and_under_another_key_file,
	    the_record_holds_what_verifiers_need,
	    the_cache_opens_once_and_never_gives_an_outdated_key,
	    the_cache_stays_within_its_bound,
	    threads_sign_while_keys_are_thrown_out,
	};
	Suite *suite = suite_create("dkim_keys");
	TCase *tests = tcase_create("dkim_keys");

	tcase_add_checked_fixture(tests, start, stop);
	tcase_set_timeout(tests, 60);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		tcase_add_test(tests, all[i]);
	suite_add_tcase(suite, tests);
	return fixture_run(suite);
}
