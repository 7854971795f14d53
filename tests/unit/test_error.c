/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of error texts. */
#include "common/error.h"
#include "tests/unit/unit.h"
#include <string.h>

START_TEST(sets_the_text_and_is_false)
{
	struct error err;

	ck_assert(!error_set(&err, "%s: %d", "field", 7));
	ck_assert_str_eq(err.text, "field: 7");
}
END_TEST

START_TEST(puts_the_place_before_the_text)
{
	struct error err;

	error_set(&err, "no such file");
	ck_assert(!error_prefix(&err, "%s:%d: ", "main.cf", 3));
	ck_assert_str_eq(err.text, "main.cf:3: no such file");
}
END_TEST

START_TEST(cuts_texts_that_are_too_long)
{
	struct error err;
	char longer[2 * sizeof(err.text)];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	error_set(&err, "%s", longer);
	ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
	error_prefix(&err, "%s", "place: ");
	ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
	ck_assert(strncmp(err.text, "place: xxx", 10) == 0);
	error_prefix(&err, "%s", longer);
	ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
}
END_TEST

UNIT_MAIN("error", sets_the_text_and_is_false, puts_the_place_before_the_text,
	  cuts_texts_that_are_too_long)
