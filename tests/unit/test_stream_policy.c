/* SPDX-License-Identifier: BSD-2-Clause */
/* Which mail is bulk: each row is a message and why. */
#include "milters/egress/stream_policy.h"
#include "tests/unit/unit.h"
#include <string.h>

enum looks {
	PLAIN = 0,
	DOMAIN = 1,    /* its domain is bulk */
	HOST = 2,      /* its relay host is */
	NULLED = 4,    /* the null sender */
	LISTED = 8,    /* a List header */
	AUTOMATIC = 16 /* Auto-Submitted */
};

static const struct {
	unsigned looks;
	const char *asked, *precedence;
	size_t recipients;
	bool detect;
	int many;
	enum stream_reason reason;
} rows[] = {
    {PLAIN, NULL, NULL, 1, true, 100, STREAM_CORPORATE},
    {DOMAIN, NULL, NULL, 1, false, 0, STREAM_BY_DOMAIN},
    {DOMAIN | HOST, "bulk", "bulk", 999, true, 100, STREAM_BY_DOMAIN},
    {HOST, NULL, NULL, 1, false, 0, STREAM_BY_HOST},
    {HOST | NULLED, NULL, NULL, 1, false, 0, STREAM_BY_HOST},
    {PLAIN, "bulk", NULL, 1, false, 0, STREAM_BY_HEADER},
    {PLAIN, " \tBulk\n ", NULL, 1, false, 0, STREAM_BY_HEADER},
    {NULLED, "bulk", NULL, 1, false, 0, STREAM_BY_HEADER},
    {PLAIN, "corporate", NULL, 1, false, 0, STREAM_CORPORATE},
    {PLAIN, "bulky", NULL, 1, false, 0, STREAM_CORPORATE},
    {PLAIN, "", NULL, 1, false, 0, STREAM_CORPORATE},
    {DOMAIN, "corporate", NULL, 1, false, 0, STREAM_BY_DOMAIN},
    {LISTED, NULL, NULL, 1, true, 0, STREAM_BY_LIST},
    {LISTED, "corporate", NULL, 1, true, 0, STREAM_BY_LIST},
    {LISTED, NULL, NULL, 1, false, 0, STREAM_CORPORATE},
    {LISTED | NULLED, NULL, NULL, 1, true, 0, STREAM_CORPORATE},
    {LISTED | AUTOMATIC, NULL, NULL, 1, true, 0, STREAM_BY_LIST},
    {PLAIN, NULL, " bulk", 1, true, 0, STREAM_BY_PRECEDENCE},
    {PLAIN, NULL, "LIST", 1, true, 0, STREAM_BY_PRECEDENCE},
    {PLAIN, NULL, "junk", 1, true, 0, STREAM_CORPORATE},
    {PLAIN, NULL, "first-class", 1, true, 0, STREAM_CORPORATE},
    {AUTOMATIC, NULL, "bulk", 1, true, 0, STREAM_CORPORATE},
    {PLAIN, NULL, "bulk", 1, false, 0, STREAM_CORPORATE},
    {PLAIN, NULL, NULL, 99, false, 100, STREAM_CORPORATE},
    {PLAIN, NULL, NULL, 100, false, 100, STREAM_BY_RECIPIENTS},
    {NULLED, NULL, NULL, 100, false, 100, STREAM_CORPORATE},
    {PLAIN, NULL, NULL, 100000, false, 0, STREAM_CORPORATE},
};

START_TEST(tells_bulk_mail_by_what_was_said_and_how_it_looks)
{
	static struct policy policy;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct stream_facts facts = {
		    .policy = &policy,
		    .host = rows[i].looks & HOST ? WAY_BULK : WAY_CORPORATE,
		    .domain_is_bulk = rows[i].looks & DOMAIN,
		    .is_null_sender = rows[i].looks & NULLED,
		    .asked = rows[i].asked,
		    .has_list_header = rows[i].looks & LISTED,
		    .precedence = rows[i].precedence,
		    .is_automatic = rows[i].looks & AUTOMATIC,
		    .recipients = rows[i].recipients,
		};
		enum stream_reason reason;

		policy.settings[SETTING_BULK_DETECT].number = rows[i].detect;
		policy.settings[SETTING_BULK_RECIPIENTS].number = rows[i].many;
		reason = stream_policy(&facts);
		ck_assert_msg(reason == rows[i].reason, "row %zu: %s", i,
			      stream_reason_text(reason));
	}
}
END_TEST

START_TEST(every_reason_has_its_words)
{
	ck_assert_str_eq(stream_reason_text(STREAM_CORPORATE), "");
	for (int reason = STREAM_BY_DOMAIN; reason <= STREAM_BY_RECIPIENTS; reason++)
		ck_assert_int_eq(
		    strncmp(stream_reason_text((enum stream_reason)reason), "bulk by its", 8), 0);
}
END_TEST

UNIT_MAIN("stream_policy", tells_bulk_mail_by_what_was_said_and_how_it_looks,
	  every_reason_has_its_words)
