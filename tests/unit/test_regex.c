/* SPDX-License-Identifier: BSD-2-Clause */
/* Regular expressions: what they find, what is no pattern, and that the worst ones end. */
#include "common/clock.h"
#include "common/regex.h"
#include "tests/unit/unit.h"
#include <string.h>

static struct error err;

static enum found match(const char *pattern, unsigned flags, const char *text)
{
	struct regex *regex;
	enum found found;

	ck_assert_msg(regex_new(pattern, flags, &regex, &err), "%s", err.text);
	found = regex_match(regex, text, strlen(text), 0, NULL, 0);
	regex_free(regex);
	return found;
}

START_TEST(finds_in_the_middle_and_by_its_flags)
{
	ck_assert_int_eq(match("listed (at|by)", 0, "you are listed at x"), FOUND_ONE);
	ck_assert_int_eq(match("listed", 0, "LISTED"), FOUND_NONE);
	ck_assert_int_eq(match("listed", REGEX_CASELESS, "LISTED"), FOUND_ONE);
	ck_assert_int_eq(match("^b$", 0, "a\nb\nc"), FOUND_NONE);
	ck_assert_int_eq(match("^b$", REGEX_MULTILINE, "a\nb\nc"), FOUND_ONE);
	ck_assert_int_eq(match("a.b", 0, "a\nb"), FOUND_NONE);
	ck_assert_int_eq(match("a.b", REGEX_DOTALL, "a\nb"), FOUND_ONE);
	ck_assert_int_eq(match("\xc3\x84rger", REGEX_CASELESS | REGEX_UTF, "\xc3\xa4RGER"),
			 FOUND_ONE);
}
END_TEST

START_TEST(text_that_is_not_utf8_is_no_error)
{
	ck_assert_int_eq(match("b", REGEX_UTF, "a\xff\xc3"), FOUND_NONE);
	ck_assert_int_eq(match("b", REGEX_UTF,
			       "\xff"
			       "b"),
			 FOUND_ONE);
}
END_TEST

START_TEST(tells_where_it_and_its_groups_are)
{
	struct regex_span spans[4];
	struct regex *regex;

	ck_assert(regex_new("(x)?b(c+)", 0, &regex, &err));
	ck_assert_uint_eq(regex_groups(regex), 2);
	ck_assert_int_eq(regex_match(regex, "a\0bcc", 5, 0, spans, 4), FOUND_ONE);
	ck_assert_uint_eq(spans[0].start, 2);
	ck_assert_uint_eq(spans[0].end, 5);
	ck_assert_uint_eq(spans[1].start, SIZE_MAX);
	ck_assert_uint_eq(spans[2].start, 3);
	ck_assert_uint_eq(spans[3].end, SIZE_MAX);
	ck_assert_int_eq(regex_match(regex, "bcbc", 4, 1, spans, 1), FOUND_ONE);
	ck_assert_uint_eq(spans[0].start, 2);
	regex_free(regex);
}
END_TEST

START_TEST(says_what_is_no_pattern_and_where)
{
	static const char *const wrong[] = {"(", "a{2,1}", "[z-a]", "\\C", "(?<n>a)(?<n>b)"};
	char huge[REGEX_PATTERN_MAX + 2];
	struct regex *regex;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		ck_assert_msg(!regex_new(wrong[i], REGEX_UTF, &regex, &err), "%s", wrong[i]);
		ck_assert_ptr_nonnull(strstr(err.text, "at octet"));
	}
	memset(huge, 'a', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	ck_assert(!regex_new(huge, 0, &regex, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "shorten"));
}
END_TEST

START_TEST(a_pattern_that_explodes_is_an_error_soon)
{
	static const char *const bombs[] = {"(a+)+$", "(a|aa)+$", "(a|a?)+$", "(.*a){20}$"};
	char text[4096];
	int64_t started = clock_ms();

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 2] = 'b';
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i < COUNT(bombs); i++)
		ck_assert_msg(match(bombs[i], 0, text) == FOUND_ERROR, "%s", bombs[i]);
	ck_assert_int_lt(clock_ms() - started, 10000);
}
END_TEST

START_TEST(a_pattern_cannot_raise_its_own_limits)
{
	char text[64];

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 2] = 'b';
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(match("(*LIMIT_MATCH=4000000000)(a+)+$", 0, text), FOUND_ERROR);
}
END_TEST

UNIT_MAIN("regex", finds_in_the_middle_and_by_its_flags, text_that_is_not_utf8_is_no_error,
	  tells_where_it_and_its_groups_are, says_what_is_no_pattern_and_where,
	  a_pattern_that_explodes_is_an_error_soon, a_pattern_cannot_raise_its_own_limits)
