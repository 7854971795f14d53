/* SPDX-License-Identifier: BSD-2-Clause */
/* Return paths: only ours count, for their tenant, their days and their recipient. */
#include "common/return_path.h"
#include "tests/unit/unit.h"
#include <ctype.h>
#include <limits.h>
#include <string.h>

static const unsigned char key[CRYPTO_MAC_KEY_BYTES] = {1, 2, 3},
			   other_key[CRYPTO_MAC_KEY_BYTES] = {1, 2, 4};
static const struct return_path sample = {77, 20000, UINT64_C(0xfedcba9876543210), 0};

static enum return_path_answer read_on(const char *local, uint16_t day)
{
	struct return_path path;

	return return_path_read(local, key, day, 14, &path);
}

START_TEST(gives_back_what_was_written)
{
	static const struct return_path paths[] = {
	    {1, 0, 0, 0},
	    {77, 20000, UINT64_C(0xfedcba9876543210), 5},
	    {UINT32_MAX, UINT16_MAX, UINT64_MAX, UINT32_MAX},
	};

	for (size_t i = 0; i < COUNT(paths); i++) {
		char local[RETURN_PATH_LOCAL_SIZE];
		struct return_path path;

		return_path_write(&paths[i], key, local);
		ck_assert_uint_eq(strlen(local), RETURN_PATH_LOCAL_SIZE - 1);
		ck_assert_int_eq(return_path_read(local, key, paths[i].day, 0, &path),
				 RETURN_PATH_GENUINE);
		ck_assert_uint_eq(path.tenant_id, paths[i].tenant_id);
		ck_assert_uint_eq(path.day, paths[i].day);
		ck_assert_uint_eq(path.message, paths[i].message);
		ck_assert_uint_eq(path.recipient, paths[i].recipient);
	}
}
END_TEST

START_TEST(has_one_spelling_on_all_machines)
{
	char local[RETURN_PATH_LOCAL_SIZE];

	return_path_write(&sample, key, local);
	/* Checked with Python's hmac and base64. */
	ck_assert_str_eq(local, "b-aaaaatkoed7nzouyozkdeeaaaaaabaxppenggvmj4zknshvk");
}
END_TEST

START_TEST(survives_servers_that_change_the_case)
{
	char local[RETURN_PATH_LOCAL_SIZE];

	return_path_write(&sample, key, local);
	for (char *c = local; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	ck_assert_int_eq(read_on(local, 20000), RETURN_PATH_GENUINE);
}
END_TEST

START_TEST(no_character_can_be_altered)
{
	static const char others[] = "abcdefghijklmnopqrstuvwxyz234567";
	char local[RETURN_PATH_LOCAL_SIZE], altered[RETURN_PATH_LOCAL_SIZE];

	return_path_write(&sample, key, local);
	for (size_t i = 0; local[i] != '\0'; i++) {
		for (const char *other = others; *other != '\0'; other++) {
			memcpy(altered, local, sizeof(local));
			altered[i] = *other;
			ck_assert_int_eq(read_on(altered, 20000), *other == local[i]
								      ? RETURN_PATH_GENUINE
								      : RETURN_PATH_FORGED);
		}
	}
}
END_TEST

START_TEST(another_key_makes_forgeries)
{
	char local[RETURN_PATH_LOCAL_SIZE];

	return_path_write(&sample, other_key, local);
	ck_assert_int_eq(read_on(local, 20000), RETURN_PATH_FORGED);
}
END_TEST

START_TEST(of_another_tenant_is_a_forgery)
{
	char one[RETURN_PATH_LOCAL_SIZE], two[RETURN_PATH_LOCAL_SIZE];
	struct return_path other = sample;

	other.tenant_id++;
	return_path_write(&sample, key, one);
	return_path_write(&other, key, two);
	/* The tenant's seven characters of one put into the other. */
	memcpy(two + 2, one + 2, 7);
	ck_assert_int_eq(read_on(two, 20000), RETURN_PATH_FORGED);
}
END_TEST

START_TEST(expires_after_its_days_and_not_before)
{
	static const struct {
		uint16_t today;
		enum return_path_answer answer;
	} days[] = {
	    {20000, RETURN_PATH_GENUINE}, {20014, RETURN_PATH_GENUINE},
	    {20015, RETURN_PATH_EXPIRED}, {UINT16_MAX, RETURN_PATH_EXPIRED},
	    {19999, RETURN_PATH_GENUINE}, {0, RETURN_PATH_GENUINE},
	};
	char local[RETURN_PATH_LOCAL_SIZE];
	struct return_path path;

	return_path_write(&sample, key, local);
	for (size_t i = 0; i < COUNT(days); i++)
		ck_assert_int_eq(read_on(local, days[i].today), days[i].answer);
	ck_assert_int_eq(return_path_read(local, key, 20015, 14, &path), RETURN_PATH_EXPIRED);
	ck_assert_uint_eq(path.tenant_id, 77);
	ck_assert_int_eq(return_path_read(local, key, UINT16_MAX, UINT_MAX >> 1, &path),
			 RETURN_PATH_GENUINE);
}
END_TEST

START_TEST(what_has_not_the_form_is_a_forgery)
{
	static const char *const locals[] = {
	    "",
	    "b-",
	    "b",
	    "postmaster",
	    "b+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "b-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "b-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "b-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1",
	    "b-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=",
	    "b-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xa9",
	};

	for (size_t i = 0; i < COUNT(locals); i++) {
		ck_assert_int_eq(read_on(locals[i], 20000), RETURN_PATH_FORGED);
		ck_assert_msg(!return_path_looks_like_one(locals[i]), "%s", locals[i]);
	}
	ck_assert(return_path_looks_like_one("b-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}
END_TEST

START_TEST(a_bounce_counts_for_the_messages_only_recipient)
{
	struct return_path path = sample;

	ck_assert(return_path_allows(&path, key, "anybody@dest.example"));
	path.recipient = return_path_recipient(key, "one@dest.example");
	ck_assert_uint_ne(path.recipient, 0);
	ck_assert(return_path_allows(&path, key, "one@dest.example"));
	ck_assert(return_path_allows(&path, key, "One@DEST.example"));
	ck_assert(!return_path_allows(&path, key, "two@dest.example"));
	ck_assert(!return_path_allows(&path, key, ""));
	ck_assert_uint_ne(return_path_recipient(other_key, "one@dest.example"), path.recipient);
}
END_TEST

START_TEST(days_are_those_of_utc)
{
	ck_assert_uint_eq(return_path_day(0), 0);
	ck_assert_uint_eq(return_path_day(86399), 0);
	ck_assert_uint_eq(return_path_day(INT64_C(20000) * 86400), 20000);
	ck_assert_uint_eq(return_path_day(-1), 0);
	ck_assert_uint_eq(return_path_day(INT64_MAX), UINT16_MAX);
}
END_TEST

START_TEST(messages_have_different_numbers)
{
	uint64_t one = 0, two = 0;
	struct error err;

	ck_assert(return_path_number(&one, &err) && return_path_number(&two, &err));
	ck_assert_uint_ne(one, two);
}
END_TEST

UNIT_MAIN("return_path", gives_back_what_was_written, has_one_spelling_on_all_machines,
	  survives_servers_that_change_the_case, no_character_can_be_altered,
	  another_key_makes_forgeries, of_another_tenant_is_a_forgery,
	  expires_after_its_days_and_not_before, what_has_not_the_form_is_a_forgery,
	  a_bounce_counts_for_the_messages_only_recipient, days_are_those_of_utc,
	  messages_have_different_numbers)
