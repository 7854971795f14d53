/* SPDX-License-Identifier: BSD-2-Clause */
/* How the words of a command line become a command. */
#include "ctl/command.h"
#include "tests/unit/unit.h"
#include <string.h>

#define WORDS_MAX 16

/* Splits the line at blanks and reads it. */
static bool parse(const char *line, struct ctl *ctl, struct error *err)
{
	static char text[512];
	char *words[WORDS_MAX], *rest = NULL;
	int count = 0;

	memset(ctl, 0, sizeof(*ctl));
	snprintf(text, sizeof(text), "%s", line);
	for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	return command_parse(ctl, count, words, err);
}

static void assert_usage_error(const char *line, const char *part)
{
	struct error err;
	struct ctl ctl;

	ck_assert_msg(!parse(line, &ctl, &err), "`%s` was taken", line);
	ck_assert_msg(strstr(err.text, part), "`%s` says `%s`, not `%s`", line, err.text, part);
}

START_TEST(reads_arguments_and_options_in_any_order)
{
	struct error err;
	struct ctl ctl;

	ck_assert(parse("egress add --helo mx.example --json 192.0.2.7 --group=green", &ctl, &err));
	ck_assert_str_eq(ctl.command->verb, "add");
	ck_assert_str_eq(ctl_argument(&ctl, 0), "192.0.2.7");
	ck_assert_str_eq(ctl_option(&ctl, "--helo"), "mx.example");
	ck_assert_str_eq(ctl_option(&ctl, "--group"), "green");
	ck_assert_ptr_null(ctl_option(&ctl, "--weight"));
	ck_assert(ctl.json);
}
END_TEST

START_TEST(finds_verbs_of_two_words_and_nouns_without_verb)
{
	struct error err;
	struct ctl ctl;

	ck_assert(parse("egress group add green", &ctl, &err));
	ck_assert_str_eq(ctl.command->verb, "group add");
	ck_assert(parse("status", &ctl, &err));
	ck_assert_str_eq(ctl.command->noun, "status");
	ck_assert(parse(
	    "check --client-ip 192.0.2.1 --from a@b.example --to c@d.example --to e@f.example",
	    &ctl, &err));
	ck_assert_uint_eq(ctl.option_count, 4);
}
END_TEST

START_TEST(takes_a_flag_without_value)
{
	struct error err;
	struct ctl ctl;

	ck_assert(parse("domain add acme --subdomains acme.example", &ctl, &err));
	ck_assert_str_eq(ctl_argument(&ctl, 1), "acme.example");
	ck_assert_ptr_nonnull(ctl_option(&ctl, "--subdomains"));
}
END_TEST

START_TEST(suggests_the_nearest_word)
{
	assert_usage_error("tennant list", "did you mean `tenant`?");
	assert_usage_error("tenant lst", "did you mean `list`?");
	assert_usage_error("egress group ad green", "did you mean `group add`?");
	assert_usage_error("tenant add acme --titel x", "did you mean `--title`?");
}
END_TEST

START_TEST(refuses_what_the_usage_does_not_say)
{
	assert_usage_error("tenant", "a verb is missing");
	assert_usage_error("tenant add", "NAME is missing");
	assert_usage_error("tenant add a b", "b: one word too many");
	assert_usage_error("egress add 192.0.2.7 --helo x.example", "--group is missing");
	assert_usage_error("egress add 192.0.2.7 --group", "--group: needs a value");
	assert_usage_error("tenant set a --title x --title y", "--title: given twice");
	assert_usage_error("domain add a b --subdomains=yes", "--subdomains: takes no value");
}
END_TEST

START_TEST(describes_every_command)
{
	for (const struct command *c = commands; c->noun; c++) {
		ck_assert_ptr_nonnull(c->verb);
		ck_assert_ptr_nonnull(c->usage);
		ck_assert_uint_gt(strlen(c->help), 5);
		ck_assert(c->run != NULL);
	}
}
END_TEST

UNIT_MAIN("ctl_command", reads_arguments_and_options_in_any_order,
	  finds_verbs_of_two_words_and_nouns_without_verb, takes_a_flag_without_value,
	  suggests_the_nearest_word, refuses_what_the_usage_does_not_say, describes_every_command)
