/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of log lines, as they arrive on standard error. */
#include "common/log.h"
#include "tests/unit/unit.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static FILE *captured;

static void capture(void)
{
	captured = tmpfile();
	ck_assert_ptr_nonnull(captured);
	ck_assert_int_ge(dup2(fileno(captured), STDERR_FILENO), 0);
	log_open("easymail-test", LOG_TARGET_STDERR);
}

/* The next line without its newline and the program's name and process id. */
static const char *next_line(void)
{
	static char line[8192];
	char start[64];

	if (fgets(line, sizeof(line), captured) == NULL)
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	snprintf(start, sizeof(start), "easymail-test[%ld]: ", (long)getpid());
	ck_assert_msg(strncmp(line, start, strlen(start)) == 0, "\"%s\"", line);
	return line + strlen(start);
}

START_TEST(each_level_writes_one_line)
{
	capture();
	log_info("one %d", 1);
	log_warning("two");
	log_error("three %s", "x");
	log_alarm("disk is %s", "full");
	rewind(captured);
	ck_assert_str_eq(next_line(), "info: one 1");
	ck_assert_str_eq(next_line(), "warning: two");
	ck_assert_str_eq(next_line(), "error: three x");
	ck_assert_str_eq(next_line(), "error: ALARM disk is full");
	ck_assert_ptr_null(next_line());
}
END_TEST

START_TEST(a_value_cannot_begin_a_line_of_its_own)
{
	capture();
	log_info("helo=%s", "x\r\neasymail-test[1]: info: forged\x1b[2J\xc2\x85\xe2\x80\xa8\xff");
	rewind(captured);
	ck_assert_str_eq(next_line(), "info: helo=x??easymail-test[1]: info: forged?[2J??????");
	ck_assert_ptr_null(next_line());
}
END_TEST

START_TEST(an_endless_value_is_cut)
{
	static char value[100000];

	capture();
	memset(value, 'v', sizeof(value) - 1);
	log_alarm("%s", value);
	rewind(captured);
	ck_assert_uint_eq(strlen(next_line()), strlen("error: ") + 4095);
	ck_assert_ptr_null(next_line());
}
END_TEST

static void *write_lines(void *argument)
{
	char value[1500];

	memset(value, *(const char *)argument, sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	for (int i = 0; i < 200; i++)
		log_info("%s", value);
	return NULL;
}

START_TEST(lines_of_several_threads_do_not_mix)
{
	static char letters[] = "abcd";
	pthread_t threads[4];
	const char *line;
	int count = 0;

	capture();
	for (size_t i = 0; i < COUNT(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, write_lines, &letters[i]), 0);
	for (size_t i = 0; i < COUNT(threads); i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	rewind(captured);
	for (; (line = next_line()) != NULL; count++) {
		line += strlen("info: ");
		ck_assert_uint_eq(strlen(line), 1499);
		ck_assert_uint_eq(strspn(line, (char[2]){line[0], '\0'}), 1499);
	}
	ck_assert_int_eq(count, 800);
}
END_TEST

UNIT_MAIN("log", each_level_writes_one_line, a_value_cannot_begin_a_line_of_its_own,
	  an_endless_value_is_cut, lines_of_several_threads_do_not_mix)
