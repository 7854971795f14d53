/* SPDX-License-Identifier: BSD-2-Clause */
/* The condition of a rule: terms with `and` between them. */
#include "common/content_glob.h"
#include "common/content_rule.h"
#include "common/malformed.h"
#include "common/rule_words.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const relations[] = {
    [RELATION_IS] = "is",
    [RELATION_HAS] = "has",
    [RELATION_LIKE] = "like",
    [RELATION_MATCHES] = "matches",
};

static void *grow(void *old, size_t count, size_t size)
{
	void *memory = reallocarray(old, count, size);

	if (memory == NULL)
		abort();
	return memory;
}

static bool read_what(struct rule_words *words, struct content_term *term, struct error *err)
{
	for (int i = 0; words->word.kind == RULE_BARE && i < WHAT_COUNT; i++) {
		if (!rule_words_is(words, content_whats[i].word))
			continue;
		term->what = (enum content_what)i;
		return rule_words_next(words, err);
	}
	if (words->word.kind == RULE_END)
		return rule_words_fail(words, words->word.column, err,
				       "here should be what the rule looks at, but the condition "
				       "ends");
	return rule_words_fail(words, words->word.column, err,
			       "'%.60s' is nothing that a rule can look at; header, subject, body, "
			       "attachment.extension and so on are, see easymail.conf(5)",
			       words->word.text);
}

/* RFC 5322 section 2.2: a field name is printable ASCII without the colon. */
static bool read_header_name(struct rule_words *words, struct content_term *term, struct error *err)
{
	const char *name = words->word.text;

	if (words->word.kind != RULE_BARE && words->word.kind != RULE_TEXT)
		return rule_words_fail(words, words->word.column, err,
				       "here should be the header's name");
	for (const char *c = name; *c != '\0'; c++) {
		if (*c <= ' ' || *c > '~' || *c == ':')
			return rule_words_fail(words, words->word.column, err,
					       "'%.60s' is no header name", name);
	}
	if (*name == '\0')
		return rule_words_fail(words, words->word.column, err,
				       "the header's name is empty");
	term->header = rule_words_take(words);
	return rule_words_next(words, err);
}

/* A misspelt flaw would never be met. */
static bool check_flaw(struct rule_words *words, const struct content_term *term, struct error *err)
{
	return term->what != WHAT_MALFORMED || term->relation != RELATION_IS ||
	       malformed_find(words->word.text) != 0 ||
	       rule_words_fail(words, words->word.column, err,
			       "'%.60s' is no flaw; see easymail.conf(5)", words->word.text);
}

static bool is_ascii(const char *text)
{
	while (*text != '\0' && (unsigned char)*text < 0x80)
		text++;
	return *text == '\0';
}

static bool read_text_pattern(struct rule_words *words, struct content_term *term,
			      struct content_pattern *pattern, struct error *err)
{
	if (words->word.kind != RULE_BARE && words->word.kind != RULE_TEXT)
		return rule_words_fail(words, words->word.column, err,
				       "after `%s` should be a text: \"…\"",
				       relations[term->relation]);
	if (words->word.text[0] == '\0' && term->relation == RELATION_HAS)
		return rule_words_fail(words, words->word.column, err,
				       "an empty text is in everything; use `any`");
	if (!check_flaw(words, term, err))
		return false;
	pattern->ignore_case = true;
	pattern->dot_all = true;
	switch (term->relation) {
	case RELATION_IS:
		pattern->expression = content_glob_exact(words->word.text);
		pattern->plain = is_ascii(words->word.text);
		return true;
	case RELATION_HAS:
		pattern->expression = content_glob_piece(words->word.text);
		pattern->plain = is_ascii(words->word.text);
		return true;
	case RELATION_LIKE:
	case RELATION_MATCHES:
	case RELATION_ABOVE:
	case RELATION_BELOW:
	case RELATION_THERE:
		break;
	}
	pattern->expression = content_glob_expression(words->word.text);
	return true;
}

static bool read_expression(struct rule_words *words, struct content_pattern *pattern,
			    struct error *err)
{
	if (words->word.kind != RULE_EXPRESSION)
		return rule_words_fail(words, words->word.column, err,
				       "after `matches` should be an expression: /…/");
	/* pcre2pattern(3): (*…) at the beginning changes limits and options, which are ours. */
	if (words->word.text[0] == '(' && words->word.text[1] == '*')
		return rule_words_fail(words, words->word.column + 1, err,
				       "an expression may not begin with (*; write letters behind "
				       "it: /…/i");
	pattern->ignore_case = strchr(words->word.flags, 'i') != NULL;
	pattern->multi_line = strchr(words->word.flags, 'm') != NULL;
	pattern->dot_all = strchr(words->word.flags, 's') != NULL;
	pattern->extended = strchr(words->word.flags, 'x') != NULL;
	pattern->expression = rule_words_take(words);
	return true;
}

static bool read_pattern(struct rule_words *words, struct content_term *term, struct error *err)
{
	struct content_pattern *pattern;

	if ((term->pattern_count & (term->pattern_count - 1)) == 0)
		term->patterns =
		    grow(term->patterns, 2 * term->pattern_count + 1, sizeof(*term->patterns));
	pattern = &term->patterns[term->pattern_count];
	*pattern = (struct content_pattern){.column = words->word.column};
	if (!(term->relation == RELATION_MATCHES ? read_expression(words, pattern, err)
						 : read_text_pattern(words, term, pattern, err)))
		return false;
	term->pattern_count++;
	return rule_words_next(words, err);
}

static bool read_patterns(struct rule_words *words, struct content_term *term, struct error *err)
{
	for (;;) {
		if (term->pattern_count == CONTENT_PATTERNS_MAX)
			return rule_words_fail(words, words->word.column, err,
					       "more than %d patterns; make two rules of it",
					       CONTENT_PATTERNS_MAX);
		if (!read_pattern(words, term, err))
			return false;
		if (words->word.kind != RULE_COMMA)
			return true;
		if (!rule_words_next(words, err))
			return false;
	}
}

static bool read_relation(struct rule_words *words, struct content_term *term, struct error *err)
{
	for (int i = RELATION_IS; i <= RELATION_MATCHES; i++) {
		if (!rule_words_is(words, relations[i]))
			continue;
		term->relation = (enum content_relation)i;
		return rule_words_next(words, err);
	}
	return rule_words_fail(words, words->word.column, err,
			       "after `%s` should be one of is, has, like, matches",
			       content_whats[term->what].word);
}

/* By how many bits the letter behind a number shifts it; 0: it is no such letter. */
static unsigned unit_bits(char unit)
{
	switch (unit) {
	case 'k':
	case 'K':
		return 10;
	case 'm':
	case 'M':
		return 20;
	case 'g':
	case 'G':
		return 30;
	default:
		return 0;
	}
}

static bool read_number(struct rule_words *words, struct content_term *term, struct error *err)
{
	const char *text = words->word.text;
	unsigned long long number;
	unsigned bits;
	char *end;

	if (words->word.kind != RULE_BARE || text[0] < '0' || text[0] > '9')
		return rule_words_fail(words, words->word.column, err, "here should be a number");
	errno = 0;
	number = strtoull(text, &end, 10);
	bits = unit_bits(*end);
	if (errno != 0 || end[bits > 0] != '\0' || number > UINT64_MAX >> bits)
		return rule_words_fail(words, words->word.column, err,
				       "'%.60s' is no number; write 25, 25k, 25M or 25G", text);
	term->number = (uint64_t)number << bits;
	return rule_words_next(words, err);
}

static bool read_comparison(struct rule_words *words, struct content_term *term, struct error *err)
{
	if (words->word.kind != RULE_ABOVE && words->word.kind != RULE_BELOW)
		return rule_words_fail(words, words->word.column, err,
				       "after `%s` should be > or < and a number",
				       content_whats[term->what].word);
	term->relation = words->word.kind == RULE_ABOVE ? RELATION_ABOVE : RELATION_BELOW;
	return rule_words_next(words, err) && read_number(words, term, err);
}

static bool read_value(struct rule_words *words, struct content_term *term, struct error *err)
{
	term->relation = RELATION_THERE;
	switch (content_whats[term->what].value) {
	case VALUE_NONE:
		return true;
	case VALUE_TEXT:
		return read_relation(words, term, err) && read_patterns(words, term, err);
	case VALUE_NUMBER:
		return read_comparison(words, term, err);
	case VALUE_COUNT:
		return (words->word.kind != RULE_ABOVE && words->word.kind != RULE_BELOW) ||
		       read_comparison(words, term, err);
	case VALUE_FLAW:
		return !rule_words_is(words, "is") ||
		       (read_relation(words, term, err) && read_patterns(words, term, err));
	}
	return false;
}

static bool read_term(struct rule_words *words, struct content_term *term, struct error *err)
{
	while (rule_words_is(words, "not")) {
		term->negated = !term->negated;
		if (!rule_words_next(words, err))
			return false;
	}
	return read_what(words, term, err) &&
	       (term->what != WHAT_HEADER || read_header_name(words, term, err)) &&
	       read_value(words, term, err);
}

static bool read_terms(struct rule_words *words, struct content_rule *rule, struct error *err)
{
	for (;;) {
		if (rule->term_count == CONTENT_TERMS_MAX)
			return rule_words_fail(words, words->word.column, err, "more than %d terms",
					       CONTENT_TERMS_MAX);
		rule->terms = grow(rule->terms, rule->term_count + 1, sizeof(*rule->terms));
		rule->terms[rule->term_count] = (struct content_term){.what = WHAT_ANY};
		rule->term_count++;
		if (!read_term(words, &rule->terms[rule->term_count - 1], err))
			return false;
		if (words->word.kind == RULE_END)
			return true;
		if (!rule_words_is(words, "and"))
			return rule_words_fail(words, words->word.column, err,
					       "'%.60s' stands where `and` or the end should be",
					       words->word.text);
		if (!rule_words_next(words, err))
			return false;
	}
}

bool content_terms_parse(const char *condition, struct content_rule *rule, struct error *err)
{
	struct rule_words words;
	bool done =
	    rule_words_start(&words, "condition", condition, err) && read_terms(&words, rule, err);

	rule_words_end(&words);
	return done;
}
