/* SPDX-License-Identifier: BSD-2-Clause */
/* The tenant filter's decisions, as a table: each row is an answer of tenants.db and what follows. */
#include "common/mailbox.h"
#include "milters/tenant/tenant_policy.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

/* In place of the one that reads tenants.db: every tenant here has acme.example and what is below. */
bool policy_owns_domain(const struct policy *policy, const char *domain)
{
	(void)policy;
	return strcmp(domain, "acme.example") == 0 || domain_is_below(domain, "acme.example");
}

enum sender {
	FROM_DOMAIN, /* an address in some domain */
	FROM_NULL,
};

enum owner {
	NOBODY, /* no policy */
	CLIENT, /* the policy is of a tenant that has this client */
	OTHER,  /* of one that has not */
};

/* In the order of struct policy_answer. */
static const struct {
	enum sender sender;
	bool client_known, client_shared, domain_known;
	enum owner owner;
	enum tenant_state state;
	enum tenant_ruling ruling;
} answers[] = {
    /* an address: the client's own tenant, in each state */
    {FROM_DOMAIN, 1, 0, 1, CLIENT, TENANT_ACTIVE, TENANT_PASS},
    {FROM_DOMAIN, 1, 0, 1, CLIENT, TENANT_CLOSING, TENANT_PASS},
    {FROM_DOMAIN, 1, 0, 1, CLIENT, TENANT_PENDING, TENANT_NOT_ACTIVE},
    {FROM_DOMAIN, 1, 0, 1, CLIENT, TENANT_CLOSED, TENANT_NOT_ACTIVE},
    {FROM_DOMAIN, 1, 0, 1, CLIENT, TENANT_SUSPENDED, TENANT_SUSPENDED_NOW},
    /* on a shared host the domain decides which tenant it is */
    {FROM_DOMAIN, 1, 1, 1, CLIENT, TENANT_ACTIVE, TENANT_PASS},
    {FROM_DOMAIN, 1, 1, 1, CLIENT, TENANT_SUSPENDED, TENANT_SUSPENDED_NOW},
    {FROM_DOMAIN, 1, 1, 1, CLIENT, TENANT_CLOSED, TENANT_NOT_ACTIVE},
    {FROM_DOMAIN, 1, 1, 1, OTHER, TENANT_ACTIVE, TENANT_FOREIGN_DOMAIN},
    {FROM_DOMAIN, 1, 1, 0, NOBODY, TENANT_ACTIVE, TENANT_FOREIGN_DOMAIN},
    /* another tenant's domain, whatever state that one is in */
    {FROM_DOMAIN, 1, 0, 1, OTHER, TENANT_ACTIVE, TENANT_FOREIGN_DOMAIN},
    {FROM_DOMAIN, 1, 0, 1, OTHER, TENANT_SUSPENDED, TENANT_FOREIGN_DOMAIN},
    {FROM_DOMAIN, 1, 0, 1, OTHER, TENANT_CLOSED, TENANT_FOREIGN_DOMAIN},
    /* nobody's domain: the state of the client's tenant comes first, its server may keep the mail */
    {FROM_DOMAIN, 1, 0, 0, CLIENT, TENANT_ACTIVE, TENANT_FOREIGN_DOMAIN},
    {FROM_DOMAIN, 1, 0, 0, CLIENT, TENANT_SUSPENDED, TENANT_SUSPENDED_NOW},
    {FROM_DOMAIN, 1, 0, 0, CLIENT, TENANT_PENDING, TENANT_NOT_ACTIVE},
    /* nobody's client, even with a domain that is somebody's */
    {FROM_DOMAIN, 0, 0, 1, OTHER, TENANT_ACTIVE, TENANT_UNKNOWN_SOURCE},
    {FROM_DOMAIN, 0, 0, 1, CLIENT, TENANT_ACTIVE, TENANT_UNKNOWN_SOURCE},
    {FROM_DOMAIN, 0, 0, 0, NOBODY, TENANT_ACTIVE, TENANT_UNKNOWN_SOURCE},
    /* what cannot be */
    {FROM_DOMAIN, 1, 0, 1, NOBODY, TENANT_ACTIVE, TENANT_CONTRADICTION},
    {FROM_DOMAIN, 1, 0, 1, CLIENT, (enum tenant_state)99, TENANT_CONTRADICTION},
    /* the null sender: by client */
    {FROM_NULL, 1, 0, 0, CLIENT, TENANT_ACTIVE, TENANT_PASS},
    {FROM_NULL, 1, 0, 0, CLIENT, TENANT_CLOSING, TENANT_PASS},
    {FROM_NULL, 1, 0, 0, CLIENT, TENANT_SUSPENDED, TENANT_SUSPENDED_NOW},
    {FROM_NULL, 1, 0, 0, CLIENT, TENANT_PENDING, TENANT_NOT_ACTIVE},
    {FROM_NULL, 1, 0, 0, CLIENT, TENANT_CLOSED, TENANT_NOT_ACTIVE},
    {FROM_NULL, 1, 1, 0, NOBODY, TENANT_ACTIVE, TENANT_ASK_FROM},
    {FROM_NULL, 0, 0, 0, NOBODY, TENANT_ACTIVE, TENANT_UNKNOWN_SOURCE},
    {FROM_NULL, 1, 0, 0, NOBODY, TENANT_ACTIVE, TENANT_CONTRADICTION},
    {FROM_NULL, 1, 0, 0, OTHER, TENANT_ACTIVE, TENANT_CONTRADICTION},
};

START_TEST(rules_by_client_sender_and_state)
{
	struct policy policy = {.state = answers[_i].state};
	struct policy_answer answer = {
	    .client_known = answers[_i].client_known,
	    .client_shared = answers[_i].client_shared,
	    .domain_known = answers[_i].domain_known,
	    .is_relay_host = answers[_i].owner == CLIENT,
	    .policy = answers[_i].owner == NOBODY ? NULL : &policy,
	};

	ck_assert_int_eq(tenant_rule_mail(&answer, answers[_i].sender == FROM_NULL),
			 answers[_i].ruling);
}
END_TEST

START_TEST(names_only_the_clients_own_tenant)
{
	struct policy policy = {.state = TENANT_ACTIVE};

	ck_assert(tenant_is_clients(&(struct policy_answer){
	    .client_known = true, .is_relay_host = true, .policy = &policy}));
	ck_assert(
	    !tenant_is_clients(&(struct policy_answer){.client_known = true, .policy = &policy}));
	ck_assert(
	    !tenant_is_clients(&(struct policy_answer){.is_relay_host = true, .policy = &policy}));
	ck_assert(!tenant_is_clients(
	    &(struct policy_answer){.client_known = true, .is_relay_host = true}));
}
END_TEST

/* NULL: there is no header From; "2": there are two. `enforced` is the ruling under enforce. */
static const struct {
	const char *from;
	enum tenant_ruling enforced;
	const char *domain;
} froms[] = {
    {" a@acme.example", TENANT_PASS, NULL},
    {" A <a@ACME.Example>", TENANT_PASS, NULL},
    {" a@acme.example.", TENANT_PASS, NULL},
    {" a@mail.acme.example", TENANT_PASS, NULL},
    {" a@acme.example, b@sub.acme.example", TENANT_PASS, NULL},
    {" staff: a@acme.example, b@acme.example;", TENANT_PASS, NULL},
    {" (note) a@acme.example (other@evil.example)", TENANT_PASS, NULL},
    {" =?utf-8?q?evil=40evil.example?= <a@acme.example>", TENANT_PASS, NULL},
    {" \"a@evil.example\" <a@acme.example>", TENANT_PASS, NULL},
    {" \"a b\"@acme.example", TENANT_PASS, NULL},
    {" <@evil.example:a@acme.example>", TENANT_PASS, NULL},
    {"\n\ta@acme.example", TENANT_PASS, NULL},
    {" j\xc3\xb6rg@acme.example", TENANT_PASS, NULL},
    {" a@evil.example", TENANT_FOREIGN_FROM, "evil.example"},
    {" a@acme.example, b@evil.example", TENANT_FOREIGN_FROM, "evil.example"},
    {" \"a@acme.example\" <b@evil.example>", TENANT_FOREIGN_FROM, "evil.example"},
    {" a@notacme.example", TENANT_FOREIGN_FROM, "notacme.example"},
    {" a@acme.example.evil.example", TENANT_FOREIGN_FROM, "acme.example.evil.example"},
    {" staff: a@acme.example, b@evil.example;", TENANT_FOREIGN_FROM, "evil.example"},
    {NULL, TENANT_NO_FROM, NULL},
    {"2", TENANT_MANY_FROM, NULL},
    {"", TENANT_DOUBTFUL_FROM, NULL},
    {" nobody", TENANT_DOUBTFUL_FROM, NULL},
    {" undisclosed:;", TENANT_DOUBTFUL_FROM, NULL},
    {" a@[192.0.2.1]", TENANT_DOUBTFUL_FROM, NULL},
    {" a@acme.example <b@evil.example>", TENANT_DOUBTFUL_FROM, NULL},
    {" \"a@acme.example", TENANT_DOUBTFUL_FROM, NULL},
};

static void gather(const char *text, struct tenant_from *from_r)
{
	memset(from_r, 0, sizeof(*from_r));
	from_r->count = text == NULL ? 0 : strcmp(text, "2") == 0 ? 2 : 1;
	if (from_r->count == 1)
		from_r->is_clear = from_header_parse(text, &from_r->domains, &from_r->doubt);
}

START_TEST(rules_by_header_from)
{
	struct policy policy = {.state = TENANT_ACTIVE};
	static struct tenant_from from;
	const char *domain;
	bool passes = froms[_i].enforced == TENANT_PASS;

	gather(froms[_i].from, &from);
	policy.settings[SETTING_FROM_POLICY].number = FROM_ENFORCE;
	ck_assert_int_eq(tenant_rule_from(&policy, &from, &domain), froms[_i].enforced);
	if (froms[_i].domain == NULL)
		ck_assert_ptr_null(domain);
	else
		ck_assert_str_eq(domain, froms[_i].domain);
	policy.settings[SETTING_FROM_POLICY].number = FROM_TAG;
	ck_assert_int_eq(tenant_rule_from(&policy, &from, &domain),
			 passes ? TENANT_PASS : TENANT_TAG);
	policy.settings[SETTING_FROM_POLICY].number = FROM_OFF;
	ck_assert_int_eq(tenant_rule_from(&policy, &from, &domain), TENANT_PASS);
	policy.settings[SETTING_FROM_POLICY].number = 77;
	ck_assert_int_eq(tenant_rule_from(&policy, &from, &domain), froms[_i].enforced);
}
END_TEST

/* The same answer however it is spelled: each of these is a sender in acme.example. */
static const char *const senders[] = {
    "<a@acme.example>",
    "a@acme.example",
    "<A@ACME.EXAMPLE>",
    "<a@Acme.Example.>",
    "<\"a\"@acme.example>",
    "<\"a b\"@acme.example>",
    "<\"a@evil.example\"@acme.example>",
    "<@evil.example:a@acme.example>",
    "<@x.example,@y.example:a@acme.example>",
    "<j\xc3\xb6rg@acme.example>",
};

START_TEST(a_sender_is_the_same_however_it_is_spelled)
{
	struct mailbox sender;
	struct error err;

	ck_assert_msg(mailbox_parse(senders[_i], &sender, &err), "%s: %s", senders[_i], err.text);
	ck_assert_str_eq(sender.domain, "acme.example");
	ck_assert(!sender.is_null);
}
END_TEST

START_TEST(the_null_sender_is_no_domain)
{
	struct mailbox sender;
	struct error err;

	ck_assert(mailbox_parse("<>", &sender, &err));
	ck_assert(sender.is_null);
	ck_assert_str_eq(sender.domain, "");
}
END_TEST

START_TEST(a_client_is_the_same_in_either_family)
{
	struct ip plain, mapped;
	struct error err;

	ck_assert(ip_parse("192.0.2.7", &plain, &err));
	ck_assert(ip_parse("::FFFF:192.0.2.7", &mapped, &err));
	ck_assert_int_eq(ip_compare(&plain, &mapped), 0);
	ck_assert(ip_parse("::ffff:c000:207", &mapped, &err));
	ck_assert_int_eq(ip_compare(&plain, &mapped), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tenant_policy");
	TCase *tests = tcase_create("tenant_policy");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, rules_by_client_sender_and_state, 0,
			    sizeof(answers) / sizeof(answers[0]));
	tcase_add_test(tests, names_only_the_clients_own_tenant);
	tcase_add_loop_test(tests, rules_by_header_from, 0, sizeof(froms) / sizeof(froms[0]));
	tcase_add_loop_test(tests, a_sender_is_the_same_however_it_is_spelled, 0,
			    sizeof(senders) / sizeof(senders[0]));
	tcase_add_test(tests, the_null_sender_is_no_domain);
	tcase_add_test(tests, a_client_is_the_same_in_either_family);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
