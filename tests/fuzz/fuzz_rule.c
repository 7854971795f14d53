/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes the language of content rules: two lines, a condition and an action. What is refused names its place;
 * what is taken compiles or says where it does not, and means the same when it is read again.
 */
#include "common/content_rules.h"
#include "tests/fuzz/fuzz.h"

static void check_error(const struct error *err)
{
	const char *place = strstr(err->text, ": column ");

	MUST(strncmp(err->text, "condition: ", 11) == 0 || strncmp(err->text, "action: ", 8) == 0);
	MUST(place != NULL && place[9] >= '1' && place[9] <= '9');
}

static void check_rule(const struct content_rule *rule)
{
	MUST(rule->term_count >= 1 && rule->term_count <= CONTENT_TERMS_MAX);
	MUST(rule->action <= CONTENT_DISCLAIMER);
	for (size_t i = 0; i < rule->term_count; i++) {
		const struct content_term *term = &rule->terms[i];

		MUST(term->what < WHAT_COUNT);
		MUST((term->header != NULL) == (term->what == WHAT_HEADER));
		MUST((term->pattern_count > 0) == (term->relation <= RELATION_MATCHES));
		for (size_t j = 0; j < term->pattern_count; j++)
			MUST(term->patterns[j].expression != NULL && term->patterns[j].column >= 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *condition = fuzz_text(data, size), *action = strchr(condition, '\n');
	struct content_rule_text text;
	struct content_rule *rule;
	struct error err;

	if (action != NULL)
		*action++ = '\0';
	text = (struct content_rule_text){0, condition, action != NULL ? action : "discard"};
	if (!content_rule_parse(text.condition, text.action, &rule, &err)) {
		check_error(&err);
	} else {
		check_rule(rule);
		content_rule_free(rule);
		if (!content_rule_check(&text, &err))
			check_error(&err);
	}
	free(condition);
	return 0;
}
