/* SPDX-License-Identifier: BSD-2-Clause */
/* The main of a unit test: UNIT_MAIN("module", first_test, second_test) runs each in a process of its own. */
#ifndef EASYMAIL_UNIT_H
#define EASYMAIL_UNIT_H

#include <check.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline int unit_run(const char *module, const TTest *const tests[], size_t count)
{
	Suite *suite = suite_create(module);
	TCase *cases = tcase_create(module);
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(cases, 60);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(cases, tests[i]);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define UNIT_MAIN(module, ...)                                \
	int main(void)                                        \
	{                                                     \
		const TTest *const tests[] = {__VA_ARGS__};   \
                                                              \
		return unit_run(module, tests, COUNT(tests)); \
	}

#endif
