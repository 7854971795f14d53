/* SPDX-License-Identifier: BSD-2-Clause */
/* Spools: what goes in comes out, and after the seal nothing changes. */
#include "common/spool.h"
#include "tests/unit/unit.h"
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct spool *spool_of(size_t limit)
{
	struct spool *spool;
	struct error err;

	ck_assert_msg(spool_new(limit, &spool, &err), "%s", err.text);
	return spool;
}

START_TEST(keeps_what_was_appended_in_order)
{
	struct spool *spool = spool_of(1000000);
	char expected[60000], got[60000];
	struct error err;
	size_t used = 0;

	memset(expected, 'x', sizeof(expected));
	for (size_t i = 0; i < sizeof(expected); i += 100)
		expected[i] = (char)('a' + i / 100 % 26);
	for (size_t step = 1; used < sizeof(expected); step = step * 3 % 20011) {
		size_t length = step < sizeof(expected) - used ? step : sizeof(expected) - used;

		ck_assert(spool_append(spool, expected + used, length, &err));
		used += length;
	}
	ck_assert(spool_seal(spool, &err));
	ck_assert_uint_eq(spool_length(spool), sizeof(expected));
	ck_assert_int_eq(pread(spool_fd(spool), got, sizeof(got), 0), (ssize_t)sizeof(got));
	ck_assert_mem_eq(got, expected, sizeof(got));
	spool_free(spool);
}
END_TEST

START_TEST(refuses_more_than_the_limit_and_everything_after)
{
	struct spool *spool = spool_of(10);
	struct error err;

	ck_assert(spool_append(spool, "0123456789", 10, &err));
	ck_assert(!spool_is_over_limit(spool));
	ck_assert(!spool_append(spool, "x", 1, &err));
	ck_assert(spool_is_over_limit(spool));
	ck_assert(!spool_append(spool, "", 0, &err));
	ck_assert(!spool_seal(spool, &err));
	spool_free(spool);
}
END_TEST

START_TEST(cannot_be_changed_once_sealed)
{
	struct spool *spool = spool_of(100);
	struct error err;
	size_t length;

	ck_assert(spool_append(spool, "hello", 5, &err));
	ck_assert(!spool_check(spool_fd(spool), 100, &length, &err));
	ck_assert(spool_seal(spool, &err));
	ck_assert(spool_check(spool_fd(spool), 100, &length, &err));
	ck_assert_uint_eq(length, 5);
	ck_assert_int_lt(pwrite(spool_fd(spool), "x", 1, 0), 0);
	ck_assert_int_lt(ftruncate(spool_fd(spool), 1), 0);
	ck_assert_int_lt(ftruncate(spool_fd(spool), 100), 0);
	ck_assert_ptr_eq(mmap(NULL, 5, PROT_WRITE, MAP_SHARED, spool_fd(spool), 0), MAP_FAILED);
	spool_free(spool);
}
END_TEST

START_TEST(check_refuses_what_is_too_large_or_no_memfd)
{
	struct spool *spool = spool_of(100);
	struct error err;
	size_t length;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	ck_assert(spool_append(spool, "hello", 5, &err));
	ck_assert(spool_seal(spool, &err));
	ck_assert(!spool_check(spool_fd(spool), 4, &length, &err));
	ck_assert(!spool_check(null, 100, &length, &err));
	ck_assert(!spool_check(-1, 100, &length, &err));
	close(null);
	spool_free(spool);
}
END_TEST

START_TEST(views_hold_what_was_appended_also_without_the_spool)
{
	const size_t lengths[] = {1, 119999, 120000, 120001, 500000};

	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct spool *spool = spool_of(lengths[i]);
		char *octets = malloc(lengths[i]);
		struct spool_view view;
		struct error err;

		for (size_t at = 0; at < lengths[i]; at++)
			octets[at] = (char)(at * 7 + at / 256);
		ck_assert(spool_append(spool, octets, lengths[i], &err));
		ck_assert(spool_seal(spool, &err));
		ck_assert(spool_view_open(spool_fd(spool), lengths[i], &view, &err));
		spool_free(spool);
		ck_assert_uint_eq(view.length, lengths[i]);
		ck_assert_mem_eq(view.data, octets, lengths[i]);
		spool_view_close(&view);
		ck_assert_ptr_null(view.data);
		spool_view_close(&view);
		free(octets);
	}
}
END_TEST

START_TEST(no_view_of_what_is_shorter_or_no_descriptor)
{
	struct spool *spool = spool_of(100);
	struct spool_view view;
	struct error err;

	ck_assert(spool_append(spool, "hello", 5, &err));
	ck_assert(spool_seal(spool, &err));
	ck_assert(!spool_view_open(spool_fd(spool), 6, &view, &err));
	ck_assert_ptr_null(view.data);
	ck_assert(!spool_view_open(-1, 500000, &view, &err));
	ck_assert_ptr_null(view.data);
	spool_free(spool);
}
END_TEST

UNIT_MAIN("spool", keeps_what_was_appended_in_order,
	  refuses_more_than_the_limit_and_everything_after, cannot_be_changed_once_sealed,
	  check_refuses_what_is_too_large_or_no_memfd,
	  views_hold_what_was_appended_also_without_the_spool,
	  no_view_of_what_is_shorter_or_no_descriptor)
