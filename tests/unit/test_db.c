/* SPDX-License-Identifier: BSD-2-Clause */
/* Database files that are missing, foreign, damaged, locked, replaced, and writers that are killed. */
#include "common/db_upkeep.h"
#include "tests/unit/store_fixture.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static bool open_read(struct db **db_r)
{
	return db_open(fixture_path, DB_READ, db_migrations_tenants, 50, db_r, &fixture_error);
}

static int64_t number(struct db *db, const char *sql)
{
	struct db_query *query = db_query(db, sql, &fixture_error);
	int64_t value;

	ck_assert_ptr_nonnull(query);
	ck_assert_int_eq(db_step(query, &fixture_error), FOUND_ONE);
	value = db_int(query, 0);
	db_reset(query);
	return value;
}

static void remove_database(void)
{
	char path[160];

	snprintf(path, sizeof(path), "%s-wal", fixture_path);
	unlink(path);
	snprintf(path, sizeof(path), "%s-shm", fixture_path);
	unlink(path);
	ck_assert_int_eq(unlink(fixture_path), 0);
}

START_TEST(never_creates_a_missing_file_for_a_reader_or_writer)
{
	struct db *db;

	store_close(fixture_db);
	fixture_db = NULL;
	remove_database();
	ck_fails(open_read(&db), "No such file");
	ck_fails(store_open(fixture_path, STORE_WRITE, 50, &db, &fixture_error), "No such file");
	ck_assert_int_eq(access(fixture_path, F_OK), -1);
}
END_TEST

START_TEST(refuses_a_file_of_another_program)
{
	struct db *db;

	ck_ok(fixture_sql("PRAGMA application_id = 7"));
	ck_fails(open_read(&db), "not a database of easymail");
	ck_fails(store_open(fixture_path, STORE_WRITE, 50, &db, &fixture_error), "not a database");
	ck_fails(store_open(fixture_path, STORE_CREATE, 50, &db, &fixture_error), "not a database");
}
END_TEST

START_TEST(refuses_a_newer_schema_and_names_both_versions)
{
	struct db *db;

	ck_ok(fixture_sql("PRAGMA user_version = 77"));
	ck_fails(open_read(&db), "version 77, this program knows up to ");
	ck_fails(store_open(fixture_path, STORE_CREATE, 50, &db, &fixture_error), "version 77");
}
END_TEST

START_TEST(notices_a_newer_schema_in_the_next_transaction)
{
	struct db *db;

	ck_ok(open_read(&db));
	ck_ok(db_begin_read(db, &fixture_error) && db_commit(db, &fixture_error));
	ck_ok(fixture_sql("PRAGMA user_version = 77"));
	ck_fails(db_begin_read(db, &fixture_error), "version 77");
	db_close(db);
}
END_TEST

/* A later program's migrations: the one that this program does not know, run on today's file. */
static struct db_migration *later(struct db_migration two[3], const char *text)
{
	two[0] = (struct db_migration){store_schema_newest(), "today", "", DB_APPLICATION_TENANTS};
	two[1] =
	    (struct db_migration){store_schema_newest() + 1, "later", text, DB_APPLICATION_TENANTS};
	two[2] = (struct db_migration){0, NULL, NULL, 0};
	return two;
}

START_TEST(migrates_an_old_file_only_when_asked_to)
{
	struct db_migration two[3];
	struct db *db;

	later(two, "CREATE TABLE more (n INTEGER)");
	ck_fails(db_open(fixture_path, DB_READ, two, 50, &db, &fixture_error),
		 "this program needs");
	ck_ok(db_open(fixture_path, DB_CREATE, two, 50, &db, &fixture_error));
	ck_assert_int_eq(number(db, "PRAGMA user_version"), store_schema_newest() + 1);
	ck_assert_int_eq(number(db, "SELECT count(*) FROM more"), 0);
	db_close(db);
}
END_TEST

START_TEST(leaves_nothing_of_a_migration_that_fails)
{
	struct db_migration two[3];
	struct db *db;

	later(two, "CREATE TABLE half (n INTEGER); INSERT INTO nowhere VALUES (1)");
	ck_fails(db_open(fixture_path, DB_CREATE, two, 50, &db, &fixture_error), "migration later");
	ck_assert_int_eq(number(fixture_db, "PRAGMA user_version"), store_schema_newest());
	ck_assert_int_eq(
	    number(fixture_db, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'"), 0);
}
END_TEST

static void write_file(const char *bytes, size_t length)
{
	int descriptor = open(fixture_path, O_WRONLY | O_TRUNC | O_CREAT, 0600);

	ck_assert_int_ge(descriptor, 0);
	ck_assert_int_eq(write(descriptor, bytes, length), (ssize_t)length);
	close(descriptor);
}

START_TEST(refuses_what_is_no_database)
{
	char garbage[8192];
	struct db *db;

	store_close(fixture_db);
	fixture_db = NULL;
	remove_database();
	memset(garbage, 'x', sizeof(garbage));
	write_file(garbage, sizeof(garbage));
	ck_fails(open_read(&db), "damaged");
	write_file("", 0);
	ck_fails(open_read(&db), "not a database of easymail");
}
END_TEST

/* Empties the WAL into the file, so that all is in the one that the test damages. */
static off_t settle(void)
{
	struct stat status;

	ck_ok(fixture_sql("PRAGMA wal_checkpoint(TRUNCATE)"));
	store_close(fixture_db);
	fixture_db = NULL;
	ck_assert_int_eq(stat(fixture_path, &status), 0);
	return status.st_size;
}

START_TEST(a_truncated_file_gives_errors_and_no_answers)
{
	struct db *db = NULL;
	struct db_query *query;
	enum found found = FOUND_ERROR;

	ck_ok(fixture_sql("INSERT INTO tenant (name) VALUES ('a')"));
	ck_assert_int_eq(truncate(fixture_path, settle() / 2), 0);
	if (open_read(&db) && db_begin_read(db, &fixture_error)) {
		query = db_query(db, "SELECT id FROM tenant WHERE name = 'a'", &fixture_error);
		found = query ? db_step(query, &fixture_error) : FOUND_ERROR;
	}
	ck_assert_int_eq(found, FOUND_ERROR);
	ck_assert_ptr_nonnull(strstr(fixture_error.text, "damaged"));
	db_close(db);
}
END_TEST

START_TEST(an_overwritten_page_is_found_by_the_integrity_check)
{
	struct db *db = NULL;
	char garbage[4096];
	int descriptor;
	off_t size = settle();

	memset(garbage, 0x5a, sizeof(garbage));
	descriptor = open(fixture_path, O_WRONLY);
	ck_assert_int_eq(pwrite(descriptor, garbage, sizeof(garbage), size - 4096),
			 (ssize_t)sizeof(garbage));
	close(descriptor);
	ck_assert(!open_read(&db) || !db_integrity(db, &fixture_error));
	ck_assert_ptr_nonnull(strstr(fixture_error.text, "damaged"));
	db_close(db);
}
END_TEST

START_TEST(waits_for_another_writer_and_then_says_locked)
{
	struct db *db;

	ck_ok(store_open(fixture_path, STORE_WRITE, 50, &db, &fixture_error));
	ck_ok(store_begin(fixture_db, &fixture_error));
	ck_fails(store_begin(db, &fixture_error), "locked by another program for more than 50 ms");
	store_rollback(fixture_db);
	ck_ok(store_begin(db, &fixture_error));
	ck_ok(store_commit(db, &fixture_error));
	store_close(db);
}
END_TEST

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

START_TEST(an_exclusively_locked_file_is_waited_for_and_then_an_error)
{
	static const enum db_mode modes[] = {DB_READ, DB_WRITE, DB_CREATE};
	struct db *db;
	struct db *owner;

	store_close(fixture_db);
	fixture_db = NULL;
	ck_ok(store_open(fixture_path, STORE_WRITE, 50, &owner, &fixture_error));
	ck_ok(db_exec(owner,
		      "PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE;"
		      " BEGIN EXCLUSIVE; UPDATE generation SET value = value",
		      &fixture_error));
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		int64_t before = now_ms();

		ck_fails(db_open(fixture_path, modes[i], db_migrations_tenants, 100, &db,
				 &fixture_error),
			 "locked by another program for more than 100 ms");
		ck_assert_int_ge(now_ms() - before, 99);
	}
	store_close(owner);
}
END_TEST

START_TEST(a_reader_sees_one_state_throughout_its_transaction)
{
	struct db *db;

	ck_ok(open_read(&db));
	ck_ok(db_begin_read(db, &fixture_error));
	ck_ok(fixture_sql("INSERT INTO tenant (name) VALUES ('later')"));
	ck_assert_int_eq(number(db, "SELECT count(*) FROM tenant"), 0);
	ck_ok(db_commit(db, &fixture_error));
	ck_ok(db_begin_read(db, &fixture_error));
	ck_assert_int_eq(number(db, "SELECT count(*) FROM tenant"), 1);
	ck_ok(db_commit(db, &fixture_error));
	db_close(db);
}
END_TEST

START_TEST(a_reader_may_not_write)
{
	struct db *db;

	ck_ok(open_read(&db));
	ck_fails(db_begin_write(db, &fixture_error), "for reading only");
	ck_assert(!db_exec(db, "INSERT INTO tenant (name) VALUES ('a')", &fixture_error));
	db_close(db);
}
END_TEST

START_TEST(notices_that_the_file_was_removed_and_replaced)
{
	char copy[160];
	struct db *db;

	snprintf(copy, sizeof(copy), "%s/copy.db", fixture_directory);
	ck_ok(fixture_sql("INSERT INTO tenant (name) VALUES ('old')"));
	ck_ok(store_backup(fixture_db, copy, &fixture_error));
	ck_ok(fixture_sql("INSERT INTO tenant (name) VALUES ('new')"));
	ck_ok(open_read(&db));
	store_close(fixture_db);
	fixture_db = NULL;
	remove_database();
	ck_fails(db_begin_read(db, &fixture_error), "No such file");
	ck_assert_int_eq(rename(copy, fixture_path), 0);
	ck_ok(db_begin_read(db, &fixture_error));
	ck_assert_int_eq(number(db, "SELECT count(*) FROM tenant"), 1);
	ck_assert_uint_eq(db_identity(db).opened, 2);
	db_close(db);
}
END_TEST

START_TEST(a_backup_is_whole_and_overwrites_nothing)
{
	char copy[160];
	struct db *db;

	snprintf(copy, sizeof(copy), "%s/copy.db", fixture_directory);
	ck_ok(fixture_sql("INSERT INTO tenant (name) VALUES ('a')"));
	ck_ok(store_backup(fixture_db, copy, &fixture_error));
	ck_fails(store_backup(fixture_db, copy, &fixture_error), "File exists");
	ck_ok(store_open(copy, STORE_WRITE, 50, &db, &fixture_error));
	ck_ok(db_integrity(db, &fixture_error));
	ck_assert_int_eq(number(db, "SELECT count(*) FROM tenant"), 1);
	store_close(db);
}
END_TEST

START_TEST(refuses_a_statement_that_is_no_literal)
{
	char text[] = "SELECT 1";

	ck_assert_ptr_nonnull(db_query(fixture_db, text, &fixture_error));
	text[7] = '2';
	ck_assert_ptr_null(db_query(fixture_db, text, &fixture_error));
}
END_TEST

START_TEST(a_bind_that_fails_is_an_error_at_the_step)
{
	struct db_query *query = db_query(fixture_db, "SELECT ?1", &fixture_error);

	db_bind_int(query, 2, 1);
	ck_assert_int_eq(db_step(query, &fixture_error), FOUND_ERROR);
	query = db_query(fixture_db, "SELECT ?1 IS NULL", &fixture_error);
	ck_assert_int_eq(db_step(query, &fixture_error), FOUND_ONE);
}
END_TEST

/* Inserts rows for ever and tells each that was committed; killed by its parent. */
static void write_until_killed(int pipe_end)
{
	struct db *db;
	unsigned char one = 1;

	if (!store_open(fixture_path, STORE_WRITE, 2000, &db, &fixture_error))
		_exit(1);
	for (;;) {
		if (!store_begin(db, &fixture_error) ||
		    !db_exec(db,
			     "INSERT INTO tenant (name) SELECT 't' || (1 + count(*)) FROM tenant",
			     &fixture_error) ||
		    !store_commit(db, &fixture_error) || write(pipe_end, &one, 1) != 1)
			_exit(1);
	}
}

START_TEST(kill_9_of_a_writer_loses_no_acknowledged_row)
{
	unsigned char acknowledged[200];
	ssize_t length = 0, more;
	int ends[2], status;
	int64_t rows;
	pid_t child;

	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	if (child == 0)
		write_until_killed(ends[1]);
	close(ends[1]);
	while (length < 60 && (more = read(ends[0], acknowledged, 1)) > 0)
		length += more;
	kill(child, SIGKILL);
	while ((more = read(ends[0], acknowledged, sizeof(acknowledged))) > 0)
		length += more;
	waitpid(child, &status, 0);
	ck_assert(WIFSIGNALED(status));
	rows = number(fixture_db, "SELECT count(*) FROM tenant");
	ck_assert_int_ge(rows, length);
	ck_assert_int_le(rows, length + 1);
	ck_ok(db_integrity(fixture_db, &fixture_error));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("db");
	TCase *tests = tcase_create("db");

	tcase_add_checked_fixture(tests, fixture_start, fixture_stop);
	tcase_add_test(tests, never_creates_a_missing_file_for_a_reader_or_writer);
	tcase_add_test(tests, refuses_a_file_of_another_program);
	tcase_add_test(tests, refuses_a_newer_schema_and_names_both_versions);
	tcase_add_test(tests, notices_a_newer_schema_in_the_next_transaction);
	tcase_add_test(tests, migrates_an_old_file_only_when_asked_to);
	tcase_add_test(tests, leaves_nothing_of_a_migration_that_fails);
	tcase_add_test(tests, refuses_what_is_no_database);
	tcase_add_test(tests, a_truncated_file_gives_errors_and_no_answers);
	tcase_add_test(tests, an_overwritten_page_is_found_by_the_integrity_check);
	tcase_add_test(tests, waits_for_another_writer_and_then_says_locked);
	tcase_add_test(tests, an_exclusively_locked_file_is_waited_for_and_then_an_error);
	tcase_add_test(tests, a_reader_sees_one_state_throughout_its_transaction);
	tcase_add_test(tests, a_reader_may_not_write);
	tcase_add_test(tests, notices_that_the_file_was_removed_and_replaced);
	tcase_add_test(tests, a_backup_is_whole_and_overwrites_nothing);
	tcase_add_test(tests, refuses_a_statement_that_is_no_literal);
	tcase_add_test(tests, a_bind_that_fails_is_an_error_at_the_step);
	tcase_add_test(tests, kill_9_of_a_writer_loses_no_acknowledged_row);
	suite_add_tcase(suite, tests);
	return fixture_run(suite);
}
