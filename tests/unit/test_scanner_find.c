/* SPDX-License-Identifier: BSD-2-Clause */
/* find_rare finds what memmem finds, whatever is looked for and however rare it is. */
#include "services/scanner/find.h"
#include "tests/unit/unit.h"
#include <stdlib.h>
#include <string.h>

#define SIZE 4096

/* Octets of few kinds, so that needles begin often and end seldom. */
static void fill(char *data, size_t size, unsigned kinds)
{
	for (size_t i = 0; i < size; i++)
		data[i] = (char)('a' + rand() % (int)kinds);
}

START_TEST(finds_what_memmem_finds)
{
	char data[SIZE], needle[16];

	srand(20261);
	for (unsigned round = 0; round < 20000; round++) {
		size_t size = (size_t)rand() % SIZE, length = 1 + (size_t)rand() % 12;
		unsigned kinds = 1 + (unsigned)rand() % 20;

		fill(data, size, kinds);
		fill(needle, length, kinds);
		if (size > length && round % 3 == 0)
			memcpy(data + (size_t)rand() % (size - length), needle, length);
		for (size_t rare = 0; rare < length; rare++)
			ck_assert_ptr_eq(find_rare(data, size, needle, length, rare),
					 memmem(data, size, needle, length));
	}
}
END_TEST

START_TEST(finds_at_both_ends_and_not_beyond)
{
	ck_assert_ptr_nonnull(find_rare("needle", 6, "needle", 6, 3));
	ck_assert_ptr_null(find_rare("needle", 5, "needle", 6, 3));
	ck_assert_ptr_null(find_rare("", 0, "needle", 6, 3));
	ck_assert_str_eq(find_rare("a needle", 8, "needle", 6, 5), "needle");
}
END_TEST

UNIT_MAIN("scanner_find", finds_what_memmem_finds, finds_at_both_ends_and_not_beyond)
