/* SPDX-License-Identifier: BSD-2-Clause */
/* The key file: made once, read by us alone, and refused when it is not what it should be. */
#include "common/key_file.h"
#include "tests/unit/store_fixture.h"
#include <string.h>
#include <sys/stat.h>

static char path[160];

static void start(void)
{
	fixture_make_directory();
	snprintf(path, sizeof(path), "%s/dkim.key", fixture_directory);
}

static void write_file(const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, mode), 0);
}

static bool loads(void)
{
	struct key_file file;
	enum found found = key_file_load(path, &file, &fixture_error);

	ck_assert_int_ne(found, FOUND_NONE);
	return found == FOUND_ONE;
}

#define GOOD "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"

START_TEST(a_new_one_is_random_closed_to_others_and_loads)
{
	struct key_file one, two;
	struct stat status;

	ck_ok(key_file_create(path, "nogroup", &fixture_error));
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_int_eq(status.st_mode & 07777, 0640);
	ck_assert_int_eq(key_file_load(path, &one, &fixture_error), FOUND_ONE);
	ck_assert_int_eq(unlink(path), 0);
	ck_ok(key_file_create(path, "nogroup", &fixture_error));
	ck_assert_int_eq(key_file_load(path, &two, &fixture_error), FOUND_ONE);
	ck_assert_mem_ne(one.key, two.key, sizeof(one.key));
	ck_assert_str_ne(one.id, two.id);
}
END_TEST

START_TEST(one_that_is_there_is_never_replaced)
{
	struct key_file before, after;

	ck_ok(key_file_create(path, "nogroup", &fixture_error));
	ck_assert_int_eq(key_file_load(path, &before, &fixture_error), FOUND_ONE);
	ck_fails(key_file_create(path, "nogroup", &fixture_error), "File exists");
	ck_assert_int_eq(key_file_load(path, &after, &fixture_error), FOUND_ONE);
	ck_assert_mem_eq(before.key, after.key, sizeof(before.key));
}
END_TEST

START_TEST(a_failed_creation_leaves_nothing_behind)
{
	char command[256];

	if (geteuid() == 0) {
		ck_fails(key_file_create(path, "no-such-group", &fixture_error), "no-such-group");
		/* rmdir succeeds on an empty directory only. */
		ck_assert_int_eq(rmdir(fixture_directory), 0);
		ck_assert_int_eq(mkdir(fixture_directory, 0700), 0);
	}
	snprintf(command, sizeof(command), "%s/missing/dkim.key", fixture_directory);
	ck_fails(key_file_create(command, "nogroup", &fixture_error), "No such file");
}
END_TEST

START_TEST(absence_is_an_answer_not_an_error)
{
	struct key_file file;

	ck_assert_int_eq(key_file_load(path, &file, &fixture_error), FOUND_NONE);
}
END_TEST

START_TEST(one_that_others_may_read_or_change_is_refused)
{
	static const mode_t modes[] = {0644, 0641, 0642, 0660, 0650, 0666};

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		write_file(GOOD, modes[i]);
		ck_fails(loads(), "chmod 0640");
	}
	write_file(GOOD, 0640);
	ck_ok(loads());
	write_file(GOOD, 0400);
	ck_ok(loads());
}
END_TEST

START_TEST(what_is_no_key_is_refused)
{
	static const char *const texts[] = {"", "\n", "AAECAw==\n", "not base64",
					    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gIQ==\n"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		write_file(texts[i], 0600);
		ck_fails(loads(), "32 octets");
	}
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_fails(loads(), "regular file");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("key_file");
	TCase *tests = tcase_create("key_file");

	tcase_add_checked_fixture(tests, start, fixture_stop);
	tcase_add_test(tests, a_new_one_is_random_closed_to_others_and_loads);
	tcase_add_test(tests, one_that_is_there_is_never_replaced);
	tcase_add_test(tests, a_failed_creation_leaves_nothing_behind);
	tcase_add_test(tests, absence_is_an_answer_not_an_error);
	tcase_add_test(tests, one_that_others_may_read_or_change_is_refused);
	tcase_add_test(tests, what_is_no_key_is_refused);
	suite_add_tcase(suite, tests);
	return fixture_run(suite);
}
