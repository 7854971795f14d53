/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the decision's line and object: no value of a message can change what they say. */
#include "common/decision.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

static const struct decision sample = {
    .verdict = DECISION_REJECT,
    .queue_id = "4Sx1",
    .client = "192.0.2.7",
    .helo = "mx.x.example",
    .sender = "a@x.example",
    .recipients = 2,
    .tenant = "acme",
    .filter = "tenant",
    .code = 550,
    .status = "5.7.1",
    .text = "y.example may not send from here",
    .egress = "",
    .generation = 42,
    .elapsed_us = 731,
};

START_TEST(the_line_has_all_keys_in_their_order)
{
	static const struct decision empty;
	char line[DECISION_LINE_SIZE];

	decision_format(&sample, line, sizeof(line));
	ck_assert_str_eq(
	    line,
	    "decision id=4Sx1 client=192.0.2.7 helo=mx.x.example from=<a@x.example> "
	    "rcpts=2 tenant=acme verdict=reject filter=tenant code=550 status=5.7.1 "
	    "egress= way=corporate return_path=<> spf= dkim= generation=42 us=731 text=\"y.example "
	    "may not send from here\"");
	decision_format(&empty, line, sizeof(line));
	ck_assert_str_eq(line,
			 "decision id= client= helo= from=<> rcpts=0 tenant= verdict=none filter= "
			 "code=0 status= egress= way=corporate return_path=<> spf= dkim= "
			 "generation=0 us=0 text=\"\"");
}
END_TEST

/* How many words of the line, split as a log reader does, begin with the key. */
static int count_key(const char *line, const char *key)
{
	bool quoted = false, word_begins = true;
	int count = 0;

	for (; *line != '\0'; line++) {
		if (word_begins && !quoted && strncmp(line, key, strlen(key)) == 0)
			count++;
		if (*line == '"')
			quoted = !quoted;
		word_begins = *line == ' ';
	}
	ck_assert(!quoted);
	return count;
}

START_TEST(no_value_adds_a_key_or_a_line)
{
	static const char *const hostile[] = {
	    "x verdict=accept",
	    "x\nverdict=accept",
	    "x\tverdict=accept",
	    "x\r\n verdict=accept",
	    "x\" verdict=accept text=\"",
	    "x\\\" verdict=accept",
	    "x\\",
	    "x\xc2\xa0verdict=accept",
	    "x\xe2\x80\x83verdict=accept",
	    "x\xe3\x80\x80verdict=accept",
	    "x\xe2\x80\xa8verdict=accept",
	    "x\xc2\x85verdict=accept",
	    "x> verdict=accept <",
	    "\xff verdict=accept",
	};

	for (size_t i = 0; i < COUNT(hostile); i++) {
		struct decision decision = sample;
		char line[DECISION_LINE_SIZE];

		snprintf(decision.helo, sizeof(decision.helo), "%s", hostile[i]);
		snprintf(decision.sender, sizeof(decision.sender), "%s", hostile[i]);
		snprintf(decision.text, sizeof(decision.text), "%s", hostile[i]);
		snprintf(decision.queue_id, sizeof(decision.queue_id), "%s", hostile[i]);
		decision_format(&decision, line, sizeof(line));
		ck_assert_msg(count_key(line, "verdict=") == 1, "%s", line);
		ck_assert_msg(count_key(line, "text=") == 1, "%s", line);
		ck_assert_ptr_null(strpbrk(line, "\r\n\t\\"));
		ck_assert_ptr_nonnull(strstr(line, " verdict=reject filter=tenant "));
		ck_assert_int_eq(line[strlen(line) - 1], '"');
		for (const char *wide = line; (wide = strpbrk(wide, "\xc2\xe2\xe3")) != NULL;
		     wide++)
			ck_assert_ptr_nonnull(strstr(line, "text=\"") < wide ? wide : NULL);
	}
}
END_TEST

static void fill(char *field, size_t size)
{
	memset(field, 'v', size - 1);
	field[size - 1] = '\0';
}

START_TEST(the_longest_values_fit_the_line)
{
	struct decision decision = sample;
	char line[DECISION_LINE_SIZE];

	fill(decision.queue_id, sizeof(decision.queue_id));
	fill(decision.client, sizeof(decision.client));
	fill(decision.helo, sizeof(decision.helo));
	fill(decision.sender, sizeof(decision.sender));
	fill(decision.return_path, sizeof(decision.return_path));
	fill(decision.tenant, sizeof(decision.tenant));
	fill(decision.filter, sizeof(decision.filter));
	fill(decision.status, sizeof(decision.status));
	fill(decision.text, sizeof(decision.text));
	fill(decision.egress, sizeof(decision.egress));
	fill(decision.spf, sizeof(decision.spf));
	fill(decision.signatures, sizeof(decision.signatures));
	decision.verdict = DECISION_QUARANTINE;
	decision.recipients = SIZE_MAX;
	decision.code = INT32_MIN;
	decision.generation = decision.elapsed_us = INT64_MIN;
	decision_format(&decision, line, sizeof(line));
	ck_assert_int_eq(line[strlen(line) - 1], '"');
}
END_TEST

START_TEST(the_object_says_the_same)
{
	struct decision decision = sample;
	struct json *json = decision_to_json(&decision);
	char *text = json_write(json);

	ck_assert_str_eq(
	    text,
	    "{\"verdict\":\"reject\",\"reply\":\"550 5.7.1 y.example may not send from here\","
	    "\"filter\":\"tenant\",\"tenant\":\"acme\",\"egress\":\"\",\"way\":\"corporate\","
	    "\"return_path\":\"\","
	    "\"spf\":\"\",\"dkim\":\"\","
	    "\"queue_id\":"
	    "\"4Sx1\","
	    "\"client\":\"192.0.2.7\",\"helo\":\"mx.x.example\",\"sender\":\"a@x.example\","
	    "\"recipients\":2,\"code\":550,\"status\":\"5.7.1\","
	    "\"text\":\"y.example may not send from here\",\"generation\":42,\"elapsed_us\":731}");
	free(text);
	json_drop(json);
	decision.status[0] = decision.text[0] = '\0';
	decision.code = 250;
	json = decision_to_json(&decision);
	ck_assert_str_eq(json_get_text(json, "reply"), "250 Ok");
	json_drop(json);
	decision.code = 0;
	json = decision_to_json(&decision);
	ck_assert_str_eq(json_get_text(json, "reply"), "");
	json_drop(json);
}
END_TEST

START_TEST(verdicts_have_distinct_names)
{
	for (int i = DECISION_NONE; i <= DECISION_QUARANTINE; i++)
		for (int j = DECISION_NONE; j < i; j++)
			ck_assert_str_ne(decision_verdict_name((enum decision_verdict)i),
					 decision_verdict_name((enum decision_verdict)j));
}
END_TEST

UNIT_MAIN("decision", the_line_has_all_keys_in_their_order, no_value_adds_a_key_or_a_line,
	  the_longest_values_fit_the_line, the_object_says_the_same, verdicts_have_distinct_names)
