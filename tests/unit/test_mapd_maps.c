/* SPDX-License-Identifier: BSD-2-Clause */
/* What the maps `clients` and `egress` answer, from a real database written by plain SQL. */
#include "common/clock.h"
#include "common/db.h"
#include "common/key_file.h"
#include "common/log.h"
#include "common/return_path.h"
#include "services/mapd/mapd.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUSY_MS 100

static struct fixture {
	char directory[64], path[96], key_file[96];
	struct db *db;
	struct policy_store *store;
	struct maps *maps;
	struct socketmap_reply reply;
} fix;

/* Runs statements, each a literal. */
static void run(const char *const *statements, size_t count)
{
	struct error err;

	ck_assert_msg(db_begin_write(fix.db, &err), "%s", err.text);
	for (size_t i = 0; i < count; i++) {
		struct db_query *query = db_query(fix.db, statements[i], &err);

		ck_assert_msg(query != NULL && db_run(query, &err), "%s: %s", statements[i],
			      err.text);
	}
	ck_assert_msg(db_commit(fix.db, &err), "%s", err.text);
}

static void sql(const char *statement)
{
	run(&statement, 1);
}

static const char *const policy[] = {
    "INSERT INTO egress_group (id, name) VALUES (1, 'main'), (2, 'other'), (3, 'spare')",
    "INSERT INTO egress_ip (address, helo_name, egress_group_id) VALUES "
    "('192.0.2.1', 'a.relay.example', 1), ('192.0.2.2', 'b.relay.example', 2), "
    "('2001:db8::7', 'c.relay.example', 3)",
    "INSERT INTO tenant (id, name, state, egress_group_id) VALUES "
    "(1, 'active', 'active', 1), (2, 'closing', 'closing', 1), (3, 'suspended', 'suspended', 2), "
    "(4, 'pending', 'pending', 2), (5, 'closed', 'closed', 2), (6, 'groupless', 'active', NULL)",
    "INSERT INTO domain (tenant_id, name, subdomains) VALUES (1, 'active.example', 1), "
    "(3, 'suspended.example', 0), (5, 'closed.example', 0), (6, 'groupless.example', 0)",
    "INSERT INTO relay_host (tenant_id, network) VALUES (1, '198.51.100.1'), (2, '198.51.100.2'), "
    "(3, '198.51.100.3'), (4, '198.51.100.4'), (5, '198.51.100.5'), (1, '2001:db8:1::/48')",
};

static void start(void)
{
	struct error err;

	log_open("test_mapd_maps", LOG_TARGET_STDERR);
	snprintf(fix.directory, sizeof(fix.directory), "/tmp/easymail-maps-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(fix.directory));
	snprintf(fix.path, sizeof(fix.path), "%s/tenants.db", fix.directory);
	ck_assert_msg(db_open(fix.path, DB_CREATE, db_migrations_tenants, 1000, &fix.db, &err),
		      "%s", err.text);
	run(policy, sizeof(policy) / sizeof(policy[0]));
	ck_assert_msg(policy_store_new(fix.path, 1, BUSY_MS, &fix.store, &err), "%s", err.text);
	snprintf(fix.key_file, sizeof(fix.key_file), "%s/return-path.key", fix.directory);
	fix.maps = maps_new(fix.store, NULL, fix.key_file);
}

static void remove_database(void)
{
	static const char *const ends[] = {"", "-wal", "-shm"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s%s", fix.path, ends[i]);
		unlink(path);
	}
}

static void stop(void)
{
	maps_free(fix.maps);
	policy_store_free(fix.store);
	db_close(fix.db);
	unlink(fix.key_file);
	remove_database();
	rmdir(fix.directory);
}

static const char *clients(const char *key, enum found expected)
{
	maps_clients(fix.maps, key, &fix.reply);
	ck_assert_msg(fix.reply.found == expected, "%s: found %d, \"%s\"", key, fix.reply.found,
		      fix.reply.text);
	return fix.reply.text;
}

static const char *egress(const char *key)
{
	maps_egress(fix.maps, key, &fix.reply);
	ck_assert_msg(fix.reply.found == FOUND_ONE, "%s: found %d, \"%s\"", key, fix.reply.found,
		      fix.reply.text);
	return fix.reply.text;
}

static void ck_prefix(const char *text, const char *prefix)
{
	ck_assert_msg(strncmp(text, prefix, strlen(prefix)) == 0, "\"%s\" does not begin \"%s\"",
		      text, prefix);
}

START_TEST(lets_tenants_that_may_send_relay)
{
	ck_assert_str_eq(clients("198.51.100.1", FOUND_ONE), "OK");
	ck_assert_str_eq(clients("198.51.100.2", FOUND_ONE), "OK");
	ck_assert_str_eq(clients("2001:db8:1::25", FOUND_ONE), "OK");
	ck_assert_str_eq(clients("::ffff:198.51.100.1", FOUND_ONE), "OK");
}
END_TEST

START_TEST(makes_a_suspended_tenant_try_later)
{
	ck_prefix(clients("198.51.100.3", FOUND_ONE), "451 4.7.1 ");
}
END_TEST

static const char *const strangers[] = {
    "198.51.100.4",
    "198.51.100.5",
    "203.0.113.1",
    "mail.active.example",
    "unknown",
    "198.51.100",
    "198.51.100.1 ",
    "[198.51.100.1]",
    "198.51.100.1/32",
    "",
    "0",
    "IPv6:2001:db8:1::25",
    "active",
};

START_TEST(gives_no_permission_to_anybody_else)
{
	clients(strangers[_i], FOUND_NONE);
}
END_TEST

START_TEST(follows_a_change_at_once)
{
	clients("203.0.113.1", FOUND_NONE);
	sql("INSERT INTO relay_host (tenant_id, network) VALUES (1, '203.0.113.0/24')");
	ck_assert_str_eq(clients("203.0.113.1", FOUND_ONE), "OK");
	sql("UPDATE tenant SET state = 'suspended' WHERE id = 1");
	ck_prefix(clients("203.0.113.1", FOUND_ONE), "451 ");
	sql("DELETE FROM relay_host WHERE network = '203.0.113.0/24'");
	clients("203.0.113.1", FOUND_NONE);
}
END_TEST

static const char *const spellings[] = {
    "a@active.example",
    "A@Active.Example",
    "a@active.example.",
    "a@sub.active.example",
    "\"a b\"@active.example",
    "<a@active.example>",
    "@hop.example:a@active.example",
};

START_TEST(sends_a_tenants_mail_from_its_own_group_however_it_is_spelled)
{
	ck_assert_str_eq(egress(spellings[_i]), "easymail-192.0.2.1:");
}
END_TEST

START_TEST(sends_a_bulk_domains_mail_from_the_bulk_group_or_holds_it)
{
	sql("UPDATE domain SET stream = 'bulk' WHERE name = 'active.example'");
	ck_prefix(egress("a@active.example"), "retry:4.3.5 ");
	sql("INSERT INTO setting (name, value) VALUES ('bulk.egress_group', 'spare')");
	ck_assert_str_eq(egress("a@active.example"), "easymail-2001-db8--7:");
	ck_assert_str_eq(egress("a@below.active.example"), "easymail-2001-db8--7:");
	sql("INSERT INTO domain (tenant_id, name) VALUES (1, 'below.active.example')");
	ck_assert_str_eq(egress("a@below.active.example"), "easymail-192.0.2.1:");
}
END_TEST

/* A return path of that tenant under the key, of a day long ago. */
static const char *return_path(uint32_t tenant, uint64_t message, const char *domain)
{
	static char address[128];
	struct return_path path = {.tenant_id = tenant, .message = message};
	char local[RETURN_PATH_LOCAL_SIZE];
	struct key_file file;
	struct error err;

	ck_assert_int_eq(key_file_load(fix.key_file, &file, &err), FOUND_ONE);
	return_path_write(&path, file.key, local);
	snprintf(address, sizeof(address), "%s@%s", local, domain);
	return address;
}

/* The groups main and spare for bulk mail of the tenants 1 and 3, and a key. */
static void set_bulk(void)
{
	struct error err;

	ck_assert(key_file_create(fix.key_file, "root", &err));
	sql("INSERT INTO egress_ip (address, helo_name, egress_group_id) VALUES "
	    "('192.0.2.31', 'd.relay.example', 3), ('192.0.2.32', 'e.relay.example', 3)");
	sql("INSERT INTO setting (tenant_id, name, value) VALUES (1, 'bulk.egress_group', "
	    "'spare')");
}

START_TEST(sends_return_paths_from_their_tenants_bulk_group)
{
	int seen[2] = {0};

	set_bulk();
	for (uint64_t message = 0; message < 40; message++) {
		const char *transport = egress(return_path(1, message, "bounce.relay.example"));

		seen[0] += strcmp(transport, "easymail-192.0.2.31:") == 0;
		seen[1] += strcmp(transport, "easymail-192.0.2.32:") == 0;
	}
	/* Whatever the domain was when the message was taken, and spread over the addresses. */
	ck_prefix(egress(return_path(1, 1, "former.relay.example")), "easymail-192.0.2.3");
	ck_assert_int_eq(seen[0] + seen[1], 40);
	ck_assert_int_gt(seen[0], 5);
	ck_assert_int_gt(seen[1], 5);
	ck_prefix(egress(return_path(3, 1, "bounce.relay.example")),
		  "retry:4.3.5 tenant suspended");
	ck_prefix(egress(return_path(99, 1, "bounce.relay.example")), "retry:4.3.5 ");
}
END_TEST

START_TEST(holds_return_paths_that_cannot_be_verified)
{
	char address[128];

	sql("INSERT INTO setting (name, value) VALUES ('egress.default_group', 'other')");
	set_bulk();
	snprintf(address, sizeof(address), "%s", return_path(1, 1, "bounce.relay.example"));
	address[20] = address[20] == 'a' ? 'b' : 'a';
	ck_prefix(egress(address), "retry:4.7.1 ");
	/* A tenant's own address that happens to look like one stays the tenant's. */
	snprintf(strchr(address, '@'), 32, "@active.example");
	ck_assert_str_eq(egress(address), "easymail-192.0.2.1:");
	unlink(fix.key_file);
	ck_prefix(egress(address), "retry:4.3.5 ");
}
END_TEST

START_TEST(keeps_queued_mail_of_a_suspended_or_closed_tenant_on_its_own_group)
{
	ck_assert_str_eq(egress("a@suspended.example"), "easymail-192.0.2.2:");
	ck_assert_str_eq(egress("a@closed.example"), "easymail-192.0.2.2:");
}
END_TEST

static const char *const no_tenants[] = {"a@stranger.example", "<>", "\"<>\""};

START_TEST(sends_mail_of_no_tenant_from_the_default_group)
{
	sql("INSERT INTO setting (name, value) VALUES ('egress.default_group', 'spare')");
	ck_assert_str_eq(egress(no_tenants[_i]), "easymail-2001-db8--7:");
}
END_TEST

START_TEST(holds_mail_of_no_tenant_without_a_default_group)
{
	ck_prefix(egress(no_tenants[_i]), "retry:4.3.5 ");
}
END_TEST

START_TEST(gives_a_tenant_without_a_group_the_default_one_or_holds_its_mail)
{
	ck_prefix(egress("a@groupless.example"), "retry:4.3.5 ");
	sql("INSERT INTO setting (name, value) VALUES ('egress.default_group', 'spare')");
	ck_assert_str_eq(egress("a@groupless.example"), "easymail-2001-db8--7:");
}
END_TEST

START_TEST(holds_mail_while_no_address_of_the_group_is_in_service)
{
	sql("INSERT INTO setting (name, value) VALUES ('egress.default_group', 'main')");
	sql("UPDATE egress_ip SET state = 'down' WHERE address = '192.0.2.1'");
	ck_prefix(egress("a@active.example"), "retry:4.7.1 no egress address of group main ");
	ck_prefix(egress("<>"), "retry:4.7.1 no egress address of group main ");
	sql("UPDATE egress_ip SET state = 'active' WHERE address = '192.0.2.1'");
	ck_assert_str_eq(egress("a@active.example"), "easymail-192.0.2.1:");
}
END_TEST

static const char *const unreadable[] = {
    "",
    "a",
    "@active.example",
    "a@",
    "a@[192.0.2.1]",
    "a@localhost",
    "a@b@c.d@",
    "a@-.-.-",
    "<a@active.example",
    "\"a@active.example",
};

START_TEST(holds_mail_of_a_sender_that_cannot_be_read)
{
	sql("INSERT INTO setting (name, value) VALUES ('egress.default_group', 'spare')");
	ck_prefix(egress(unreadable[_i]), "retry:4.1.7 ");
}
END_TEST

START_TEST(keeps_a_sender_on_its_address_whatever_the_case)
{
	char first[64];

	sql("INSERT INTO egress_ip (address, helo_name, egress_group_id) VALUES "
	    "('192.0.2.11', 'd.relay.example', 1), ('192.0.2.12', 'e.relay.example', 1), "
	    "('192.0.2.13', 'f.relay.example', 1)");
	snprintf(first, sizeof(first), "%s", egress("someone@active.example"));
	ck_assert_str_eq(egress("SomeOne@ACTIVE.example"), first);
	ck_assert_str_eq(egress("someone@active.example."), first);
}
END_TEST

/* Both maps say TEMP. */
static void ck_unknown(void)
{
	clients("198.51.100.1", FOUND_ERROR);
	ck_assert_str_eq(fix.reply.text, "the policy database does not answer");
	maps_egress(fix.maps, "a@active.example", &fix.reply);
	ck_assert_int_eq(fix.reply.found, FOUND_ERROR);
	maps_egress(fix.maps, "<>", &fix.reply);
	ck_assert_int_eq(fix.reply.found, FOUND_ERROR);
}

START_TEST(says_temp_while_the_database_is_missing_and_recovers)
{
	char away[128];

	ck_assert_str_eq(clients("198.51.100.1", FOUND_ONE), "OK");
	snprintf(away, sizeof(away), "%s.away", fix.path);
	ck_assert_int_eq(rename(fix.path, away), 0);
	ck_unknown();
	ck_assert_int_eq(rename(away, fix.path), 0);
	usleep((MAPS_REST_MS + 50) * 1000);
	ck_assert_str_eq(clients("198.51.100.1", FOUND_ONE), "OK");
	ck_assert_uint_eq(maps_figures(fix.maps)->failures, 0);
}
END_TEST

START_TEST(says_temp_while_the_database_is_not_one)
{
	FILE *file;

	remove_database();
	file = fopen(fix.path, "w");
	ck_assert_ptr_nonnull(file);
	for (int i = 0; i < 1000; i++)
		fputs("this is no database\n", file);
	fclose(file);
	ck_unknown();
	usleep((MAPS_REST_MS + 50) * 1000);
	ck_unknown();
}
END_TEST

START_TEST(answers_at_once_while_the_database_rests)
{
	int64_t before;

	remove_database();
	ck_unknown();
	before = clock_us();
	for (int i = 0; i < 1000; i++)
		clients("198.51.100.1", FOUND_ERROR);
	ck_assert_int_lt(clock_us() - before, MAPS_REST_MS * 1000);
	ck_assert_uint_le(maps_figures(fix.maps)->failures, 2);
}
END_TEST

START_TEST(indexes_what_plain_sql_inserted)
{
	struct upkeep *upkeep = upkeep_new(fix.path, BUSY_MS);
	struct upkeep_figures figures;

	ck_assert_int_gt(upkeep_turn(upkeep), 100);
	upkeep_figures(upkeep, &figures);
	ck_assert_str_eq(figures.error, "");
	ck_assert_uint_eq(figures.indexed, 6);
	ck_assert(!figures.behind);
	ck_assert_str_eq(clients("198.51.100.1", FOUND_ONE), "OK");
	clients("198.51.100.4", FOUND_NONE);
	clients("198.51.100.6", FOUND_NONE);
	upkeep_free(upkeep);
}
END_TEST

START_TEST(indexes_many_rows_in_several_turns)
{
	struct upkeep *upkeep = upkeep_new(fix.path, BUSY_MS);
	struct upkeep_figures figures;
	int turns = 0;

	sql("WITH RECURSIVE n (i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 999) "
	    "INSERT INTO relay_host (tenant_id, network) SELECT 1, '10.0.' || (i / 250) || '.' || "
	    "(i % 250) FROM n");
	do {
		upkeep_turn(upkeep);
		upkeep_figures(upkeep, &figures);
	} while (figures.behind && ++turns < 100);
	ck_assert_uint_eq(figures.indexed, 1006);
	ck_assert_int_gt(turns, 1);
	ck_assert_str_eq(clients("10.0.3.249", FOUND_ONE), "OK");
	upkeep_free(upkeep);
}
END_TEST

START_TEST(goes_on_when_the_database_comes_back_as_another_file)
{
	struct upkeep *upkeep = upkeep_new(fix.path, BUSY_MS);
	struct upkeep_figures figures;
	struct error err;

	upkeep_turn(upkeep);
	remove_database();
	upkeep_turn(upkeep);
	upkeep_figures(upkeep, &figures);
	ck_assert_str_ne(figures.error, "");
	ck_assert(figures.behind);
	db_close(fix.db);
	ck_assert_msg(db_open(fix.path, DB_CREATE, db_migrations_tenants, 1000, &fix.db, &err),
		      "%s", err.text);
	run(policy, sizeof(policy) / sizeof(policy[0]));
	upkeep_turn(upkeep);
	upkeep_figures(upkeep, &figures);
	ck_assert_str_eq(figures.error, "");
	ck_assert_uint_eq(figures.indexed, 12);
	upkeep_free(upkeep);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static TCase *decisions(void)
{
	TCase *tests = tcase_create("decisions");

	tcase_add_test(tests, lets_tenants_that_may_send_relay);
	tcase_add_test(tests, makes_a_suspended_tenant_try_later);
	tcase_add_loop_test(tests, gives_no_permission_to_anybody_else, 0, COUNT(strangers));
	tcase_add_test(tests, follows_a_change_at_once);
	tcase_add_loop_test(tests, sends_a_tenants_mail_from_its_own_group_however_it_is_spelled, 0,
			    COUNT(spellings));
	tcase_add_test(tests, sends_return_paths_from_their_tenants_bulk_group);
	tcase_add_test(tests, holds_return_paths_that_cannot_be_verified);
	tcase_add_test(tests, sends_a_bulk_domains_mail_from_the_bulk_group_or_holds_it);
	tcase_add_test(tests, keeps_queued_mail_of_a_suspended_or_closed_tenant_on_its_own_group);
	tcase_add_loop_test(tests, sends_mail_of_no_tenant_from_the_default_group, 0,
			    COUNT(no_tenants));
	tcase_add_loop_test(tests, holds_mail_of_no_tenant_without_a_default_group, 0,
			    COUNT(no_tenants));
	tcase_add_test(tests, gives_a_tenant_without_a_group_the_default_one_or_holds_its_mail);
	tcase_add_test(tests, holds_mail_while_no_address_of_the_group_is_in_service);
	tcase_add_loop_test(tests, holds_mail_of_a_sender_that_cannot_be_read, 0,
			    COUNT(unreadable));
	tcase_add_test(tests, keeps_a_sender_on_its_address_whatever_the_case);
	return tests;
}

static TCase *faults(void)
{
	TCase *tests = tcase_create("faults and upkeep");

	tcase_set_timeout(tests, 30);
	tcase_add_test(tests, says_temp_while_the_database_is_missing_and_recovers);
	tcase_add_test(tests, says_temp_while_the_database_is_not_one);
	tcase_add_test(tests, answers_at_once_while_the_database_rests);
	tcase_add_test(tests, indexes_what_plain_sql_inserted);
	tcase_add_test(tests, indexes_many_rows_in_several_turns);
	tcase_add_test(tests, goes_on_when_the_database_comes_back_as_another_file);
	return tests;
}

int main(void)
{
	Suite *suite = suite_create("mapd");
	TCase *cases[] = {decisions(), faults()};
	SRunner *runner;
	int failed;

	for (int i = 0; i < COUNT(cases); i++) {
		tcase_add_checked_fixture(cases[i], start, stop);
		suite_add_tcase(suite, cases[i]);
	}
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
