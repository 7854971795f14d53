/* SPDX-License-Identifier: BSD-2-Clause */
/* Which signature a message gets: each row is a message and what follows. */
#include "milters/sign/own_signatures.h"
#include "milters/sign/sign_select.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

/* In place of the one that reads tenants.db: every tenant here has acme.example and what is below. */
bool policy_owns_domain(const struct policy *policy, const char *domain)
{
	(void)policy;
	return strcmp(domain, "acme.example") == 0 || domain_is_below(domain, "acme.example");
}

enum setting_no_yes { NO, YES };

static const struct {
	enum { WELL, HELD, SUSPECT } state;
	size_t from_count;
	const char *from[2]; /* none: not clear */
	const char *own;     /* d= of a signature that was kept */
	enum setting_no_yes sign_signed;
	enum sign_ruling ruling;
	const char *domain;
} rows[] = {
    {WELL, 1, {"acme.example"}, NULL, YES, SIGN_DO, "acme.example"},
    {WELL, 1, {"mx.acme.example"}, NULL, YES, SIGN_DO, "mx.acme.example"},
    {WELL, 1, {"x.example", "acme.example"}, NULL, YES, SIGN_DO, "acme.example"},
    {HELD, 1, {"acme.example"}, NULL, YES, SIGN_NOT_HELD, NULL},
    {SUSPECT, 1, {"acme.example"}, NULL, YES, SIGN_NOT_SUSPECT, NULL},
    {SUSPECT, 1, {"acme.example"}, "acme.example", NO, SIGN_NOT_SUSPECT, NULL},
    {WELL, 0, {NULL}, NULL, YES, SIGN_NOT_CLEAR, NULL},
    {WELL, 2, {"acme.example"}, NULL, YES, SIGN_NOT_CLEAR, NULL},
    {WELL, 1, {NULL}, NULL, YES, SIGN_NOT_CLEAR, NULL},
    {WELL, 1, {"x.example"}, NULL, YES, SIGN_NOT_TENANTS, NULL},
    {WELL, 1, {"x.example"}, "x.example", NO, SIGN_NOT_TENANTS, NULL},
    {WELL, 1, {"acme.example"}, "acme.example", YES, SIGN_DO, "acme.example"},
    {WELL, 1, {"acme.example"}, "acme.example", NO, SIGN_NOT_SIGNED_TWICE, NULL},
    {WELL, 1, {"mx.acme.example"}, "acme.example", NO, SIGN_NOT_SIGNED_TWICE, NULL},
    {WELL, 1, {"acme.example"}, "mx.acme.example", NO, SIGN_DO, "acme.example"},
    {WELL, 1, {"acme.example"}, "esp.example", NO, SIGN_DO, "acme.example"},
};

START_TEST(selects_by_from_state_and_setting)
{
	static struct policy policy;
	struct sign_facts facts = {
	    .policy = &policy,
	    .is_held = rows[_i].state == HELD,
	    .is_suspect = rows[_i].state == SUSPECT,
	    .from_count = rows[_i].from_count,
	    .from_is_clear = rows[_i].from[0] != NULL,
	    .own_count = rows[_i].own != NULL,
	};
	const char *domain = "unset";

	policy.settings[SETTING_DKIM_SIGN_SIGNED].number = rows[_i].sign_signed;
	for (size_t i = 0; i < 2 && rows[_i].from[i] != NULL; i++)
		snprintf(facts.from.domain[facts.from.count++], DOMAIN_SIZE, "%s",
			 rows[_i].from[i]);
	if (rows[_i].own != NULL)
		snprintf(facts.own[0], DOMAIN_SIZE, "%s", rows[_i].own);
	ck_assert_int_eq(sign_select(&facts, &domain), rows[_i].ruling);
	if (rows[_i].domain == NULL)
		ck_assert_ptr_null(domain);
	else
		ck_assert_str_eq(domain, rows[_i].domain);
	ck_assert_int_eq(strlen(sign_ruling_text(rows[_i].ruling)) == 0,
			 rows[_i].ruling == SIGN_DO);
}
END_TEST

static const struct {
	const char *value, *domain;
} values[] = {
    {" v=1; a=rsa-sha256; d=acme.example; s=x; b=A", "acme.example"},
    {" v=1; bh=d=x; s=d; d = Acme.Example ;b=A", "acme.example"},
    {"d=acme.example", "acme.example"},
    {" v=1;\n\td=\n acme.example\n\t; b=", "acme.example"},
    {" v=1; s=x; b=A", NULL},
    {" d=;", NULL},
    {"", NULL},
    {" dd=acme.example; b=d=x", NULL},
};

START_TEST(reads_the_domain_of_a_signature)
{
	char domain[DOMAIN_SIZE];
	bool found = own_signature_domain(values[_i].value, domain);

	ck_assert_int_eq(found, values[_i].domain != NULL);
	if (found)
		ck_assert_str_eq(domain, values[_i].domain);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sign_select");
	TCase *cases = tcase_create("sign_select");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(cases, selects_by_from_state_and_setting, 0, (int)COUNT(rows));
	tcase_add_loop_test(cases, reads_the_domain_of_a_signature, 0, (int)COUNT(values));
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
