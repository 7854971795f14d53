/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of settings against its own rules: defaults, choices, numbers, texts, broken values. */
#include "common/settings.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

static bool parses(enum setting_id id, const char *text, struct setting_value *value_r)
{
	struct error err;
	bool done = setting_parse(id, text, value_r, &err);

	ck_assert_msg(done || strstr(err.text, setting_definitions[id].name), "%s", err.text);
	return done;
}

static bool refuses(enum setting_id id, const char *text)
{
	struct setting_value value;

	return !parses(id, text, &value);
}

/* Copies the choice of that index; false when there are not so many. */
static bool choice_of(const struct setting_definition *setting, int64_t index, char *to,
		      size_t size)
{
	const char *at = setting->choices;

	for (; index > 0; index--) {
		at += strcspn(at, "|");
		if (!*at++)
			return false;
	}
	snprintf(to, size, "%.*s", (int)strcspn(at, "|"), at);
	return true;
}

/* The action that a setting's value, as written, stands for. */
static enum found action_of(enum setting_id id, const char *text, enum message_action *action_r)
{
	struct setting_value value;

	ck_assert(parses(id, text, &value));
	return setting_action(id, &value, action_r);
}

START_TEST(every_setting_is_described_and_has_a_name_of_its_own)
{
	enum setting_id found;

	for (int id = 0; id < SETTING_COUNT; id++) {
		const struct setting_definition *setting = &setting_definitions[id];

		ck_assert_msg(setting->name && strchr(setting->name, '.'), "setting %d", id);
		ck_assert_msg(setting->help && *setting->help, "%s", setting->name);
		ck_assert_msg((setting->kind == SETTING_CHOICE) == (setting->choices != NULL), "%s",
			      setting->name);
		ck_assert_int_eq(setting_by_name(setting->name, &found), FOUND_ONE);
		ck_assert_int_eq(found, id);
	}
}
END_TEST

START_TEST(a_name_is_found_whole_and_in_its_case_only)
{
	enum setting_id id;

	ck_assert_int_eq(setting_by_name("from.polic", &id), FOUND_NONE);
	ck_assert_int_eq(setting_by_name("from.policyx", &id), FOUND_NONE);
	ck_assert_int_eq(setting_by_name("From.policy", &id), FOUND_NONE);
	ck_assert_int_eq(setting_by_name("", &id), FOUND_NONE);
}
END_TEST

START_TEST(every_default_is_a_value)
{
	struct setting_value value;

	for (int id = 0; id < SETTING_COUNT; id++) {
		const struct setting_definition *setting = &setting_definitions[id];

		ck_assert_msg(parses((enum setting_id)id, setting->fallback, &value), "%s",
			      setting->name);
		if (setting->kind != SETTING_CHOICE && setting->kind != SETTING_NUMBER)
			ck_assert_ptr_eq(value.text, setting->fallback);
	}
}
END_TEST

START_TEST(every_choice_is_read_as_its_index)
{
	struct setting_value value;
	char choice[64], broken[80];

	for (int id = 0; id < SETTING_COUNT; id++) {
		const struct setting_definition *setting = &setting_definitions[id];

		for (int64_t at = 0; setting->choices && choice_of(setting, at, choice, 64); at++) {
			ck_assert(parses((enum setting_id)id, choice, &value));
			ck_assert_int_eq(value.number, at);
			snprintf(broken, sizeof(broken), "%sx", choice);
			ck_assert_msg(refuses((enum setting_id)id, broken), "%s", broken);
			snprintf(broken, sizeof(broken), "%s ", choice);
			ck_assert_msg(refuses((enum setting_id)id, broken), "%s", broken);
			choice[0] ^= 0x20;
			ck_assert_msg(refuses((enum setting_id)id, choice), "%s", choice);
		}
	}
}
END_TEST

START_TEST(a_choice_is_refused_when_it_is_a_part_or_a_list_of_them)
{
	for (int id = 0; id < SETTING_COUNT; id++) {
		const struct setting_definition *setting = &setting_definitions[id];
		char prefix[64];

		if (setting->kind != SETTING_CHOICE)
			continue;
		ck_assert_msg(refuses((enum setting_id)id, ""), "%s", setting->name);
		ck_assert_msg(refuses((enum setting_id)id, "|"), "%s", setting->name);
		ck_assert_msg(refuses((enum setting_id)id, "0"), "%s", setting->name);
		ck_assert_msg(refuses((enum setting_id)id, setting->choices), "%s", setting->name);
		ck_assert(choice_of(setting, 0, prefix, sizeof(prefix)));
		prefix[strlen(prefix) - 1] = '\0';
		ck_assert_msg(refuses((enum setting_id)id, prefix), "%s: %s", setting->name,
			      prefix);
	}
}
END_TEST

START_TEST(choices_stand_in_the_order_of_their_enums)
{
	static const struct {
		enum setting_id id;
		const char *text;
		int64_t number;
	} rows[] = {
	    {SETTING_FROM_POLICY, "enforce", FROM_ENFORCE},
	    {SETTING_FROM_POLICY, "tag", FROM_TAG},
	    {SETTING_FROM_POLICY, "off", FROM_OFF},
	    {SETTING_DKIM_SIGN_SIGNED, "no", 0},
	    {SETTING_DKIM_SIGN_SIGNED, "yes", 1},
	    {SETTING_HIDE_SERVER, "off", 0},
	    {SETTING_HIDE_SERVER, "on", 1},
	    {SETTING_HIDE_MESSAGE_ID, "off", 0},
	    {SETTING_HIDE_MESSAGE_ID, "on", 1},
	};
	struct setting_value value;

	for (size_t i = 0; i < COUNT(rows); i++) {
		ck_assert_msg(parses(rows[i].id, rows[i].text, &value), "%s", rows[i].text);
		ck_assert_msg(value.number == rows[i].number, "%s", rows[i].text);
	}
}
END_TEST

START_TEST(numbers_are_taken_within_their_limits_only)
{
	struct setting_value value;
	int tried = 0;
	char text[32];

	for (int at = 0; at < SETTING_COUNT; at++) {
		const struct setting_definition *setting = &setting_definitions[at];
		enum setting_id id = (enum setting_id)at;

		if (setting->kind != SETTING_NUMBER)
			continue;
		tried++;
		ck_assert_int_le(setting->min, setting->max);
		for (int64_t end = -1; end <= 1; end += 2) {
			int64_t limit = end < 0 ? setting->min : setting->max;

			snprintf(text, sizeof(text), "%lld", (long long)limit);
			ck_assert(parses(id, text, &value) && value.number == limit);
			snprintf(text, sizeof(text), "%lld", (long long)(limit + end));
			ck_assert_msg(refuses(id, text), "%s %s", setting->name, text);
		}
	}
	ck_assert_int_gt(tried, 0);
}
END_TEST

START_TEST(what_is_no_plain_number_is_refused)
{
	static const char *const texts[] = {"",
					    " 7",
					    "7 ",
					    "+7",
					    "7x",
					    "0x7",
					    "7.0",
					    "1e1",
					    "seven",
					    "-",
					    "\t7",
					    "7\n",
					    "99999999999999999999",
					    "-7"};

	for (size_t i = 0; i < COUNT(texts); i++)
		ck_assert_msg(refuses(SETTING_DKIM_RETIRE_DAYS, texts[i]), "'%s'", texts[i]);
}
END_TEST

START_TEST(texts_end_at_their_limit_and_hold_printable_utf8_only)
{
	static const char *const broken[] = {"a\nb", "a\tb",  "\x7f",
					     "\xff", "a\xc3", "\xed\xa0\x80"};
	struct setting_value value;
	char text[300];

	for (int at = 0; at < SETTING_COUNT; at++) {
		const struct setting_definition *setting = &setting_definitions[at];
		enum setting_id id = (enum setting_id)at;

		if (setting->kind != SETTING_TEXT && setting->kind != SETTING_GROUP)
			continue;
		ck_assert_int_lt(setting->max, (int64_t)sizeof(text) - 1);
		memset(text, 'a', sizeof(text));
		text[setting->max] = '\0';
		ck_assert(parses(id, text, &value));
		ck_assert_ptr_eq(value.text, text);
		text[setting->max] = 'a';
		text[setting->max + 1] = '\0';
		ck_assert_msg(refuses(id, text), "%s", setting->name);
		for (size_t i = 0; i < COUNT(broken); i++)
			ck_assert_msg(refuses(id, broken[i]), "%s: %zu", setting->name, i);
	}
}
END_TEST

START_TEST(a_url_is_https_and_fits_between_angle_brackets)
{
	static const char *const good[] = {"", "https://a.example/u?r={recipient}&l=1",
					   "https://a"};
	static const char *const bad[] = {"http://a.example/",
					  "https://",
					  "HTTPS://a.example/",
					  "a.example",
					  "https://a.example/ b",
					  "https://a.example/>",
					  "https://a.example/,<mailto:x@y>",
					  "https://a.example/\xc3\xa9",
					  "https://a.example/\n"};
	struct setting_value value;

	for (size_t i = 0; i < COUNT(good); i++)
		ck_assert(parses(SETTING_BULK_UNSUBSCRIBE_URL, good[i], &value));
	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(refuses(SETTING_BULK_UNSUBSCRIBE_URL, bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(a_domain_is_written_in_its_normal_form)
{
	struct setting_value value;

	ck_assert(parses(SETTING_BULK_RETURN_PATH_DOMAIN, "", &value));
	ck_assert(parses(SETTING_BULK_RETURN_PATH_DOMAIN, "bounce.provider.example", &value));
	ck_assert(refuses(SETTING_BULK_RETURN_PATH_DOMAIN, "Bounce.provider.example"));
	ck_assert(refuses(SETTING_BULK_RETURN_PATH_DOMAIN, "bounce.provider.example."));
	ck_assert(refuses(SETTING_BULK_RETURN_PATH_DOMAIN, "localhost"));
	ck_assert(refuses(SETTING_BULK_RETURN_PATH_DOMAIN, "a@b.example"));
}
END_TEST

START_TEST(an_address_is_one_mailbox_or_nothing)
{
	static const char *const broken[] = {
	    "<>",           "nobody",        "a b@x.example",
	    "a@",           "a@[192.0.2.1]", "a@x.example, b@x.example",
	    "a\n@x.example"};
	struct setting_value value;
	char text[400];

	ck_assert(parses(SETTING_AV_NOTICE_TO, "", &value));
	ck_assert(parses(SETTING_AV_NOTICE_TO, "security@x.example", &value));
	ck_assert_str_eq(value.text, "security@x.example");
	for (size_t i = 0; i < COUNT(broken); i++)
		ck_assert_msg(refuses(SETTING_AV_NOTICE_TO, broken[i]), "%s", broken[i]);
	memset(text, 'a', sizeof(text));
	snprintf(text + 380, sizeof(text) - 380, "@x.example");
	ck_assert(refuses(SETTING_AV_NOTICE_TO, text));
}
END_TEST

START_TEST(an_error_names_the_value_and_what_would_do)
{
	struct setting_value value;
	struct error err;

	ck_assert(!setting_parse(SETTING_FROM_POLICY, "lax", &value, &err));
	ck_assert_str_eq(err.text, "setting from.policy: 'lax' is none of enforce|tag|off");
	ck_assert(!setting_parse(SETTING_DKIM_RETIRE_DAYS, "0", &value, &err));
	ck_assert_str_eq(err.text, "setting dkim.retire_days: '0' is no number between 1 and 90");
	ck_assert(!setting_parse(SETTING_SPF_INCLUDE, "a\nb", &value, &err));
	ck_assert_msg(strncmp(err.text, "setting spf.include: ", 21) == 0, "%s", err.text);
}
END_TEST

START_TEST(a_choice_names_the_action_of_its_word)
{
	static const char *const words[] = {"accept",     "tag",     "tempfail",
					    "quarantine", "discard", "reject"};
	enum message_action action;

	for (size_t i = 0; i < COUNT(words); i++) {
		ck_assert_int_eq(action_of(SETTING_AV_ON_OVER_LIMIT, words[i], &action), FOUND_ONE);
		ck_assert_int_eq(action, i);
		ck_assert_int_eq(action_of(SETTING_AV_ON_PARTIAL, words[i], &action), FOUND_ONE);
		ck_assert_int_eq(action, i);
	}
	ck_assert_int_eq(action_of(SETTING_AV_ON_INFECTED, "quarantine", &action), FOUND_ONE);
	ck_assert_int_eq(action, ACTION_QUARANTINE);
}
END_TEST

START_TEST(a_choice_that_is_no_action_names_none)
{
	enum message_action action;

	ck_assert_int_eq(action_of(SETTING_AV_ON_OVER_LIMIT, "unknown", &action), FOUND_NONE);
	ck_assert_int_eq(action_of(SETTING_FROM_POLICY, "enforce", &action), FOUND_NONE);
	ck_assert_int_eq(action_of(SETTING_DKIM_REQUIRED, "no", &action), FOUND_NONE);
}
END_TEST

/* What fails closed by default: a provider who sets nothing gets these. */
START_TEST(the_defaults_let_nothing_bad_through)
{
	enum message_action action;

	ck_assert_int_eq(action_of(SETTING_AV_ON_INFECTED,
				   setting_definitions[SETTING_AV_ON_INFECTED].fallback, &action),
			 FOUND_ONE);
	ck_assert_int_eq(action, ACTION_REJECT);
	ck_assert_int_eq(action_of(SETTING_AV_ON_UNKNOWN,
				   setting_definitions[SETTING_AV_ON_UNKNOWN].fallback, &action),
			 FOUND_ONE);
	ck_assert_int_eq(action, ACTION_TEMPFAIL);
	ck_assert_str_eq(setting_definitions[SETTING_FROM_POLICY].fallback, "enforce");
}
END_TEST

START_TEST(scores_are_hundredths_or_off)
{
	static const struct {
		const char *text;
		int64_t number;
	} good[] = {
	    {"6", 600},   {"6.5", 650},   {"6.05", 605},    {"0", 0},
	    {"-1", -100}, {"-0.25", -25}, {"1000", 100000}, {"off", SETTING_SCORE_OFF},
	};
	static const char *const bad[] = {
	    "",    "-",    ".",  ".5",  "5.",  "5.001", "1000.01", "-100.01",
	    "Off", "6 ",   " 6", "6,5", "1e2", "0x6",   "9999999", "99999999999999999999",
	    "--1", "off1",
	};
	struct setting_value value;

	for (size_t i = 0; i < COUNT(good); i++) {
		ck_assert_msg(parses(SETTING_ANTISPAM_TAG_SCORE, good[i].text, &value), "%s",
			      good[i].text);
		ck_assert_int_eq(value.number, good[i].number);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(refuses(SETTING_ANTISPAM_TAG_SCORE, bad[i]), "%s", bad[i]);
}
END_TEST

UNIT_MAIN("settings", scores_are_hundredths_or_off,
	  every_setting_is_described_and_has_a_name_of_its_own,
	  a_name_is_found_whole_and_in_its_case_only, every_default_is_a_value,
	  every_choice_is_read_as_its_index,
	  a_choice_is_refused_when_it_is_a_part_or_a_list_of_them,
	  choices_stand_in_the_order_of_their_enums, numbers_are_taken_within_their_limits_only,
	  what_is_no_plain_number_is_refused, texts_end_at_their_limit_and_hold_printable_utf8_only,
	  a_url_is_https_and_fits_between_angle_brackets, a_domain_is_written_in_its_normal_form,
	  an_address_is_one_mailbox_or_nothing, an_error_names_the_value_and_what_would_do,
	  a_choice_names_the_action_of_its_word, a_choice_that_is_no_action_names_none,
	  the_defaults_let_nothing_bad_through)
