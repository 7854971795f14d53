/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of bulk mail without List-Unsubscribe: each row is a message, the settings and what follows. */
#include "milters/egress/unsubscribe.h"
#include "tests/unit/unit.h"
#include <string.h>

#define ONE "x@dest.example"

static const struct {
	enum list_unsubscribe setting;
	const char *url, *mailto_address;
	bool has_header;
	size_t recipients;
	const char *recipient;
	enum unsubscribe_ruling ruling;
	const char *value;
} rows[] = {
    {LIST_UNSUBSCRIBE_ADD, "https://a.example/u", "", true, 1, ONE, UNSUBSCRIBE_LEAVE, NULL},
    {LIST_UNSUBSCRIBE_REFUSE, "", "", true, 1, ONE, UNSUBSCRIBE_LEAVE, NULL},
    {LIST_UNSUBSCRIBE_REFUSE, "https://a.example/u", "", false, 1, ONE, UNSUBSCRIBE_REFUSE, NULL},
    {LIST_UNSUBSCRIBE_OFF, "https://a.example/u", "", false, 1, ONE, UNSUBSCRIBE_LEAVE, NULL},
    {LIST_UNSUBSCRIBE_ADD, "", "", false, 1, ONE, UNSUBSCRIBE_NO_ADDRESS, NULL},
    {LIST_UNSUBSCRIBE_ADD, "https://a.example/u", "", false, 1, ONE, UNSUBSCRIBE_ADD_POST,
     "<https://a.example/u>"},
    {LIST_UNSUBSCRIBE_ADD, "", "stop@a.example", false, 1, ONE, UNSUBSCRIBE_ADD,
     "<mailto:stop@a.example?subject=unsubscribe>"},
    {LIST_UNSUBSCRIBE_ADD, "https://a.example/u", "s+t@a.example", false, 2, ONE,
     UNSUBSCRIBE_ADD_POST,
     "<https://a.example/u>,\n\t<mailto:s%2Bt@a.example?subject=unsubscribe>"},
    {LIST_UNSUBSCRIBE_ADD, "https://a.example/?r={recipient}&n=1", "", false, 1, "a+b>\"@d.example",
     UNSUBSCRIBE_ADD_POST, "<https://a.example/?r=a%2Bb%3E%22%40d.example&n=1>"},
    {LIST_UNSUBSCRIBE_ADD, "https://a.example/?r={recipient}", "", false, 2, ONE,
     UNSUBSCRIBE_NO_ADDRESS, NULL},
    {LIST_UNSUBSCRIBE_ADD, "https://a.example/?r={recipient}", "s@a.example", false, 2, ONE,
     UNSUBSCRIBE_ADD, "<mailto:s@a.example?subject=unsubscribe>"},
    {LIST_UNSUBSCRIBE_ADD, "https://a.example/?r={recipient}", "", false, 1, "",
     UNSUBSCRIBE_NO_ADDRESS, NULL},
};

static enum unsubscribe_ruling rule(size_t i, const char *url, char value[UNSUBSCRIBE_SIZE])
{
	static struct policy policy;
	struct unsubscribe_facts facts = {&policy, rows[i].has_header, rows[i].recipients,
					  rows[i].recipient};

	policy.settings[SETTING_BULK_LIST_UNSUBSCRIBE].number = rows[i].setting;
	policy.settings[SETTING_BULK_UNSUBSCRIBE_URL].text = url;
	policy.settings[SETTING_BULK_UNSUBSCRIBE_MAILTO].text = rows[i].mailto_address;
	return unsubscribe_policy(&facts, value);
}

START_TEST(bulk_mail_says_how_to_get_no_more_or_is_refused)
{
	char value[UNSUBSCRIBE_SIZE];

	for (size_t i = 0; i < COUNT(rows); i++) {
		ck_assert_msg(rule(i, rows[i].url, value) == rows[i].ruling, "row %zu", i);
		if (rows[i].value != NULL)
			ck_assert_str_eq(value, rows[i].value);
	}
}
END_TEST

START_TEST(a_value_that_is_too_long_for_a_line_is_not_added)
{
	char value[UNSUBSCRIBE_SIZE], url[2 * UNSUBSCRIBE_SIZE] = "https://a.example/";

	while (strlen(url) < UNSUBSCRIBE_SIZE)
		strcat(url, "{recipient}");
	ck_assert_int_eq(rule(5, url, value), UNSUBSCRIBE_NO_ADDRESS);
	ck_assert_uint_lt(strlen(value), sizeof(value));
}
END_TEST

UNIT_MAIN("unsubscribe", bulk_mail_says_how_to_get_no_more_or_is_refused,
	  a_value_that_is_too_long_for_a_line_is_not_added)
