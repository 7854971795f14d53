/* SPDX-License-Identifier: BSD-2-Clause */
/* A log file that is read while it is written and rotated: each line once, in order, wherever reading began anew. */
#include "common/log.h"
#include "services/tracker/log_file.h"
#include "tests/unit/store_fixture.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define RESTART true

static char path[160];
static struct log_file *file;
static int next_line; /* the number that is written next */

static void start(void)
{
	log_open("test", LOG_TARGET_STDERR);
	fixture_make_directory();
	snprintf(path, sizeof(path), "%s/mail.log", fixture_directory);
	next_line = 0;
	file = NULL;
}

static void stop(void)
{
	log_file_free(file);
	fixture_stop();
}

static void write_text(const char *text)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void write_lines(int count)
{
	char text[64];

	while (count-- > 0) {
		snprintf(text, sizeof(text), "line %d of the log\n", next_line++);
		write_text(text);
	}
}

/* Files are told apart by when they were written last; the file system's clock ticks every few ms. */
static void let_time_pass(void)
{
	nanosleep(&(struct timespec){0, 20000000}, NULL);
}

static void shell(const char *text)
{
	char command[512];

	snprintf(command, sizeof(command), "cd %s && %s", fixture_directory, text);
	ck_assert_int_eq(system(command), 0);
	let_time_pass();
}

/* As a new process goes on: at the place that the former one left. */
static void restart(void)
{
	struct journal_position position;

	log_file_position(file, &position);
	log_file_free(file);
	file = log_file_new(path, &position);
}

static int expected; /* the number of the next line that is to be read */

/* Reads `count` lines, which must be the next ones, each after a restart if so asked. */
static void read_lines(int count, bool restarting)
{
	char line[128], wanted[128];

	if (file == NULL) {
		file = log_file_new(path, NULL);
		expected = 0;
	}
	for (int i = 0; i < count; i++) {
		if (restarting)
			restart();
		ck_assert_int_eq(log_file_next(file, line, sizeof(line), &fixture_error),
				 FOUND_ONE);
		snprintf(wanted, sizeof(wanted), "line %d of the log", expected++);
		ck_assert_str_eq(line, wanted);
	}
}

static void read_nothing(void)
{
	char line[128];

	ck_assert_int_eq(log_file_next(file, line, sizeof(line), &fixture_error), FOUND_NONE);
}

START_TEST(lines_come_when_they_are_complete)
{
	write_lines(3);
	read_lines(3, false);
	read_nothing();
	ck_assert(log_file_is_idle(file));
	write_text("line 3 ");
	ck_assert(!log_file_is_idle(file));
	read_nothing();
	ck_assert_uint_eq(log_file_lag(file), 7);
	write_text("of the log\n");
	next_line = 4;
	read_lines(1, false);
	read_nothing();
}
END_TEST

START_TEST(reading_goes_on_after_each_line_wherever_it_ended)
{
	write_lines(40);
	read_lines(40, RESTART);
	restart();
	read_nothing();
	write_lines(2);
	read_lines(2, RESTART);
}
END_TEST

static void rotate_by_renaming(bool restarting)
{
	write_lines(30);
	read_lines(10, restarting);
	let_time_pass();
	shell("mv mail.log mail.log.1");
	read_lines(20, restarting);
	read_nothing();
	write_lines(5);
	read_lines(5, restarting);
	read_nothing();
}

START_TEST(renaming_loses_no_line)
{
	rotate_by_renaming(false);
}
END_TEST

START_TEST(renaming_loses_no_line_between_restarts)
{
	rotate_by_renaming(RESTART);
}
END_TEST

START_TEST(a_writer_that_goes_on_in_the_old_file_is_heard_to_its_end)
{
	write_lines(2);
	read_lines(2, false);
	shell("mv mail.log mail.log.1");
	shell("echo 'line 2 of the log' >>mail.log.1");
	read_lines(1, false);
	shell("touch mail.log");
	read_nothing();
	shell("echo 'line 3 of the log' >>mail.log.1");
	next_line = 4;
	write_lines(1);
	read_lines(2, false);
	read_nothing();
}
END_TEST

START_TEST(an_unfinished_last_line_of_a_rotated_file_is_a_line)
{
	write_lines(1);
	write_text("line 1 of the log");
	read_lines(1, false);
	shell("mv mail.log mail.log.1");
	next_line = 2;
	write_lines(1);
	read_lines(2, false);
	read_nothing();
}
END_TEST

static void rotate_twice(bool restarting)
{
	write_lines(10);
	read_lines(3, restarting);
	let_time_pass();
	shell("mv mail.log mail.log.1");
	write_lines(10);
	let_time_pass();
	shell("mv mail.log.1 mail.log.2 && mv mail.log mail.log.1");
	write_lines(10);
	if (restarting)
		restart();
	read_lines(27, restarting);
	read_nothing();
}

START_TEST(two_rotations_while_nobody_read_lose_no_line)
{
	rotate_twice(false);
}
END_TEST

START_TEST(two_rotations_between_restarts_lose_no_line)
{
	rotate_twice(RESTART);
}
END_TEST

static void copy_and_truncate(bool restarting)
{
	write_lines(30);
	read_lines(10, restarting);
	let_time_pass();
	shell("cp mail.log mail.log.1 && : >mail.log");
	write_lines(40); /* longer than what was read */
	read_lines(20 + 40, restarting);
	read_nothing();
}

START_TEST(copying_and_truncating_loses_no_line_that_was_copied)
{
	copy_and_truncate(false);
}
END_TEST

START_TEST(copying_and_truncating_loses_no_line_between_restarts)
{
	copy_and_truncate(RESTART);
}
END_TEST

/* A reader that is still in the former copy, and a copy that is there, or half there, before the file is truncated. */
static void copy_under_a_slow_reader(const char *copy, bool restarting)
{
	write_lines(20);
	read_lines(20, restarting);
	shell("cp mail.log mail.log.1 && : >mail.log");
	read_nothing();
	write_lines(20);
	let_time_pass();
	shell("mv mail.log.1 mail.log.2");
	shell(copy);
	read_lines(5, restarting);
	shell("cp mail.log mail.log.1 && : >mail.log");
	write_lines(30);
	read_lines(15 + 30, restarting);
	read_nothing();
}

START_TEST(a_copy_of_the_file_that_is_still_there_is_not_read)
{
	copy_under_a_slow_reader("cp mail.log mail.log.1", false);
}
END_TEST

START_TEST(half_a_copy_of_the_file_that_is_still_there_is_not_read)
{
	copy_under_a_slow_reader("head -c 100 mail.log >mail.log.1", RESTART);
}
END_TEST

/* The reader has come to the file when that had no whole line yet. */
static void truncate_before_the_first_line(bool restarting)
{
	write_lines(20);
	read_lines(20, restarting);
	shell("cp mail.log mail.log.1 && : >mail.log");
	write_text("line 20 ");
	read_nothing();
	write_text("of the log\n");
	next_line = 21;
	write_lines(10);
	let_time_pass();
	shell("mv mail.log.1 mail.log.2 && cp mail.log mail.log.1 && : >mail.log");
	write_lines(30);
	read_lines(1 + 10 + 30, restarting);
	read_nothing();
}

START_TEST(a_file_that_is_truncated_before_its_first_line_was_read_loses_none)
{
	truncate_before_the_first_line(false);
}
END_TEST

START_TEST(a_file_that_is_truncated_before_its_first_line_was_read_loses_none_by_a_restart)
{
	truncate_before_the_first_line(RESTART);
}
END_TEST

START_TEST(a_truncated_file_without_a_copy_is_read_from_its_new_beginning)
{
	write_lines(5);
	read_lines(5, false);
	shell(": >mail.log");
	write_lines(2);
	read_lines(2, false);
	read_nothing();
}
END_TEST

START_TEST(a_file_that_is_gone_with_its_rest_is_followed_by_the_one_that_is_there)
{
	write_lines(5);
	read_lines(2, false);
	expected = next_line = 5;
	shell("gzip -f mail.log");
	write_lines(3);
	read_lines(0, false);
	restart();
	read_lines(3, RESTART);
}
END_TEST

START_TEST(a_new_file_with_the_number_of_an_old_one_is_another_file)
{
	struct journal_position position;

	write_lines(5);
	read_lines(5, false);
	log_file_position(file, &position);
	shell("echo 'line 0 of another log, which is longer than what was read of the first one, "
	      "and that by very many octets, so that the offset lies within it' >mail.log");
	write_lines(1);
	log_file_free(file);
	file = log_file_new(path, &position);
	expected = 5;
	ck_assert_int_eq(log_file_next(file, (char[200]){""}, 200, &fixture_error), FOUND_ONE);
	read_lines(1, false);
}
END_TEST

START_TEST(other_files_beside_it_are_not_read)
{
	write_lines(2);
	read_lines(2, false);
	shell("echo x >mail.log.offset; echo x >mail.log.1.gz; echo x >mail.logs; echo x "
	      ">mail.log.d");
	shell("mv mail.log mail.log.1");
	shell("echo x >mail.log.bak");
	write_lines(1);
	read_lines(1, false);
	read_nothing();
}
END_TEST

START_TEST(a_line_that_is_too_long_is_cut_and_the_next_one_comes_whole)
{
	static char huge[200000], line[64];

	write_lines(1);
	memset(huge, 'x', sizeof(huge) - 2);
	huge[sizeof(huge) - 2] = '\n';
	write_text(huge);
	write_lines(1);
	read_lines(1, false);
	ck_assert_int_eq(log_file_next(file, line, sizeof(line), &fixture_error), FOUND_ONE);
	ck_assert_uint_eq(strlen(line), sizeof(line) - 1);
	read_lines(1, false);
	read_nothing();
}
END_TEST

START_TEST(a_file_that_is_not_there_is_told_and_waited_for)
{
	char line[64];

	file = log_file_new(path, NULL);
	ck_assert_int_eq(log_file_next(file, line, sizeof(line), &fixture_error), FOUND_ERROR);
	ck_assert_ptr_nonnull(strstr(fixture_error.text, "tracker.log_file"));
	write_lines(1);
	expected = 0;
	read_lines(1, false);
}
END_TEST

START_TEST(a_new_file_that_cannot_be_opened_is_told)
{
	char line[64];

	write_lines(1);
	read_lines(1, false);
	shell("mv mail.log mail.log.1 && ln -s mail.log mail.log");
	ck_assert_int_eq(log_file_next(file, line, sizeof(line), &fixture_error), FOUND_ERROR);
	ck_assert_ptr_nonnull(strstr(fixture_error.text, "tracker.log_file"));
	shell("rm mail.log");
	write_lines(1);
	read_lines(1, RESTART);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tracker_log_file");
	TCase *tests = tcase_create("tracker_log_file");

	tcase_add_checked_fixture(tests, start, stop);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, lines_come_when_they_are_complete);
	tcase_add_test(tests, reading_goes_on_after_each_line_wherever_it_ended);
	tcase_add_test(tests, renaming_loses_no_line);
	tcase_add_test(tests, renaming_loses_no_line_between_restarts);
	tcase_add_test(tests, a_writer_that_goes_on_in_the_old_file_is_heard_to_its_end);
	tcase_add_test(tests, an_unfinished_last_line_of_a_rotated_file_is_a_line);
	tcase_add_test(tests, two_rotations_while_nobody_read_lose_no_line);
	tcase_add_test(tests, two_rotations_between_restarts_lose_no_line);
	tcase_add_test(tests, copying_and_truncating_loses_no_line_that_was_copied);
	tcase_add_test(tests, copying_and_truncating_loses_no_line_between_restarts);
	tcase_add_test(tests, a_copy_of_the_file_that_is_still_there_is_not_read);
	tcase_add_test(tests, half_a_copy_of_the_file_that_is_still_there_is_not_read);
	tcase_add_test(tests, a_file_that_is_truncated_before_its_first_line_was_read_loses_none);
	tcase_add_test(
	    tests, a_file_that_is_truncated_before_its_first_line_was_read_loses_none_by_a_restart);
	tcase_add_test(tests, a_truncated_file_without_a_copy_is_read_from_its_new_beginning);
	tcase_add_test(tests,
		       a_file_that_is_gone_with_its_rest_is_followed_by_the_one_that_is_there);
	tcase_add_test(tests, a_new_file_with_the_number_of_an_old_one_is_another_file);
	tcase_add_test(tests, other_files_beside_it_are_not_read);
	tcase_add_test(tests, a_line_that_is_too_long_is_cut_and_the_next_one_comes_whole);
	tcase_add_test(tests, a_file_that_is_not_there_is_told_and_waited_for);
	tcase_add_test(tests, a_new_file_that_cannot_be_opened_is_told);
	suite_add_tcase(suite, tests);
	return fixture_run(suite);
}
