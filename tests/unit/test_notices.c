/* SPDX-License-Identifier: BSD-2-Clause */
/* Notices: one a day per tenant and signature, whatever the signature is called, gone after two days. */
#include "common/notices.h"
#include "tests/unit/store_fixture.h"
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#define NOON ((time_t)1900000000 / 86400 * 86400 + 43200)
#define DAY  86400

static bool leave(const char *tenant, const char *signature, time_t found)
{
	const struct notice notice = {
	    .fields =
		{
		    [NOTICE_TENANT] = tenant,
		    [NOTICE_TO] = "admin@acme.example",
		    [NOTICE_SIGNATURE] = signature,
		    [NOTICE_PART] = "part 2, a.zip",
		    [NOTICE_SENDER] = "a@acme.example\nto=victim@other.example",
		    [NOTICE_CLIENT] = "192.0.2.7",
		    [NOTICE_QUEUE_ID] = "4XyZ",
		    [NOTICE_ACTION] = "refused",
		},
	    .found = found,
	};

	return notice_leave(fixture_directory, &notice, &fixture_error);
}

struct seen {
	size_t count, sent;
	char name[NOTICE_NAME_SIZE]; /* the last one's */
};

static void note(const char *name, bool sent, void *context)
{
	struct seen *seen = context;

	seen->count++;
	seen->sent += sent;
	snprintf(seen->name, sizeof(seen->name), "%s", name);
}

static struct seen look(void)
{
	struct seen seen = {0};

	ck_ok(notice_each(fixture_directory, note, &seen, &fixture_error));
	return seen;
}

/* Files of any kind in the directory. */
static size_t count_files(void)
{
	DIR *directory = opendir(fixture_directory);
	const struct dirent *entry;
	size_t count = 0;

	ck_assert_ptr_nonnull(directory);
	while ((entry = readdir(directory)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count;
}

START_TEST(there_is_one_a_day_per_tenant_and_signature)
{
	for (int i = 0; i < 3; i++)
		ck_ok(leave("acme", "Eicar", NOON + i));
	ck_assert_uint_eq(look().count, 1);
	ck_ok(leave("acme", "Other", NOON));
	ck_ok(leave("beta", "Eicar", NOON));
	ck_ok(leave("acme", "Eicar", NOON + DAY));
	ck_assert_uint_eq(look().count, 4);
	ck_assert_uint_eq(count_files(), 4);
}
END_TEST

START_TEST(a_sent_one_is_not_left_again_that_day)
{
	struct seen seen;

	ck_ok(leave("acme", "Eicar", NOON));
	seen = look();
	ck_assert_uint_eq(seen.sent, 0);
	ck_ok(notice_mark_sent(fixture_directory, seen.name, &fixture_error));
	ck_ok(notice_mark_sent(fixture_directory, seen.name, &fixture_error));
	ck_ok(leave("acme", "Eicar", NOON + 1));
	seen = look();
	ck_assert_uint_eq(seen.count, 1);
	ck_assert_uint_eq(seen.sent, 1);
}
END_TEST

START_TEST(what_was_left_is_read_back_line_breaks_made_harmless)
{
	struct notice notice;

	ck_ok(leave("acme", "Eicar", NOON));
	ck_ok(notice_read(fixture_directory, look().name, &notice, &fixture_error));
	ck_assert_str_eq(notice.fields[NOTICE_TENANT], "acme");
	ck_assert_str_eq(notice.fields[NOTICE_TO], "admin@acme.example");
	ck_assert_str_eq(notice.fields[NOTICE_SIGNATURE], "Eicar");
	ck_assert_str_eq(notice.fields[NOTICE_PART], "part 2, a.zip");
	ck_assert_str_eq(notice.fields[NOTICE_SENDER], "a@acme.example?to=victim@other.example");
	ck_assert_str_eq(notice.fields[NOTICE_ACTION], "refused");
	ck_assert_int_eq(notice.found, NOON);
	notice_free(&notice);
}
END_TEST

START_TEST(a_hostile_signature_stays_in_the_directory_and_on_its_line)
{
	static const char *const signatures[] = {
	    "../../etc/passwd", "a/b", "", ".sent", "a\nto=x@y", "\xff\x1b[31m", "x.tmp"};
	enum { SIGNATURES = sizeof(signatures) / sizeof(*signatures) };
	char huge[5000];

	for (size_t i = 0; i < SIGNATURES; i++)
		ck_ok(leave("acme", signatures[i], NOON));
	memset(huge, 'x', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	ck_ok(leave("acme", huge, NOON));
	ck_assert_uint_eq(look().count, SIGNATURES + 1);
	ck_fails(leave("../acme", "Eicar", NOON), "no tenant's name");
}
END_TEST

START_TEST(every_one_that_is_left_can_be_read)
{
	struct notice notice;

	ck_ok(leave("acme", "a\nto=x@y\xff", NOON));
	ck_ok(notice_read(fixture_directory, look().name, &notice, &fixture_error));
	ck_assert_str_eq(notice.fields[NOTICE_SIGNATURE], "a?to=x@y?");
	ck_assert_str_eq(notice.fields[NOTICE_TO], "admin@acme.example");
	notice_free(&notice);
}
END_TEST

START_TEST(old_ones_and_their_marks_are_purged_others_files_stay)
{
	char path[160];

	ck_ok(leave("acme", "Eicar", NOON));
	ck_ok(notice_mark_sent(fixture_directory, look().name, &fixture_error));
	ck_ok(leave("acme", "Eicar", NOON + DAY));
	snprintf(path, sizeof(path), "%s/README", fixture_directory);
	fclose(fopen(path, "w"));
	snprintf(path, sizeof(path), "%s/2030-01-01.abcdef.tmp", fixture_directory);
	fclose(fopen(path, "w"));
	ck_ok(notice_purge(fixture_directory, NOON + NOTICE_KEPT_DAYS * DAY, &fixture_error));
	ck_assert_uint_eq(look().count, 2);
	ck_assert_uint_eq(count_files(), 4); /* the old temporary file went */
	ck_ok(notice_purge(fixture_directory, NOON + (NOTICE_KEPT_DAYS + 1) * DAY, &fixture_error));
	ck_assert_uint_eq(look().count, 1);
	ck_assert_uint_eq(look().sent, 0);
	ck_assert_uint_eq(count_files(), 2);
}
END_TEST

START_TEST(a_missing_directory_is_an_error_that_names_it)
{
	ck_assert_int_eq(rmdir(fixture_directory), 0);
	ck_fails(leave("acme", "Eicar", NOON), fixture_directory);
	ck_fails(notice_each(fixture_directory, note, &(struct seen){0}, &fixture_error),
		 "notices.directory");
	ck_fails(notice_purge(fixture_directory, NOON, &fixture_error), fixture_directory);
}
END_TEST

START_TEST(what_is_no_notice_is_refused)
{
	struct notice notice;
	char path[160];
	FILE *file;

	snprintf(path, sizeof(path), "%s/link", fixture_directory);
	ck_assert_int_eq(symlink("/etc/passwd", path), 0);
	ck_fails(notice_read(fixture_directory, "link", &notice, &fixture_error), "cannot be read");
	snprintf(path, sizeof(path), "%s/short", fixture_directory);
	file = fopen(path, "w");
	fputs("tenant=acme\n", file);
	fclose(file);
	ck_fails(notice_read(fixture_directory, "short", &notice, &fixture_error), "no line to=");
	ck_fails(notice_read(fixture_directory, "absent", &notice, &fixture_error), "No such file");
	snprintf(path, sizeof(path), "%s/folder", fixture_directory);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_fails(notice_read(fixture_directory, "folder", &notice, &fixture_error), "folder");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("notices");
	TCase *tests = tcase_create("notices");

	tcase_add_checked_fixture(tests, fixture_make_directory, fixture_stop);
	tcase_add_test(tests, there_is_one_a_day_per_tenant_and_signature);
	tcase_add_test(tests, a_sent_one_is_not_left_again_that_day);
	tcase_add_test(tests, what_was_left_is_read_back_line_breaks_made_harmless);
	tcase_add_test(tests, a_hostile_signature_stays_in_the_directory_and_on_its_line);
	tcase_add_test(tests, every_one_that_is_left_can_be_read);
	tcase_add_test(tests, old_ones_and_their_marks_are_purged_others_files_stay);
	tcase_add_test(tests, a_missing_directory_is_an_error_that_names_it);
	tcase_add_test(tests, what_is_no_notice_is_refused);
	suite_add_tcase(suite, tests);
	return fixture_run(suite);
}
