/* SPDX-License-Identifier: BSD-2-Clause */
/* Relay hosts by index, beside the index and against brute force. */
#include "common/relay_hosts.h"
#include "common/relay_index.h"
#include "tests/unit/store_fixture.h"
#include <string.h>
#include <time.h>

#define TENANTS 4

static void start(void)
{
	fixture_start();
	ck_ok(fixture_sql("INSERT INTO tenant (name) VALUES ('a'), ('b'), ('c'), ('d')"));
}

static struct ip ip_of(const char *text)
{
	struct ip ip;

	ck_ok(ip_parse(text, &ip, &fixture_error));
	return ip;
}

static bool has(int64_t tenant, const char *text)
{
	struct ip ip = ip_of(text);
	enum found found = relay_hosts_of_tenant(fixture_db, &ip, tenant, &fixture_error);

	ck_assert_msg(found != FOUND_ERROR, "%s", fixture_error.text);
	return found == FOUND_ONE;
}

static size_t index_all(void)
{
	size_t done;

	ck_ok(store_begin(fixture_db, &fixture_error));
	ck_ok(relay_index_pending(fixture_db, SIZE_MAX, &done, &fixture_error));
	ck_ok(store_commit(fixture_db, &fixture_error));
	ck_ok(relay_index_verify(fixture_db, &fixture_error));
	return done;
}

START_TEST(a_row_counts_before_and_after_it_is_indexed)
{
	ck_ok(
	    fixture_sql("INSERT INTO relay_host (tenant_id, network) VALUES (1, '192.0.2.0/24')"));
	ck_assert(has(1, "192.0.2.255"));
	ck_assert(!has(1, "192.0.3.0"));
	ck_assert_uint_eq(index_all(), 1);
	ck_assert_uint_eq(index_all(), 0);
	ck_assert(has(1, "192.0.2.0"));
	ck_assert(has(1, "::ffff:192.0.2.255"));
	ck_assert(!has(1, "192.0.1.255"));
	ck_assert(!has(1, "192.0.3.0"));
	ck_assert(!has(2, "192.0.2.1"));
}
END_TEST

START_TEST(a_deleted_or_moved_row_counts_no_more)
{
	ck_ok(fixture_sql("INSERT INTO relay_host (tenant_id, network) VALUES (1, '192.0.2.0/24'),"
			  " (1, '192.0.2.4'), (1, '2001:db8::/32')"));
	index_all();
	ck_ok(fixture_sql("DELETE FROM relay_host WHERE network = '192.0.2.0/24'"));
	ck_assert(!has(1, "192.0.2.1"));
	ck_assert(has(1, "192.0.2.4"));
	ck_ok(relay_index_verify(fixture_db, &fixture_error));
	ck_ok(fixture_sql("UPDATE relay_host SET tenant_id = 2 WHERE network = '192.0.2.4'"));
	ck_assert(!has(1, "192.0.2.4"));
	ck_assert(has(2, "192.0.2.4"));
	index_all();
	ck_assert(has(2, "192.0.2.4"));
}
END_TEST

START_TEST(an_overlap_counts_only_when_both_are_shared)
{
	ck_ok(fixture_sql("INSERT INTO relay_host (tenant_id, network, shared) VALUES"
			  " (1, '10.0.0.0/8', 1), (2, '10.1.0.0/16', 1), (3, '10.1.2.0/24', 0)"));
	ck_assert(has(1, "10.1.2.3") && has(2, "10.1.2.3") && !has(3, "10.1.2.3"));
	index_all();
	ck_assert(has(1, "10.1.2.3") && has(2, "10.1.2.3") && !has(3, "10.1.2.3"));
	ck_ok(fixture_sql("UPDATE relay_host SET shared = 1 WHERE tenant_id = 3"));
	ck_assert(has(3, "10.1.2.3"));
	index_all();
	ck_assert(has(3, "10.1.2.3"));
	ck_ok(fixture_sql("UPDATE relay_host SET shared = 0 WHERE tenant_id = 1"));
	index_all();
	ck_assert(!has(1, "10.1.2.3") && !has(1, "10.9.9.9"));
	ck_assert(has(2, "10.1.2.3") && has(3, "10.1.2.3"));
}
END_TEST

START_TEST(a_late_claim_takes_nothing_from_who_is_there)
{
	ck_ok(fixture_sql("INSERT INTO relay_host (tenant_id, network) VALUES (2, '10.0.0.1')"));
	index_all();
	ck_ok(fixture_sql(
	    "INSERT INTO relay_host (id, tenant_id, network) VALUES (-5, 1, '10.0.0.0/8')"));
	ck_assert(has(2, "10.0.0.1") && !has(1, "10.0.0.1") && !has(1, "10.2.3.4"));
	index_all();
	ck_assert(has(2, "10.0.0.1") && !has(1, "10.0.0.1") && !has(1, "10.2.3.4"));
	ck_ok(fixture_sql("DELETE FROM relay_host WHERE tenant_id = 2"));
	ck_assert(has(1, "10.0.0.1") && has(1, "10.2.3.4"));
}
END_TEST

START_TEST(what_is_no_network_has_a_fault_and_harms_nobody)
{
	ck_ok(fixture_sql("INSERT INTO relay_host (tenant_id, network) VALUES (1, '10.0.0.1/8'),"
			  " (1, '999.1'), (1, '10.0.0.0/99'), (1, '10.0.0.7')"));
	ck_assert(has(1, "10.0.0.7") && !has(1, "10.0.0.1"));
	index_all();
	ck_assert(has(1, "10.0.0.7") && !has(1, "10.0.0.1"));
	ck_assert_int_eq(relay_hosts_pending(fixture_db, &fixture_error), FOUND_NONE);
}
END_TEST

START_TEST(a_changed_index_is_found_and_made_anew)
{
	ck_ok(fixture_sql("INSERT INTO relay_host (tenant_id, network) VALUES (1, '10.0.0.0/8'),"
			  " (1, '10.1.0.0/16')"));
	index_all();
	ck_ok(fixture_sql("UPDATE relay_block SET parent = NULL"));
	ck_fails(relay_index_verify(fixture_db, &fixture_error), "its parent");
	ck_ok(relay_index_rebuild(fixture_db, &fixture_error));
	ck_ok(relay_index_verify(fixture_db, &fixture_error));
	ck_ok(fixture_sql("DELETE FROM relay_block WHERE prefix = 104"));
	ck_fails(relay_index_verify(fixture_db, &fixture_error), "tree");
	ck_assert_int_eq(
	    relay_hosts_of_tenant(fixture_db, &(struct ip){{[15] = 1}}, 1, &fixture_error),
	    FOUND_NONE);
	ck_ok(fixture_sql("UPDATE relay_host SET lo = x'00000000000000000000000000000000'"));
	ck_fails(relay_index_verify(fixture_db, &fixture_error), "another network");
	ck_ok(relay_index_rebuild(fixture_db, &fixture_error));
	ck_ok(relay_index_verify(fixture_db, &fixture_error));
	ck_assert(has(1, "10.200.0.1"));
}
END_TEST

START_TEST(ten_thousand_tenants_share_one_network)
{
	struct timespec from, to;
	int i;

	ck_ok(store_begin(fixture_db, &fixture_error));
	ck_ok(
	    fixture_sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <"
			" 10000) INSERT INTO tenant (name) SELECT 't' || i FROM n;"
			"INSERT INTO relay_host (tenant_id, network, shared)"
			" SELECT id, '40.92.0.0/15', 1 FROM tenant WHERE id > 4"));
	ck_ok(store_commit(fixture_db, &fixture_error));
	ck_assert_uint_eq(index_all(), 10000);
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (i = 5; i < 10005; i++)
		ck_assert(has(i, "40.93.7.7"));
	clock_gettime(CLOCK_MONOTONIC, &to);
	ck_assert_int_lt(to.tv_sec - from.tv_sec, 5);
	ck_assert(!has(1, "40.93.7.7"));
}
END_TEST

/* The brute-force model: what counts, in the words of the header. */
struct model_row {
	int64_t id, tenant;
	bool shared, indexed, fault, there;
	struct ip_range range;
};

#define ROWS 48
static struct model_row model[ROWS];

static bool model_conflict(const struct model_row *row, bool with_pending)
{
	const struct model_row *other;

	for (other = model; other < model + ROWS; other++) {
		if (!other->there || other->tenant == row->tenant ||
		    (other->shared && row->shared) ||
		    !ip_range_overlaps(&other->range, &row->range))
			continue;
		if (other->indexed || (with_pending && !other->fault && other->id < row->id))
			return true;
	}
	return false;
}

static bool model_counts(const struct model_row *row)
{
	return row->there && (row->indexed || (!row->fault && !model_conflict(row, true)));
}

static void model_index(void)
{
	struct model_row *row, *next;

	for (;;) {
		next = NULL;
		for (row = model; row < model + ROWS; row++) {
			if (row->there && !row->indexed && !row->fault &&
			    (!next || row->id < next->id))
				next = row;
		}
		if (!next)
			return;
		next->fault = model_conflict(next, false);
		next->indexed = !next->fault;
	}
}

static void model_clear_faults(void)
{
	struct model_row *row;

	for (row = model; row < model + ROWS; row++)
		row->fault = false;
}

/* Few different addresses, so that blocks nest, meet and are equal. */
static struct ip random_ip(void)
{
	static const char *const bases[] = {"10.0.0.0", "2001:db8::", "10.128.0.0", "::1"};
	struct ip ip = ip_of(bases[rand() % 4]);

	ip.bytes[13] ^= (unsigned char)(rand() % 3 == 0 ? rand() : 0);
	ip.bytes[15] ^= (unsigned char)(rand() % 2 ? rand() % 8 : 0);
	return ip;
}

static struct ip_range random_range(char text_r[IP_RANGE_TEXT_SIZE])
{
	struct ip_range range;
	struct ip ip = random_ip();
	char address[IP_TEXT_SIZE];
	unsigned most = ip_is_v4(&ip) ? 32 : 128, prefix = (unsigned)rand() % (most + 1), bit;

	for (bit = prefix + (128 - most); bit < 128; bit++)
		ip.bytes[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
	ip_format(&ip, address);
	snprintf(text_r, IP_RANGE_TEXT_SIZE, "%s/%u", address, prefix);
	if (!ip_range_parse(text_r, &range, &fixture_error)) {
		snprintf(text_r, IP_RANGE_TEXT_SIZE, "10.1.2.3");
		ck_ok(ip_range_parse(text_r, &range, &fixture_error));
	}
	return range;
}

/* Puts a new row into a free place; the schema itself refuses some. */
static void random_insert(struct model_row *row)
{
	char text[IP_RANGE_TEXT_SIZE], sql[256];
	struct model_row new = {.there = true, .range = random_range(text)};

	new.tenant = 1 + rand() % TENANTS;
	new.shared = rand() % 2;
	snprintf(sql, sizeof(sql),
		 "INSERT INTO relay_host (tenant_id, network, shared) VALUES (%d, '%s', %d)",
		 (int)new.tenant, text, new.shared);
	if (fixture_sql(sql)) {
		new.id = db_last_id(fixture_db);
		*row = new;
	}
}

static void random_change(struct model_row *row)
{
	char text[IP_RANGE_TEXT_SIZE], sql[256];
	struct ip_range range = random_range(text);

	if (rand() % 3 == 0) {
		snprintf(sql, sizeof(sql), "DELETE FROM relay_host WHERE id = %d", (int)row->id);
		ck_ok(fixture_sql(sql));
		row->there = row->indexed = false;
		model_clear_faults();
	} else if (rand() % 2) {
		snprintf(sql, sizeof(sql), "UPDATE relay_host SET shared = %d WHERE id = %d",
			 !row->shared, (int)row->id);
		if (!fixture_sql(sql))
			return;
		row->shared = !row->shared;
		if (row->shared)
			model_clear_faults();
		else
			row->indexed = row->fault = false;
	} else {
		snprintf(sql, sizeof(sql), "UPDATE relay_host SET network = '%s' WHERE id = %d",
			 text, (int)row->id);
		if (!fixture_sql(sql))
			return;
		row->range = range;
		row->indexed = false;
		model_clear_faults();
	}
}

static void compare_with_model(void)
{
	struct ip ip = random_ip();
	bool right[TENANTS + 1] = {false};
	const struct model_row *row;
	int64_t tenant, tenants[TENANTS];
	size_t count, expected = 0;

	for (row = model; row < model + ROWS; row++) {
		if (model_counts(row) && ip_range_contains(&row->range, &ip))
			right[row->tenant] = true;
	}
	for (tenant = 1; tenant <= TENANTS; tenant++) {
		enum found found = relay_hosts_of_tenant(fixture_db, &ip, tenant, &fixture_error);

		ck_assert_int_eq(found, right[tenant] ? FOUND_ONE : FOUND_NONE);
		expected += right[tenant];
	}
	ck_ok(relay_hosts_tenants(fixture_db, &ip, TENANTS, tenants, &count, &fixture_error));
	ck_assert_uint_eq(count, expected);
}

START_TEST(agrees_with_brute_force)
{
	int step, probe;

	srand((unsigned)_i + 1);
	memset(model, 0, sizeof(model));
	ck_ok(fixture_sql("PRAGMA synchronous = OFF"));
	for (step = 0; step < 150; step++) {
		struct model_row *row = &model[rand() % ROWS];

		if (row->there)
			random_change(row);
		else
			random_insert(row);
		if (rand() % 4 == 0) {
			index_all();
			model_index();
		}
		for (probe = 0; probe < 10; probe++)
			compare_with_model();
	}
	index_all();
}
END_TEST

static enum egress_way stream_of(int64_t tenant, const char *text)
{
	enum egress_way stream;
	struct ip ip = ip_of(text);

	ck_ok(relay_hosts_stream(fixture_db, &ip, tenant, &stream, &fixture_error));
	return stream;
}

START_TEST(the_smallest_host_says_which_stream)
{
	ck_ok(fixture_sql("INSERT INTO relay_host (tenant_id, network, shared, stream) VALUES"
			  " (1, '10.0.0.0/8', 1, 'corporate'), (1, '10.1.0.0/16', 1, 'bulk'),"
			  " (1, '10.1.2.3', 1, 'corporate'), (1, '2001:db8::/32', 0, 'bulk'),"
			  " (2, '10.1.0.0/16', 1, 'corporate')"));
	for (int indexed = 0; indexed < 2; indexed++) {
		ck_assert_int_eq(stream_of(1, "10.2.0.1"), WAY_CORPORATE);
		ck_assert_int_eq(stream_of(1, "10.1.0.1"), WAY_BULK);
		ck_assert_int_eq(stream_of(1, "10.1.2.3"), WAY_CORPORATE);
		ck_assert_int_eq(stream_of(1, "2001:db8::1"), WAY_BULK);
		ck_assert_int_eq(stream_of(1, "192.0.2.1"), WAY_CORPORATE);
		ck_assert_int_eq(stream_of(2, "10.1.0.1"), WAY_CORPORATE);
		ck_assert_int_eq(stream_of(3, "10.1.0.1"), WAY_CORPORATE);
		index_all();
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("relay_hosts");
	TCase *tests = tcase_create("relay_hosts");

	tcase_add_checked_fixture(tests, start, fixture_stop);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, a_row_counts_before_and_after_it_is_indexed);
	tcase_add_test(tests, a_deleted_or_moved_row_counts_no_more);
	tcase_add_test(tests, an_overlap_counts_only_when_both_are_shared);
	tcase_add_test(tests, a_late_claim_takes_nothing_from_who_is_there);
	tcase_add_test(tests, what_is_no_network_has_a_fault_and_harms_nobody);
	tcase_add_test(tests, a_changed_index_is_found_and_made_anew);
	tcase_add_test(tests, ten_thousand_tenants_share_one_network);
	tcase_add_test(tests, the_smallest_host_says_which_stream);
	tcase_add_loop_test(tests, agrees_with_brute_force, 0, 6);
	suite_add_tcase(suite, tests);
	return fixture_run(suite);
}
