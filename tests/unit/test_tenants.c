/* SPDX-License-Identifier: BSD-2-Clause */
/* The typed functions over the tables: what they refuse, in which words, and what the check finds. */
#include "common/db_check.h"
#include "common/domains.h"
#include "common/egress_ips.h"
#include "common/relay_host_rows.h"
#include "common/setting_rows.h"
#include "common/tenants.h"
#include "tests/unit/store_fixture.h"
#include <string.h>

static bool add_tenant(const char *name)
{
	struct tenant_row row = {.state = TENANT_ACTIVE};

	snprintf(row.name, sizeof(row.name), "%s", name);
	return tenants_add(fixture_db, &row, NULL, &fixture_error);
}

static void start(void)
{
	fixture_start();
	ck_ok(store_begin(fixture_db, &fixture_error));
	ck_ok(add_tenant("a") && add_tenant("b"));
}

static bool add_domain(const char *tenant, const char *name, bool subdomains)
{
	return domains_add(fixture_db, tenant, name, subdomains, NULL, &fixture_error);
}

static bool add_host(const char *tenant, const char *network, bool shared)
{
	return relay_host_rows_add(fixture_db, tenant, network, shared, NULL, &fixture_error);
}

START_TEST(refuses_a_tenant_with_a_bad_name_state_or_group)
{
	struct tenant_row row = {.name = "c", .state = TENANT_CLOSED};

	ck_fails(add_tenant("Upper"), "'Upper' is no name");
	ck_fails(add_tenant(""), "is no name");
	ck_fails(add_tenant("-x"), "is no name");
	ck_fails(add_tenant("a"), "there already");
	ck_fails(tenants_add(fixture_db, &row, NULL, &fixture_error), "cannot be closed");
	row.state = TENANT_PENDING;
	snprintf(row.egress_group, sizeof(row.egress_group), "none");
	ck_fails(tenants_add(fixture_db, &row, NULL, &fixture_error), "no 'none'");
	ck_fails(tenants_set_title(fixture_db, "a", "x\ny", &fixture_error), "control character");
	ck_fails(tenants_set_title(fixture_db, "a", "\xff", &fixture_error), "not UTF-8");
	ck_fails(tenants_set_title(fixture_db, "nobody", "x", &fixture_error), "no 'nobody'");
}
END_TEST

START_TEST(a_closed_tenant_reopens_as_pending_only)
{
	struct tenant_row row;

	ck_ok(tenants_set_state(fixture_db, "a", TENANT_CLOSED, &fixture_error));
	ck_fails(tenants_set_state(fixture_db, "a", TENANT_ACTIVE, &fixture_error),
		 "pending first");
	ck_ok(tenants_set_state(fixture_db, "a", TENANT_PENDING, &fixture_error));
	ck_fails(tenants_set_state(fixture_db, "a", TENANT_SUSPENDED, &fixture_error),
		 "active first");
	ck_ok(tenants_set_state(fixture_db, "a", TENANT_ACTIVE, &fixture_error));
	ck_ok(tenants_get(fixture_db, "a", &row, &fixture_error));
	ck_assert_int_eq(row.state, TENANT_ACTIVE);
}
END_TEST

START_TEST(a_tenant_goes_only_with_what_it_has)
{
	struct tenant_row row;

	ck_ok(add_domain("a", "a.example", false) && add_host("a", "10.0.0.1", false));
	ck_ok(setting_rows_set(fixture_db, "a", "from.policy", "off", &fixture_error));
	ck_fails(tenants_delete(fixture_db, "a", false, &fixture_error),
		 "1 domains and 1 relay hosts");
	ck_ok(tenants_delete(fixture_db, "a", true, &fixture_error));
	ck_assert_int_eq(tenants_find(fixture_db, "a", &row, &fixture_error), FOUND_NONE);
	ck_ok(add_domain("b", "a.example", false) && add_host("b", "10.0.0.1", false));
}
END_TEST

START_TEST(stores_a_domain_in_its_normal_form)
{
	char name[DOMAIN_SIZE];
	struct domain_row row;

	ck_ok(domains_add(fixture_db, "a",
			  "B\xc3\xbc"
			  "cher.Example.",
			  true, name, &fixture_error));
	ck_assert_str_eq(name, "xn--bcher-kva.example");
	ck_assert_int_eq(domains_find(fixture_db,
				      "b\xc3\xbc"
				      "cher.example",
				      &row, &fixture_error),
			 FOUND_ONE);
	ck_assert_int_eq(
	    domains_owner(fixture_db, "x.y.xn--bcher-kva.example", &row, &fixture_error),
	    FOUND_ONE);
	ck_assert_str_eq(row.tenant, "a");
	ck_assert_int_eq(domains_find(fixture_db, "no domain", &row, &fixture_error), FOUND_ERROR);
}
END_TEST

START_TEST(refuses_a_domain_of_another_tenant)
{
	ck_ok(add_domain("a", "a.example", true) && add_domain("b", "sub.b.example", false));
	ck_fails(add_domain("b", "A.example", false), "belongs to tenant a");
	ck_fails(add_domain("b", "sub.a.example", false), "a.example of tenant a");
	ck_fails(add_domain("a", "b.example", true), "sub.b.example belongs to tenant b");
	ck_ok(add_domain("a", "b.example", false));
	ck_fails(domains_set_subdomains(fixture_db, "b.example", true, &fixture_error),
		 "sub.b.example");
	ck_ok(domains_move(fixture_db, "sub.b.example", "a", &fixture_error));
	ck_ok(domains_set_subdomains(fixture_db, "b.example", true, &fixture_error));
	ck_fails(domains_move(fixture_db, "sub.b.example", "b", &fixture_error),
		 "b.example of tenant a");
	ck_ok(domains_delete(fixture_db, "b.example", &fixture_error));
	ck_fails(domains_delete(fixture_db, "b.example", &fixture_error), "no 'b.example'");
}
END_TEST

START_TEST(the_schema_itself_refuses_a_domain_of_another_tenant)
{
	ck_ok(add_domain("a", "a.example", true) && add_domain("b", "sub.b.example", false));
	ck_fails(
	    fixture_sql("INSERT OR REPLACE INTO domain (tenant_id, name) VALUES (2, 'a.example')"),
	    "belongs to another tenant");
	ck_fails(fixture_sql("INSERT INTO domain (tenant_id, name) VALUES (2, 'x.y.a.example')"),
		 "lies below");
	ck_fails(fixture_sql(
		     "INSERT INTO domain (tenant_id, name, subdomains) VALUES (1, 'b.example', 1)"),
		 "below this one");
	ck_fails(fixture_sql("INSERT INTO domain (tenant_id, name) VALUES (1, 'Upper.example')"),
		 "domain_name_is_a_lower_case");
	ck_fails(fixture_sql("INSERT INTO domain (tenant_id, name) VALUES (9, 'c.example')"),
		 "no such tenant");
	ck_fails(fixture_sql("DELETE FROM tenant WHERE id = 1"), "still has domains");
}
END_TEST

START_TEST(refuses_an_overlap_that_not_both_share_and_names_it)
{
	struct relay_host_row row;
	char network[IP_RANGE_TEXT_SIZE];

	ck_ok(
	    relay_host_rows_add(fixture_db, "a", "2001:DB8:0::/48", true, network, &fixture_error));
	ck_assert_str_eq(network, "2001:db8::/48");
	ck_fails(add_host("b", "2001:db8::5", false), "overlaps 2001:db8::/48 of tenant a");
	store_rollback(fixture_db);
	ck_ok(store_begin(fixture_db, &fixture_error));
	ck_ok(add_tenant("a") && add_tenant("b") && add_host("a", "10.0.0.0/8", true));
	ck_ok(add_host("b", "10.0.0.5", true));
	ck_fails(add_host("b", "10.0.0.5", true), "has 10.0.0.5 already");
	ck_fails(add_host("b", "10.0.0.0/8", false), "overlaps 10.0.0.0/8 of tenant a");
	ck_fails(add_host("b", "10.0.0.1/8", false), "network: ");
	ck_fails(relay_host_rows_set_shared(fixture_db, "a", "10.0.0.0/8", false, &fixture_error),
		 "overlaps 10.0.0.5 of tenant b");
	ck_assert_int_eq(
	    relay_host_rows_find(fixture_db, "b", "::ffff:10.0.0.5", &row, &fixture_error),
	    FOUND_ONE);
	ck_assert(row.shared && !row.pending && !*row.fault);
}
END_TEST

static void count_rows(const struct relay_host_row *row, void *context)
{
	(void)row;
	++*(int *)context;
}

START_TEST(lists_the_rows_that_cover_an_address)
{
	struct ip ip;
	int count = 0;

	ck_ok(add_host("a", "10.0.0.0/8", true) && add_host("b", "10.1.0.0/16", true) &&
	      add_host("b", "10.2.0.0/16", true));
	ck_ok(ip_parse("10.1.2.3", &ip, &fixture_error));
	ck_ok(relay_host_rows_covering(fixture_db, &ip, count_rows, &count, &fixture_error));
	ck_assert_int_eq(count, 2);
	ck_ok(relay_host_rows_delete(fixture_db, "b", "10.1.0.0/16", &fixture_error));
	count = 0;
	ck_ok(relay_host_rows_list(fixture_db, NULL, count_rows, &count, &fixture_error));
	ck_assert_int_eq(count, 2);
	ck_fails(relay_host_rows_delete(fixture_db, "b", "10.9.0.0/16", &fixture_error), "has no");
}
END_TEST

START_TEST(keeps_egress_groups_and_addresses)
{
	struct egress_ip_row ip = {
	    .address = "2001:DB8::7", .helo_name = "Out.Example.Net", .group = "g"};
	struct egress_group_row group;

	ck_fails(egress_ips_add(fixture_db, &ip, &fixture_error), "no 'g'");
	ck_ok(egress_groups_add(fixture_db, "g", &fixture_error));
	ck_ok(egress_groups_add(fixture_db, "h", &fixture_error));
	ck_fails(egress_groups_add(fixture_db, "g", &fixture_error), "there already");
	ck_ok(egress_ips_add(fixture_db, &ip, &fixture_error));
	ck_fails(egress_ips_add(fixture_db, &ip, &fixture_error), "in group g already");
	ck_ok(egress_ips_set_state(fixture_db, "2001:db8:0::7", EGRESS_DOWN, "listed",
				   &fixture_error));
	ck_ok(egress_ips_set_group(fixture_db, "2001:db8::7", "h", &fixture_error));
	ck_fails(egress_ips_set_weight(fixture_db, "2001:db8::7", 1001, &fixture_error), "1001");
	ck_fails(egress_ips_set_helo(fixture_db, "2001:db8::7", "_a.example", &fixture_error),
		 "underscore");
	ck_assert_int_eq(egress_ips_find(fixture_db, "2001:db8::7", &ip, &fixture_error),
			 FOUND_ONE);
	ck_assert_str_eq(ip.helo_name, "out.example.net");
	ck_assert_str_eq(ip.reason, "listed");
	ck_assert_str_eq(ip.group, "h");
	ck_assert(ip.ip.state == EGRESS_DOWN && ip.ip.weight == 100);
	ck_fails(egress_groups_delete(fixture_db, "h", &fixture_error), "1 addresses");
	ck_ok(egress_ips_delete(fixture_db, "2001:db8::7", &fixture_error));
	ck_fails(egress_ips_delete(fixture_db, "2001:db8::7", &fixture_error), "no egress IP");
	ck_ok(setting_rows_set(fixture_db, NULL, "egress.default_group", "g", &fixture_error));
	ck_fails(egress_groups_delete(fixture_db, "g", &fixture_error), "setting");
	ck_ok(egress_groups_delete(fixture_db, "h", &fixture_error));
	ck_assert_int_eq(egress_groups_find(fixture_db, "h", &group, &fixture_error), FOUND_NONE);
}
END_TEST

START_TEST(a_setting_comes_from_tenant_provider_or_default)
{
	struct setting_row row;

	ck_ok(setting_rows_get(fixture_db, "a", "from.policy", &row, &fixture_error));
	ck_assert_int_eq(row.origin, SETTING_FROM_DEFAULT);
	ck_assert_str_eq(row.value, "enforce");
	ck_ok(setting_rows_set(fixture_db, NULL, "from.policy", "tag", &fixture_error));
	ck_ok(setting_rows_set(fixture_db, "a", "from.policy", "off", &fixture_error));
	ck_ok(setting_rows_get(fixture_db, "a", "from.policy", &row, &fixture_error));
	ck_assert(row.origin == SETTING_FROM_TENANT && strcmp(row.value, "off") == 0);
	ck_ok(setting_rows_unset(fixture_db, "a", "from.policy", &fixture_error));
	ck_ok(setting_rows_get(fixture_db, "a", "from.policy", &row, &fixture_error));
	ck_assert(row.origin == SETTING_FROM_PROVIDER && strcmp(row.value, "tag") == 0);
	ck_fails(setting_rows_set(fixture_db, "a", "from.policy", "Enforce", &fixture_error),
		 "none of");
	ck_fails(setting_rows_set(fixture_db, "a", "from.polciy", "off", &fixture_error),
		 "there are");
	ck_fails(setting_rows_set(fixture_db, "a", "egress.default_group", "", &fixture_error),
		 "provider's only");
	ck_fails(setting_rows_set(fixture_db, NULL, "egress.default_group", "x", &fixture_error),
		 "no egress group 'x'");
}
END_TEST

static char found[4096];

static void note_finding(const struct db_finding *finding, void *context)
{
	size_t used = strlen(found);

	(void)context;
	snprintf(found + used, sizeof(found) - used, "%s.%s=%s;", finding->table, finding->field,
		 finding->value);
}

START_TEST(the_check_names_each_wrong_row_and_nothing_else)
{
	static const char *const expected[] = {"domain.name=xn--a.example;",
					       "domain.name=0a.12;",
					       "relay_host.network=10.0.0.1/8;",
					       "relay_host.network=2001:db8:0:0::/64;",
					       "relay_host.fault=10.0.0.7;",
					       "egress_ip.address=1.2.3;",
					       "setting.from.policy=x;",
					       "setting.from.polciy=off;",
					       "setting.egress.default_group=gone;",
					       "blocklist_code.code=bl.spamcop.net 127.0.0.1/8;",
					       "blocklist.ipv4=all.s5h.net;",
					       "setting.egress.fallback_group=gone;",
					       "setting.egress.default_group=g;"};
	size_t count, i;

	ck_ok(egress_groups_add(fixture_db, "g", &fixture_error));
	ck_ok(setting_rows_set(fixture_db, NULL, "egress.default_group", "g", &fixture_error));
	ck_ok(add_host("a", "10.0.0.0/24", false) && add_domain("a", "a.example", true));
	found[0] = '\0';
	ck_ok(db_check(fixture_db, note_finding, NULL, &count, &fixture_error));
	ck_assert_str_eq(found, "");
	ck_ok(fixture_sql(
	    "INSERT INTO domain (tenant_id, name) VALUES (1, 'xn--a.example'),"
	    " (1, '0a.12');"
	    "INSERT INTO relay_host (tenant_id, network) VALUES (1, '10.0.0.1/8'),"
	    " (1, '2001:db8:0:0::/64'), (2, '10.0.0.7');"
	    "INSERT INTO egress_ip (address, helo_name, egress_group_id)"
	    " VALUES ('1.2.3', 'a.example', 1);"
	    "INSERT INTO setting VALUES (1, 'from.policy', 'x'), (1, 'from.polciy', 'off'),"
	    " (1, 'egress.default_group', 'g');"
	    "UPDATE setting SET value = 'gone' WHERE tenant_id = 0;"
	    "INSERT INTO setting (name, value) VALUES ('egress.fallback_group', 'gone');"
	    "INSERT INTO blocklist_code (zone, code, meaning) VALUES ('bl.spamcop.net',"
	    " '127.0.0.1/8', 'all');"
	    "UPDATE blocklist SET ipv4 = 0 WHERE zone = 'all.s5h.net'"));
	ck_ok(store_commit(fixture_db, &fixture_error));
	ck_ok(store_index_relay_hosts(fixture_db, 1000, &count, &fixture_error));
	ck_ok(db_check(fixture_db, note_finding, NULL, &count, &fixture_error));
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		ck_assert_msg(strstr(found, expected[i]) != NULL, "%s in %s", expected[i], found);
	ck_assert_uint_eq(count, i);
}
END_TEST

START_TEST(the_check_finds_rows_without_their_tenant_or_group)
{
	size_t count;

	ck_ok(add_domain("a", "a.example", false) && add_host("a", "10.0.0.1", false));
	ck_ok(store_commit(fixture_db, &fixture_error));
	ck_ok(fixture_sql("PRAGMA foreign_keys = OFF; DROP TRIGGER tenant_reference_delete;"
			  "DELETE FROM tenant WHERE id = 1"));
	found[0] = '\0';
	ck_ok(db_check(fixture_db, note_finding, NULL, &count, &fixture_error));
	ck_assert_ptr_nonnull(strstr(found, "domain.tenant_id=a.example;"));
	ck_assert_ptr_nonnull(strstr(found, "relay_host.tenant_id=10.0.0.1;"));
	ck_assert_ptr_nonnull(strstr(found, "tenant.egress_group_id="));
	ck_ok(fixture_sql("DELETE FROM relay_block"));
	ck_ok(db_check(fixture_db, note_finding, NULL, &count, &fixture_error));
	ck_assert_ptr_nonnull(strstr(found, ".relay_block="));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tenants");
	TCase *tests = tcase_create("tenants");

	tcase_add_checked_fixture(tests, start, fixture_stop);
	tcase_add_test(tests, refuses_a_tenant_with_a_bad_name_state_or_group);
	tcase_add_test(tests, a_closed_tenant_reopens_as_pending_only);
	tcase_add_test(tests, a_tenant_goes_only_with_what_it_has);
	tcase_add_test(tests, stores_a_domain_in_its_normal_form);
	tcase_add_test(tests, refuses_a_domain_of_another_tenant);
	tcase_add_test(tests, the_schema_itself_refuses_a_domain_of_another_tenant);
	tcase_add_test(tests, refuses_an_overlap_that_not_both_share_and_names_it);
	tcase_add_test(tests, lists_the_rows_that_cover_an_address);
	tcase_add_test(tests, keeps_egress_groups_and_addresses);
	tcase_add_test(tests, a_setting_comes_from_tenant_provider_or_default);
	tcase_add_test(tests, the_check_names_each_wrong_row_and_nothing_else);
	tcase_add_test(tests, the_check_finds_rows_without_their_tenant_or_group);
	suite_add_tcase(suite, tests);
	return fixture_run(suite);
}
