/* SPDX-License-Identifier: BSD-2-Clause */
/* The table from the scanner's answers and the settings to what is done. */
#include "milters/av/av_policy.h"
#include <check.h>
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
		char *value = strchr(word, '=');
		enum setting_id id;

		*value++ = '\0';
		ck_assert_int_eq(setting_by_name(word, &id), FOUND_ONE);
		ck_assert_msg(setting_parse(id, value, &settings[id], &err), "%s", err.text);
	}
}

static const struct {
	uint32_t verdict, flags;
	const char *choices;
	enum message_action action;
	const char *status, *text;
} rows[] = {
    {SCAN_CLEAN, 0, "", ACTION_ACCEPT, "", ""},
    {SCAN_CLEAN, 0, "av.on_unknown=quarantine av.on_infected=discard", ACTION_ACCEPT, "", ""},
    {SCAN_INFECTED, 0, "", ACTION_REJECT, "5.7.1", "Eicar-Test-Signature"},
    {SCAN_INFECTED, 0, "av.on_infected=quarantine", ACTION_QUARANTINE, "5.7.1", "Eicar"},
    {SCAN_INFECTED, 0, "av.on_infected=discard", ACTION_DISCARD, "5.7.1", "Eicar"},
    {SCAN_UNKNOWN, 0, "", ACTION_TEMPFAIL, "4.3.0", "worker died"},
    {SCAN_UNKNOWN, 0, "av.on_unknown=quarantine", ACTION_QUARANTINE, "5.7.1", "worker died"},
    {SCAN_UNKNOWN, 0, "av.on_unknown=accept", ACTION_TAG, "5.7.1", "worker died"},
    {SCAN_UNKNOWN, SCAN_OVER_LIMIT, "", ACTION_TEMPFAIL, "4.3.0", "worker died"},
    {SCAN_UNKNOWN, SCAN_OVER_LIMIT, "av.on_over_limit=reject", ACTION_REJECT, "5.7.1", "worker"},
    {SCAN_UNKNOWN, SCAN_OVER_LIMIT, "av.on_over_limit=accept", ACTION_TAG, "5.7.1", "worker"},
    {SCAN_UNKNOWN, SCAN_OVER_LIMIT, "av.on_unknown=quarantine", ACTION_QUARANTINE, "5.7.1", ""},
    {SCAN_UNKNOWN, 0, "av.on_over_limit=accept", ACTION_TEMPFAIL, "4.3.0", "worker died"},
    {SCAN_UNKNOWN, SCAN_PARTIAL, "", ACTION_REJECT, "5.7.1", "message/partial"},
    {SCAN_BUSY, 0, "", ACTION_TEMPFAIL, "4.3.2", "busy"},
    {SCAN_BUSY, 0, "av.on_unknown=accept", ACTION_TEMPFAIL, "4.3.2", "busy"},
    {SCAN_FLAGGED, SCAN_PARTIAL, "", ACTION_REJECT, "5.7.1", "message/partial"},
    {SCAN_FLAGGED, SCAN_PARTIAL, "av.on_partial=accept", ACTION_ACCEPT, "", ""},
    {SCAN_FLAGGED, SCAN_ENCRYPTED_ARCHIVE, "", ACTION_TAG, "5.7.1", "encrypted archive"},
    {SCAN_FLAGGED, SCAN_ENCRYPTED_DOCUMENT, "", ACTION_TAG, "5.7.1", "encrypted document"},
    {SCAN_FLAGGED, SCAN_MACROS, "", ACTION_ACCEPT, "", ""},
    {SCAN_FLAGGED, SCAN_MACROS, "av.on_macros=tempfail", ACTION_TEMPFAIL, "4.7.1", "macros"},
    {SCAN_FLAGGED, SCAN_FLAGS_ALL, "av.on_macros=reject", ACTION_REJECT, "5.7.1", "partial"},
    {SCAN_FLAGGED, SCAN_MACROS | SCAN_ENCRYPTED_ARCHIVE, "av.on_macros=quarantine",
     ACTION_QUARANTINE, "5.7.1", "macros"},
    {0, 0, "", ACTION_TEMPFAIL, "4.3.0", "no verdict"},
    {99, 0, "av.on_unknown=accept", ACTION_TEMPFAIL, "4.3.0", "no verdict"},
};

START_TEST(rules_as_the_table_says)
{
	struct setting_value settings[SETTING_COUNT];
	struct scan_answer answer = {.verdict = rows[_i].verdict, .flags = rows[_i].flags};
	struct av_ruling ruling;

	strcpy(answer.signature, "Eicar-Test-Signature");
	strcpy(answer.why, "worker died");
	choose(settings, rows[_i].choices);
	av_rule(settings, &answer, &ruling);
	ck_assert_int_eq(ruling.action, rows[_i].action);
	ck_assert_str_eq(ruling.status, rows[_i].status);
	ck_assert_ptr_nonnull(strstr(ruling.text, rows[_i].text));
}
END_TEST

START_TEST(names_signature_and_part)
{
	struct setting_value settings[SETTING_COUNT];
	struct scan_answer answer = {.verdict = SCAN_INFECTED, .part = 3};
	struct av_ruling ruling;

	strcpy(answer.signature, "Eicar-Test-Signature");
	strcpy(answer.part_name, "invoice.zip");
	choose(settings, "");
	av_rule(settings, &answer, &ruling);
	ck_assert_str_eq(ruling.text, "Virus Eicar-Test-Signature found in part 3, invoice.zip");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("av_policy");
	TCase *tests = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, rules_as_the_table_says, 0, sizeof(rows) / sizeof(*rows));
	tcase_add_test(tests, names_signature_and_part);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
