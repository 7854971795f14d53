/* SPDX-License-Identifier: BSD-2-Clause */
/* The language of content rules: what is taken, and where what is refused goes wrong. */
#include "common/content_rules.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

static struct content_rule *parse(const char *condition, const char *action)
{
	struct content_rule *rule;
	struct error err;

	ck_assert_msg(content_rule_parse(condition, action, &rule, &err), "%s | %s: %s", condition,
		      action, err.text);
	return rule;
}

START_TEST(reads_what_and_pattern)
{
	struct content_rule *rule =
	    parse("not header X-Mailer has \"Bulk  Mail\" and file.extension is exe, 'js' "
		  "and size > 25M",
		  "reject 'No \"bulk\"'");

	ck_assert_uint_eq(rule->term_count, 3);
	ck_assert_int_eq(rule->terms[0].what, WHAT_HEADER);
	ck_assert(rule->terms[0].negated);
	ck_assert_str_eq(rule->terms[0].header, "X-Mailer");
	ck_assert_int_eq(rule->terms[0].relation, RELATION_HAS);
	ck_assert_str_eq(rule->terms[0].patterns[0].expression, "Bulk\\s+Mail");
	ck_assert_int_eq(rule->terms[1].what, WHAT_FILE_EXTENSION);
	ck_assert_uint_eq(rule->terms[1].pattern_count, 2);
	ck_assert_str_eq(rule->terms[1].patterns[1].expression, "\\Ajs\\z");
	ck_assert_uint_eq(rule->terms[2].number, UINT64_C(25) << 20);
	ck_assert_int_eq(rule->action, CONTENT_REJECT);
	ck_assert_str_eq(rule->arguments[0], "No \"bulk\"");
	content_rule_free(rule);
}
END_TEST

START_TEST(reads_every_what)
{
	static const char *const values[] = {
	    [VALUE_NONE] = "",      [VALUE_TEXT] = " is \"x\"",   [VALUE_NUMBER] = " < 3k",
	    [VALUE_COUNT] = " > 2", [VALUE_FLAW] = " is \"nul\"",
	};

	for (int what = 0; what < WHAT_COUNT; what++) {
		const struct content_what_row *row = &content_whats[what];
		struct content_rule *rule;
		char text[128];

		snprintf(text, sizeof(text), "%s%s%s", row->word, what == WHAT_HEADER ? " X-Y" : "",
			 values[row->value]);
		rule = parse(text, "discard");
		ck_assert_int_eq(rule->terms[0].what, what);
		content_rule_free(rule);
	}
}
END_TEST

START_TEST(reads_every_action)
{
	static const struct {
		const char *text, *first, *second;
		enum content_action action;
	} rows[] = {
	    {"reject", NULL, NULL, CONTENT_REJECT},
	    {"reject \"No\"", "No", NULL, CONTENT_REJECT},
	    {"tempfail 'Later'", "Later", NULL, CONTENT_TEMPFAIL},
	    {"quarantine", NULL, NULL, CONTENT_QUARANTINE},
	    {"discard", NULL, NULL, CONTENT_DISCARD},
	    {"accept", NULL, NULL, CONTENT_ACCEPT},
	    {"add-header X-Class \"public use\"", "X-Class", "public use", CONTENT_ADD_HEADER},
	    {"tag-subject \"[Extern]\"", "[Extern]", NULL, CONTENT_TAG_SUBJECT},
	    {"redirect a@b.example", "a@b.example", NULL, CONTENT_REDIRECT},
	    {"copy \"a@b.example\"", "a@b.example", NULL, CONTENT_COPY},
	    {"disclaimer \"a\\nb\"", "a\nb", NULL, CONTENT_DISCLAIMER},
	    {"disclaimer \"a\" \"<p>a</p>\"", "a", "<p>a</p>", CONTENT_DISCLAIMER},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct content_rule *rule = parse("any", rows[i].text);

		ck_assert_int_eq(rule->action, rows[i].action);
		ck_assert_pstr_eq(rule->arguments[0], rows[i].first);
		ck_assert_pstr_eq(rule->arguments[1], rows[i].second);
		content_rule_free(rule);
	}
	content_rule_free(parse("file.name is x", "remove-attachment \"gone\""));
}
END_TEST

static const struct {
	const char *condition, *action, *error;
} refused[] = {
    {"", "discard", "condition: column 1: here should be what"},
    {"subjekt is x", "discard", "condition: column 1: 'subjekt' is nothing"},
    {"subject", "discard", "condition: column 8: after `subject` should be one of is"},
    {"subject was x", "discard", "condition: column 9: after `subject`"},
    {"subject is", "discard", "condition: column 11: after `is` should be a text"},
    {"subject is \"x", "discard", "condition: column 12: the text that begins here has no end"},
    {"subject is \"x\\q\"", "discard", "condition: column 14: '\\q' is none of"},
    {"subject has ''", "discard", "condition: column 13: an empty text is in everything"},
    {"subject matches x", "discard", "condition: column 17: after `matches` should be an exp"},
    {"subject matches /x", "discard", "condition: column 17: the expression that begins here"},
    {"subject matches /x/q", "discard", "condition: column 20: 'q' is none of the letters"},
    {"subject matches /(*LIMIT_MATCH=9)x/", "discard", "condition: column 18: an expression may"},
    {"subject matches /a(b/", "discard", "condition: column 21: expression: missing closing"},
    {"any and subject matches /x/, /[z-a]/", "discard", "condition: column 34: expression: range"},
    {"size 3", "discard", "condition: column 6: after `size` should be > or <"},
    {"size > x", "discard", "condition: column 8: here should be a number"},
    {"size > 3x", "discard", "condition: column 8: '3x' is no number"},
    {"size > 99999999999999999999", "discard", "condition: column 8: '9999"},
    {"size > 17179869184G", "discard", "condition: column 8: '17179869184G' is no number"},
    {"header", "discard", "condition: column 7: here should be the header's name"},
    {"header \"a b\" is x", "discard", "condition: column 8: 'a b' is no header name"},
    {"any any", "discard", "condition: column 5: 'any' stands where `and`"},
    {"any and", "discard", "condition: column 8: here should be what"},
    {"subject is x,", "discard", "condition: column 14: after `is` should be a text"},
    {"subject is \xff", "discard", "condition: column 12: is not UTF-8"},
    {"malformed is nonsense", "discard", "condition: column 14: 'nonsense' is no flaw"},
    {"any", "", "action: column 1: '' is none of reject"},
    {"any", "drop", "action: column 1: 'drop' is none of"},
    {"any", "discard x", "action: column 9: 'x' is more than discard takes"},
    {"any", "redirect", "action: column 9: here should be a text"},
    {"any", "redirect nobody@", "action: column 10: "},
    {"any", "copy <>", "action: column 6: "},
    {"any", "add-header From \"x\"", "action: column 12: header From may not be set"},
    {"any", "add-header content-type \"x\"", "action: column 12: header content-type may not"},
    {"any", "add-header X-Easymail-Content \"x\"", "action: column 12: header X-Easymail"},
    {"any", "add-header X: y", "action: column 12: 'X:' is no header name"},
    {"any", "add-header X \"a\\nb\"", "action: column 14: value: has a control character"},
    {"any", "reject \"a\\nb\"", "action: column 8: text: has a control character"},
    {"any", "disclaimer", "action: column 11: here should be a text"},
    {"any", "remove-attachment", "action: column 1: remove-attachment needs a condition"},
};

START_TEST(names_the_place_of_an_error)
{
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct content_rule_text text = {0, refused[i].condition, refused[i].action};
		struct error err = {""};

		ck_assert_msg(!content_rule_check(&text, &err), "%s | %s", text.condition,
			      text.action);
		ck_assert_msg(strncmp(err.text, refused[i].error, strlen(refused[i].error)) == 0,
			      "'%s' is not '%s'", err.text, refused[i].error);
	}
}
END_TEST

START_TEST(names_the_number_of_a_stored_rule)
{
	struct content_rule_text texts[] = {{7, "any", "discard"}, {8, "any", "drop"}};
	struct content_rules *rules = content_rules_new(texts, 2);

	ck_assert_int_eq(rules->fault_number, 8);
	ck_assert_ptr_eq(strstr(rules->fault.text, "rule 8: action: column 1: "),
			 rules->fault.text);
	content_rules_release(rules);
}
END_TEST

UNIT_MAIN("content_rule", reads_what_and_pattern, reads_every_what, reads_every_action,
	  names_the_place_of_an_error, names_the_number_of_a_stored_rule)
