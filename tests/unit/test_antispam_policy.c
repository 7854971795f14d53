/* SPDX-License-Identifier: BSD-2-Clause */
/* The table from rspamd's answers and the settings to what is done. */
#include "milters/content/antispam_policy.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

/* Settings that differ from the default: "name=value", separated by blanks. */
static void choose(struct setting_value settings[SETTING_COUNT], const char *choices)
{
	struct error err;
	char copy[256], *save = NULL;

	for (int id = 0; id < SETTING_COUNT; id++)
		ck_assert(setting_parse((enum setting_id)id, setting_definitions[id].fallback,
					&settings[id], &err));
	snprintf(copy, sizeof(copy), "%s", choices);
	for (char *word = strtok_r(copy, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save)) {
		char name[64], *value = strchr(word, '=');
		enum setting_id id;

		*value++ = '\0';
		snprintf(name, sizeof(name), "antispam.%s", word);
		ck_assert_int_eq(setting_by_name(name, &id), FOUND_ONE);
		ck_assert_msg(setting_parse(id, value, &settings[id], &err), "%s", err.text);
	}
}

#define ALL_OFF \
	"tag_score=off suspect_score=off tempfail_score=off quarantine_score=off reject_score=off"

static const struct {
	int64_t score;
	enum rspamd_action forced;
	const char *choices;
	enum message_action action;
	const char *status, *text;
} rows[] = {
    {0, RSPAMD_NO_ACTION, "", ACTION_ACCEPT, "", ""},
    {-500, RSPAMD_NO_ACTION, "", ACTION_ACCEPT, "", ""},
    {599, RSPAMD_NO_ACTION, "", ACTION_ACCEPT, "", ""},
    {600, RSPAMD_NO_ACTION, "", ACTION_TAG, "5.7.1", "spam score 6.00, SYMBOL(1.00)"},
    {999, RSPAMD_NO_ACTION, "", ACTION_TAG, "5.7.1", "9.99"},
    {1000, RSPAMD_NO_ACTION, "", ACTION_QUARANTINE, "5.7.1", "spam score 10.00, SYMBOL(1.00)"},
    {1000, RSPAMD_NO_ACTION, "on_suspect=tempfail", ACTION_TEMPFAIL, "4.7.1", "10.00"},
    {1000, RSPAMD_NO_ACTION, "on_suspect=reject", ACTION_REJECT, "5.7.1", "10.00"},
    {1499, RSPAMD_NO_ACTION, "suspect_score=off", ACTION_TAG, "5.7.1", "14.99"},
    {1500, RSPAMD_NO_ACTION, "", ACTION_REJECT, "5.7.1", "score 15.00"},
    {99900, RSPAMD_NO_ACTION, "", ACTION_REJECT, "5.7.1", "999.00"},
    {99900, RSPAMD_NO_ACTION, ALL_OFF, ACTION_ACCEPT, "", ""},
    {700, RSPAMD_NO_ACTION, "tempfail_score=7", ACTION_TEMPFAIL, "4.7.1", "7.00"},
    {700, RSPAMD_NO_ACTION, "tempfail_score=6 quarantine_score=7", ACTION_QUARANTINE, "5.7.1",
     "7.00"},
    {1200, RSPAMD_NO_ACTION, "tempfail_score=11", ACTION_TEMPFAIL, "4.7.1", "12.00"},
    {700, RSPAMD_NO_ACTION, "reject_score=6.5", ACTION_REJECT, "5.7.1", "7.00"},
    {649, RSPAMD_NO_ACTION, "reject_score=6.5", ACTION_TAG, "5.7.1", "6.49"},
    {0, RSPAMD_REJECT, "", ACTION_REJECT, "5.7.1", "a rule's words"},
    {0, RSPAMD_REJECT, ALL_OFF, ACTION_REJECT, "5.7.1", "a rule's words"},
    {0, RSPAMD_DISCARD, "", ACTION_DISCARD, "5.7.1", ""},
    {0, RSPAMD_QUARANTINE, "", ACTION_QUARANTINE, "5.7.1", ""},
    {0, RSPAMD_SOFT_REJECT, "", ACTION_TEMPFAIL, "4.7.1", "a rule's words"},
    {0, RSPAMD_ADD_HEADER, "", ACTION_TAG, "5.7.1", ""},
    {1500, RSPAMD_SOFT_REJECT, "", ACTION_REJECT, "5.7.1", ""},
    {1000, RSPAMD_SOFT_REJECT, "", ACTION_TEMPFAIL, "4.7.1", ""},
};

START_TEST(each_answer_has_its_action)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct setting_value settings[SETTING_COUNT];
		struct antispam_finding finding = {.answered = true,
						   .reply = {.action = rows[i].forced,
							     .score = rows[i].score,
							     .symbols = "SYMBOL(1.00)",
							     .message = "a rule's words"}};
		struct antispam_ruling ruling;

		choose(settings, rows[i].choices);
		antispam_rule(settings, false, &finding, &ruling);
		ck_assert_msg(ruling.action == rows[i].action, "row %zu: %d", i, ruling.action);
		ck_assert_msg(strcmp(ruling.status, rows[i].status) == 0, "row %zu: %s", i,
			      ruling.status);
		ck_assert_msg(strstr(ruling.text, rows[i].text) != NULL, "row %zu: %s", i,
			      ruling.text);
		ck_assert_msg((ruling.action == ACTION_ACCEPT) == (ruling.text[0] == '\0'),
			      "row %zu: %s", i, ruling.text);
		ck_assert(!ruling.is_suspect);
	}
}
END_TEST

START_TEST(suspicious_mail_has_a_way_of_its_own_when_there_is_one)
{
	struct setting_value settings[SETTING_COUNT];
	struct antispam_finding finding = {.answered = true, .reply = {.score = 1000}};
	struct antispam_ruling ruling;

	choose(settings, "");
	antispam_rule(settings, true, &finding, &ruling);
	ck_assert(ruling.is_suspect);
	ck_assert_int_eq(ruling.action, ACTION_TAG);
	finding.reply.score = 999;
	antispam_rule(settings, true, &finding, &ruling);
	ck_assert(!ruling.is_suspect);
	finding.reply.score = 1500;
	antispam_rule(settings, true, &finding, &ruling);
	ck_assert(!ruling.is_suspect);
	ck_assert_int_eq(ruling.action, ACTION_REJECT);
}
END_TEST

START_TEST(what_was_not_checked_is_never_let_through_without_a_word)
{
	static const struct {
		const char *choices;
		enum message_action action;
		const char *status;
	} failures[] = {
	    {"", ACTION_TEMPFAIL, "4.3.0"},
	    {ALL_OFF, ACTION_TEMPFAIL, "4.3.0"},
	    {"on_failure=quarantine", ACTION_QUARANTINE, "5.7.1"},
	    {"on_failure=accept", ACTION_TAG, "5.7.1"},
	};
	struct antispam_finding finding = {.why = "it is down"};

	for (size_t i = 0; i < COUNT(failures); i++) {
		struct setting_value settings[SETTING_COUNT];
		struct antispam_ruling ruling;

		choose(settings, failures[i].choices);
		antispam_rule(settings, true, &finding, &ruling);
		ck_assert_int_eq(ruling.action, failures[i].action);
		ck_assert_str_eq(ruling.status, failures[i].status);
		ck_assert_str_eq(ruling.text, "Not checked for spam: it is down");
	}
}
END_TEST

START_TEST(clean_is_only_what_is_far_from_every_threshold)
{
	static const struct {
		bool answered;
		int64_t score;
		enum rspamd_action action;
		const char *choices;
		bool is_clean;
	} cases[] = {
	    {true, 0, RSPAMD_NO_ACTION, "", true},
	    {true, 499, RSPAMD_NO_ACTION, "", true},
	    {true, 500, RSPAMD_NO_ACTION, "", false},
	    {false, 0, RSPAMD_NO_ACTION, "", false},
	    {true, 0, RSPAMD_ADD_HEADER, "", false},
	    {true, 0, RSPAMD_SOFT_REJECT, ALL_OFF, false},
	    {true, 0, RSPAMD_NO_ACTION, "suspect_score=1", false},
	    {true, 0, RSPAMD_NO_ACTION, "tempfail_score=0.5", false},
	    {true, 99900, RSPAMD_NO_ACTION, ALL_OFF, true},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct setting_value settings[SETTING_COUNT];
		struct antispam_finding finding = {
		    .answered = cases[i].answered,
		    .reply = {.action = cases[i].action, .score = cases[i].score}};

		choose(settings, cases[i].choices);
		ck_assert_msg(antispam_is_clean(settings, &finding) == cases[i].is_clean, "row %zu",
			      i);
	}
}
END_TEST

UNIT_MAIN("antispam_policy", each_answer_has_its_action,
	  suspicious_mail_has_a_way_of_its_own_when_there_is_one,
	  what_was_not_checked_is_never_let_through_without_a_word,
	  clean_is_only_what_is_far_from_every_threshold)
