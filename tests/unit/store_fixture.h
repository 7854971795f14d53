/* SPDX-License-Identifier: BSD-2-Clause */
/* A tenants.db in a directory of its own, for each test anew. */
#ifndef EASYMAIL_TEST_STORE_FIXTURE_H
#define EASYMAIL_TEST_STORE_FIXTURE_H

#include "common/db.h"
#include "common/store.h"
#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char fixture_directory[64];
static char fixture_path[128];
static struct db *fixture_db; /* writable */
static struct error fixture_error;

#define ck_ok(call)                                                               \
	do {                                                                      \
		bool ck_ok_result = (call);                                       \
		ck_assert_msg(ck_ok_result, "%s: %s", #call, fixture_error.text); \
	} while (0)

/* The call fails, and the error says so in these words. */
#define ck_fails(call, words)                                                                   \
	do {                                                                                    \
		bool ck_fails_result = (call);                                                  \
		ck_assert_msg(!ck_fails_result, "%s succeeded", #call);                         \
		ck_assert_msg(strstr(fixture_error.text, words) != NULL, "'%s' in '%s'", words, \
			      fixture_error.text);                                              \
	} while (0)

static inline void fixture_make_directory(void)
{
	snprintf(fixture_directory, sizeof(fixture_directory), "/tmp/easymail-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(fixture_directory));
	snprintf(fixture_path, sizeof(fixture_path), "%s/tenants.db", fixture_directory);
}

static inline void fixture_start(void)
{
	fixture_make_directory();
	ck_ok(store_open(fixture_path, STORE_CREATE, 2000, &fixture_db, &fixture_error));
}

static int fixture_remove(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static void fixture_stop(void)
{
	store_close(fixture_db);
	fixture_db = NULL;
	nftw(fixture_directory, fixture_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* Plain SQL, as a provisioning script writes it. */
static inline bool fixture_sql(const char *sql)
{
	return db_exec(fixture_db, sql, &fixture_error);
}

static inline int fixture_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
