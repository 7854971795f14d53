/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of easymail.conf: what is read, and that each error names file, line, name, value and mend. */
#include "common/config.h"
#include "common/config_value.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct config *parse(const char *text)
{
	struct config *config;
	struct error err;

	ck_assert_msg(config_parse("test.conf", text, strlen(text), &config, &err), "%s: %s", text,
		      err.text);
	return config;
}

START_TEST(an_empty_file_gives_the_defaults)
{
	struct config *config = parse("");

	ck_assert_str_eq(config_text(config, "database"), "/var/lib/easymail/tenants.db");
	ck_assert_int_eq(config_number(config, "database.busy_timeout"), 1000);
	ck_assert_int_eq(config_number(config, "log.target"), 0);
	ck_assert_int_eq(config_number(config, "milter.drain_timeout"), 300000);
	ck_assert_str_eq(config_text(config, "hostname"), "");
	ck_assert_str_eq(config_source(config), "test.conf");
	config_free(config);
	config_free(NULL);
}
END_TEST

START_TEST(the_table_is_sound)
{
	for (const struct config_option *option = config_options; option->name != NULL; option++) {
		struct error err;
		int64_t number;
		size_t length = strlen(option->name);

		ck_assert_uint_eq(strspn(option->name, "abcdefghijklmnopqrstuvwxyz0123456789._"),
				  length);
		ck_assert_msg(config_value_parse(option, option->fallback, &number, &err), "%s: %s",
			      option->name, err.text);
		ck_assert_msg(option->help[strlen(option->help) - 1] == '.', "%s", option->name);
		ck_assert_int_eq(option->choices != NULL, option->kind == CONFIG_CHOICE);
		for (const struct config_option *other = config_options; other != option; other++)
			ck_assert_str_ne(option->name, other->name);
	}
}
END_TEST

START_TEST(lines_continue_as_in_main_cf)
{
	struct config *config = parse("# a comment\n"
				      "\n"
				      "   # another\n"
				      "database=/a\n"
				      "hostname =\n"
				      "\tmx1\n"
				      "# a comment does not end it\n"
				      "\n"
				      "  example\r\n"
				      "log.target\t=\tstderr   \r\n"
				      "mapd.socket = /b = c#d\n"
				      "mapd.socket_mode =\n"
				      "database.busy_timeout = 250ms");

	ck_assert_str_eq(config_text(config, "database"), "/a");
	ck_assert_str_eq(config_text(config, "hostname"), "mx1 example");
	ck_assert_int_eq(config_number(config, "log.target"), 1);
	ck_assert_str_eq(config_text(config, "mapd.socket"), "/b = c#d");
	ck_assert_str_eq(config_text(config, "mapd.socket_mode"), "");
	ck_assert_int_eq(config_number(config, "database.busy_timeout"), 250);
	config_free(config);
}
END_TEST

START_TEST(errors_name_place_value_and_mend)
{
	static const struct {
		const char *text, *error;
	} table[] = {
	    {"databse = /x",
	     "test.conf:1: databse: there is no such option; did you mean database?"},
	    {"\n\nmilter.sokcet = /x",
	     "test.conf:3: milter.sokcet: there is no such option; did you mean milter.socket?"},
	    {"busy_timeout = 1s", "test.conf:1: busy_timeout: there is no such option; did you "
				  "mean database.busy_timeout?"},
	    {"zzzzzz = 1",
	     "test.conf:1: zzzzzz: there is no such option; easymail.conf(5) lists them"},
	    {" = 1",
	     "test.conf:1: the line begins with white space, but there is none before it to "
	     "continue; remove the white space"},
	    {"= 1", "test.conf:1: : there is no such option; easymail.conf(5) lists them"},
	    {"database", "test.conf:1: database: the = is missing; write name = value"},
	    {"\ndatabase = /a\n\ndatabase = /b",
	     "test.conf:4: database: set twice, first in line 2; keep one of the two"},
	    {"database = a", "test.conf:1: database = a: it must be a path that begins with /"},
	    {"database =",
	     "test.conf:1: database: the value is missing; remove the line for the default, "
	     "/var/lib/easymail/tenants.db"},
	    {"database = /a # here",
	     "test.conf:1: database = /a # here: a comment must be a line of its own"},
	    {"log.target = file", "test.conf:1: log.target = file: write one of syslog|stderr"},
	    {"log.target = sys", "test.conf:1: log.target = sys: write one of syslog|stderr"},
	    {"mapd.max_clients = 0",
	     "test.conf:1: mapd.max_clients = 0: it must be a whole number from 1 to 100000"},
	    {"mapd.max_clients = 10x",
	     "test.conf:1: mapd.max_clients = 10x: it must be a whole number from 1 to 100000"},
	    {"mapd.max_clients = 99999999999999999999",
	     "test.conf:1: mapd.max_clients = 99999999999999999999: it must be a whole number from "
	     "1 to "
	     "100000"},
	    {"database.busy_timeout = 5",
	     "test.conf:1: database.busy_timeout = 5: its unit is missing; write 5s, 5m or 5h"},
	    {"database.busy_timeout = 31s", "test.conf:1: database.busy_timeout = 31s: it must be "
					    "a time from 100ms to 30s; write a "
					    "whole number and ms, s, m, h or d, as in 90s"},
	    {"database = /a\x01", "test.conf:1: octet 0x01 is a control character; remove it"},
	    {"\ndatabase = /a\xff", "test.conf:2: the line is not UTF-8; save it as UTF-8"},
	    {"database\n = a\n\nlog.target = stderr",
	     "test.conf:1: database = a: it must be a path that begins with /"},
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		struct config *config;
		struct error err = {""};

		ck_assert_msg(
		    !config_parse("test.conf", table[i].text, strlen(table[i].text), &config, &err),
		    "%s", table[i].text);
		ck_assert_str_eq(err.text, table[i].error);
	}
}
END_TEST

START_TEST(a_nul_is_refused)
{
	struct config *config;
	struct error err;

	ck_assert(!config_parse("test.conf", "database = /a\0/b", 17, &config, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "NUL"));
}
END_TEST

START_TEST(values_are_read_by_kind)
{
	static const struct config_option number = {"n",       CONFIG_NUMBER, "0", -5,
						    INT64_MAX, NULL,          ""};
	static const struct config_option boolean = {"b", CONFIG_BOOL, "no", 0, 0, NULL, ""};
	static const struct config_option choice = {"c", CONFIG_CHOICE, "a", 0, 0, "a|bc|d", ""};
	static const struct config_option time = {"t",       CONFIG_SECONDS, "0s", 0,
						  INT64_MAX, NULL,           ""};
	static const struct {
		const struct config_option *option;
		const char *text;
		int64_t number; /* -99: refused */
	} table[] = {
	    {&number, "-5", -5},
	    {&number, "-6", -99},
	    {&number, "9223372036854775807", INT64_MAX},
	    {&number, "9223372036854775808", -99},
	    {&number, "", -99},
	    {&number, "-", -99},
	    {&number, "+1", -99},
	    {&number, " 1", -99},
	    {&number, "0x10", -99},
	    {&number, "1 ", -99},
	    {&boolean, "yes", 1},
	    {&boolean, "no", 0},
	    {&boolean, "true", -99},
	    {&boolean, "", -99},
	    {&choice, "a", 0},
	    {&choice, "bc", 1},
	    {&choice, "d", 2},
	    {&choice, "b", -99},
	    {&choice, "a|bc", -99},
	    {&choice, "", -99},
	    {&choice, "dd", -99},
	    {&time, "0s", 0},
	    {&time, "250ms", 250},
	    {&time, "90s", 90000},
	    {&time, "5m", 300000},
	    {&time, "2h", 7200000},
	    {&time, "1d", 86400000},
	    {&time, "1w", -99},
	    {&time, "1 s", -99},
	    {&time, "-1s", -99},
	    {&time, "1.5s", -99},
	    {&time, "s", -99},
	    {&time, "9223372036854775807d", -99},
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		struct error err;
		int64_t got;

		if (!config_value_parse(table[i].option, table[i].text, &got, &err))
			got = -99;
		ck_assert_msg(got == table[i].number, "%s %s", table[i].option->name,
			      table[i].text);
	}
}
END_TEST

START_TEST(loads_files_and_says_why_not)
{
	char directory[] = "/tmp/easymail-config-XXXXXX", path[64], big[4096];
	struct config *config;
	struct error err;
	FILE *file;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/easymail.conf", directory);
	ck_assert(!config_load(path, &config, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "No such file"));
	ck_assert_ptr_nonnull(strstr(err.text, path));
	ck_assert(!config_load(directory, &config, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "directory"));

	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs("hostname = mx1.example\n", file);
	fclose(file);
	ck_assert_msg(config_load(path, &config, &err), "%s", err.text);
	ck_assert_str_eq(config_text(config, "hostname"), "mx1.example");
	ck_assert_str_eq(config_source(config), path);
	config_free(config);

	memset(big, '#', sizeof(big));
	file = fopen(path, "w");
	for (int i = 0; i < 257; i++)
		ck_assert_uint_eq(fwrite(big, 1, sizeof(big), file), sizeof(big));
	fclose(file);
	ck_assert(!config_load(path, &config, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "1048576 octets"));
	unlink(path);
	rmdir(directory);
}
END_TEST

START_TEST(only_the_default_path_may_be_missing)
{
	struct config *config;
	struct error err;

	if (access(CONFIG_DEFAULT_PATH, F_OK) == 0)
		return;
	ck_assert_msg(config_load(CONFIG_DEFAULT_PATH, &config, &err), "%s", err.text);
	ck_assert_str_eq(config_source(config), "");
	config_free(config);
}
END_TEST

UNIT_MAIN("config", an_empty_file_gives_the_defaults, the_table_is_sound,
	  lines_continue_as_in_main_cf, errors_name_place_value_and_mend, a_nul_is_refused,
	  values_are_read_by_kind, loads_files_and_says_why_not,
	  only_the_default_path_may_be_missing)
