/* SPDX-License-Identifier: BSD-2-Clause */
/* What could not be looked into is never taken without a word. */
#include "milters/content/content_unknown.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

static const struct {
	uint32_t verdict, flags;
	const char *content, *av, *over_limit; /* settings */
	bool is_avs;
	enum message_action action;
} rows[] = {
    {SCAN_UNKNOWN, 0, "av", "tempfail", "unknown", true, ACTION_TEMPFAIL},
    {SCAN_UNKNOWN, 0, "av", "quarantine", "unknown", true, ACTION_QUARANTINE},
    {SCAN_UNKNOWN, 0, "av", "accept", "unknown", true, ACTION_TAG},
    {SCAN_UNKNOWN, 0, "av", "tempfail", "reject", true, ACTION_TEMPFAIL},
    {SCAN_UNKNOWN, SCAN_OVER_LIMIT, "av", "tempfail", "reject", true, ACTION_REJECT},
    {SCAN_UNKNOWN, SCAN_OVER_LIMIT, "av", "quarantine", "unknown", true, ACTION_QUARANTINE},
    {SCAN_UNKNOWN, 0, "accept", "tempfail", "unknown", false, ACTION_TAG},
    {SCAN_UNKNOWN, 0, "quarantine", "tempfail", "unknown", false, ACTION_QUARANTINE},
    {SCAN_UNKNOWN, SCAN_OVER_LIMIT, "tempfail", "accept", "discard", false, ACTION_TEMPFAIL},
    {SCAN_BUSY, 0, "accept", "accept", "unknown", false, ACTION_TEMPFAIL},
    {SCAN_BUSY, 0, "av", "accept", "unknown", true, ACTION_TEMPFAIL},
    /* Scanned, but the facts did not come. */
    {SCAN_CLEAN, 0, "av", "tempfail", "unknown", false, ACTION_TEMPFAIL},
    {SCAN_FLAGGED, 0, "av", "quarantine", "unknown", false, ACTION_QUARANTINE},
};

static void choose(struct setting_value *settings, enum setting_id id, const char *value)
{
	struct error err;

	ck_assert(setting_parse(id, value, &settings[id], &err));
}

START_TEST(unknown_is_what_the_settings_say)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct setting_value settings[SETTING_COUNT] = {0};
		struct scan_answer answer = {.verdict = rows[i].verdict, .flags = rows[i].flags};

		choose(settings, SETTING_CONTENT_ON_UNKNOWN, rows[i].content);
		choose(settings, SETTING_AV_ON_UNKNOWN, rows[i].av);
		choose(settings, SETTING_AV_ON_OVER_LIMIT, rows[i].over_limit);
		ck_assert_msg(content_is_avs(settings, &answer) == rows[i].is_avs, "row %zu", i);
		ck_assert_msg(content_rule_unknown(settings, &answer) == rows[i].action, "row %zu",
			      i);
	}
}
END_TEST

UNIT_MAIN("content_unknown", unknown_is_what_the_settings_say)
