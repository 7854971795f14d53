/* SPDX-License-Identifier: BSD-2-Clause */
/* Which addresses mail from anybody may come in for: those that we made, of late, and no other. */
#include "common/key_file.h"
#include "common/return_address.h"
#include "tests/unit/store_fixture.h"
#include "tests/unit/unit.h"

#define DOMAIN "bounce.example"
#define NOW    1795500000
#define DAY    86400

static struct return_site site = {.domain = DOMAIN, .max_days = 14};
static char key_path[160];

static void start(void)
{
	fixture_make_directory();
	snprintf(key_path, sizeof(key_path), "%s/key", fixture_directory);
	ck_ok(key_file_create(key_path, "nogroup", &fixture_error));
	site.key_file = key_path;
}

/* The return path of a message that was taken so many days ago. */
static void make(int age_days, char local_r[RETURN_PATH_LOCAL_SIZE])
{
	struct return_path path = {
	    .tenant_id = 7, .message = 42, .day = return_path_day(NOW - age_days * DAY)};
	struct key_file file;

	ck_assert_int_eq(key_file_load(key_path, &file, &fixture_error), FOUND_ONE);
	return_path_write(&path, file.key, local_r);
	key_file_wipe(&file);
}

static enum return_address judge(const char *local, const char *domain)
{
	struct return_path path;
	struct mailbox address;
	char text[256];

	snprintf(text, sizeof(text), "%s@%s", local, domain);
	ck_ok(mailbox_parse(text, &address, &fixture_error));
	return return_address_judge(&site, &address, NOW, &path, &fixture_error);
}

START_TEST(our_own_return_paths_come_in_until_they_expire)
{
	char local[RETURN_PATH_LOCAL_SIZE];

	start();
	make(0, local);
	ck_assert_int_eq(judge(local, DOMAIN), RETURN_ADDRESS_GENUINE);
	ck_assert_int_eq(judge(local, "BOUNCE.Example."), RETURN_ADDRESS_GENUINE);
	make(14, local);
	ck_assert_int_eq(judge(local, DOMAIN), RETURN_ADDRESS_GENUINE);
	make(15, local);
	ck_assert_int_eq(judge(local, DOMAIN), RETURN_ADDRESS_EXPIRED);
	fixture_stop();
}
END_TEST

START_TEST(what_we_did_not_make_does_not)
{
	static const char *const others[] = {"postmaster", "b-", "b-short", "feedback-x", "x"};
	char local[RETURN_PATH_LOCAL_SIZE];

	start();
	for (size_t i = 0; i < COUNT(others); i++)
		ck_assert_int_eq(judge(others[i], DOMAIN), RETURN_ADDRESS_FORGED);
	make(0, local);
	for (size_t at = 2; local[at] != '\0'; at++) {
		char was = local[at];

		local[at] = was == 'a' ? 'b' : 'a';
		ck_assert_int_eq(judge(local, DOMAIN), RETURN_ADDRESS_FORGED);
		local[at] = was;
	}
	fixture_stop();
}
END_TEST

START_TEST(the_feedback_loops_address_is_known_in_any_case)
{
	start();
	ck_assert_int_eq(judge("feedback", DOMAIN), RETURN_ADDRESS_COMPLAINTS);
	ck_assert_int_eq(judge("Feedback", DOMAIN), RETURN_ADDRESS_COMPLAINTS);
	fixture_stop();
}
END_TEST

START_TEST(other_domains_are_elsewhere_whatever_the_local_part)
{
	char local[RETURN_PATH_LOCAL_SIZE];

	start();
	make(0, local);
	ck_assert_int_eq(judge(local, "sub." DOMAIN), RETURN_ADDRESS_ELSEWHERE);
	ck_assert_int_eq(judge(local, "dest.example"), RETURN_ADDRESS_ELSEWHERE);
	ck_assert_int_eq(judge("feedback", "dest.example"), RETURN_ADDRESS_ELSEWHERE);
	site.domain[0] = '\0';
	ck_assert_int_eq(judge(local, DOMAIN), RETURN_ADDRESS_ELSEWHERE);
	fixture_stop();
}
END_TEST

START_TEST(without_the_key_nothing_is_known)
{
	char local[RETURN_PATH_LOCAL_SIZE];

	start();
	make(0, local);
	ck_assert_int_eq(unlink(key_path), 0);
	ck_assert_int_eq(judge(local, DOMAIN), RETURN_ADDRESS_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(fixture_error.text, "init-keyfile"));
	fixture_stop();
}
END_TEST

UNIT_MAIN("return_address", our_own_return_paths_come_in_until_they_expire,
	  what_we_did_not_make_does_not, the_feedback_loops_address_is_known_in_any_case,
	  other_domains_are_elsewhere_whatever_the_local_part, without_the_key_nothing_is_known)
