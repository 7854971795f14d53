/* SPDX-License-Identifier: BSD-2-Clause */
/* How Postfix is told which way a message leaves by: each row is a message and what follows. */
#include "milters/egress/egress_route.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

/* In place of the one that reads tenants.db: every tenant here has the domain news.example in its bulk stream. */
bool policy_domain_is_bulk(const struct policy *policy, const char *domain)
{
	(void)policy;
	return strcmp(domain, "news.example") == 0;
}

static const struct {
	enum egress_way way;
	const char *sender, *group; /* of that way; the others have one */
	bool has_return_path;
	enum egress_route route;
} rows[] = {
    {WAY_CORPORATE, "a@acme.example", "main", false, ROUTE_BY_SENDER},
    {WAY_CORPORATE, "<>", "main", false, ROUTE_BY_GROUP},
    {WAY_CORPORATE, "a@acme.example", "", false, ROUTE_NOWHERE},
    {WAY_CORPORATE, "<>", "", false, ROUTE_NOWHERE},
    {WAY_BULK, "a@news.example", "mailings", false, ROUTE_BY_SENDER},
    {WAY_BULK, "a@acme.example", "mailings", false, ROUTE_BY_GROUP},
    {WAY_BULK, "b-x@bounce.example", "mailings", true, ROUTE_BY_SENDER},
    {WAY_BULK, "<>", "mailings", false, ROUTE_BY_GROUP},
    {WAY_BULK, "a@news.example", "", false, ROUTE_NOWHERE},
    {WAY_SUSPECT, "a@acme.example", "odd", false, ROUTE_BY_GROUP},
    {WAY_SUSPECT, "a@news.example", "odd", false, ROUTE_BY_GROUP},
    {WAY_SUSPECT, "b-x@bounce.example", "odd", true, ROUTE_BY_GROUP},
    {WAY_SUSPECT, "<>", "odd", false, ROUTE_BY_GROUP},
    {WAY_SUSPECT, "a@acme.example", "", false, ROUTE_NOWHERE},
};

START_TEST(names_the_group_where_the_sender_does_not_tell_the_way)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		static struct policy policy;
		struct mailbox sender;
		struct error err;

		for (int way = 0; way < EGRESS_WAYS; way++)
			snprintf(policy.ways[way].group, NAME_SIZE, "%s",
				 way == (int)rows[i].way ? rows[i].group : "another");
		ck_assert_msg(mailbox_parse(rows[i].sender, &sender, &err), "%s", err.text);
		ck_assert_msg(egress_route(&(struct egress_facts){&policy, &sender, rows[i].way,
								  rows[i].has_return_path}) ==
				  rows[i].route,
			      "row %zu", i);
	}
}
END_TEST

START_TEST(streams_have_names_and_suspicious_is_none)
{
	enum egress_way way;

	ck_assert_str_eq(egress_way_name(WAY_SUSPECT), "suspect");
	ck_assert_int_eq(egress_stream_parse("corporate", &way), FOUND_ONE);
	ck_assert_int_eq(way, WAY_CORPORATE);
	ck_assert_int_eq(egress_stream_parse("bulk", &way), FOUND_ONE);
	ck_assert_int_eq(way, WAY_BULK);
	ck_assert_int_eq(egress_stream_parse("suspect", &way), FOUND_NONE);
	ck_assert_int_eq(egress_stream_parse("", &way), FOUND_NONE);
	ck_assert_int_eq(egress_stream_parse("Bulk", &way), FOUND_NONE);
}
END_TEST

UNIT_MAIN("egress_route", names_the_group_where_the_sender_does_not_tell_the_way,
	  streams_have_names_and_suspicious_is_none)
