/* SPDX-License-Identifier: BSD-2-Clause */
/* Compiles an owner's rules. */
#include "common/content_rules.h"
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

struct shared_rules {
	atomic_uint references;
	struct content_rules rules;
};

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count > 0 ? count : 1, size);

	if (memory == NULL)
		abort();
	return memory;
}

static struct shared_rules *shared(struct content_rules *rules)
{
	return (struct shared_rules *)(void *)((char *)rules -
					       offsetof(struct shared_rules, rules));
}

/* `number` stands before what is wrong with it; a rule that is not stored yet has none. */
static bool fail(int64_t number, struct error *err)
{
	return number == 0 ? false : error_prefix(err, "rule %lld: ", (long long)number);
}

static void count_needles(struct content_rules *rules, const struct content_rule *rule)
{
	for (size_t i = 0; i < rule->term_count; i++) {
		const struct content_term *term = &rule->terms[i];
		enum content_class class = content_whats[term->what].class;

		if (class != CLASS_NONE)
			rules->classes[class].count += term->pattern_count;
		rules->counts_cards |= term->what == WHAT_CARD;
		rules->counts_ibans |= term->what == WHAT_IBAN;
	}
}

static bool add_needles(struct content_rules *rules, size_t number, const struct content_term *term,
			struct error *err)
{
	enum content_class class = content_whats[term->what].class;
	struct content_needles *needles;

	if (class == CLASS_NONE)
		return true;
	needles = &rules->classes[class];
	for (size_t i = 0; i < term->pattern_count; i++) {
		struct content_needle *needle = &needles->needles[needles->count];

		needle->term = number;
		needle->pattern = &term->patterns[i];
		if (!content_regex_new(needle->pattern, &needle->regex, err))
			return error_prefix(err, "condition: ");
		needles->count++;
	}
	return true;
}

static bool add_rule_needles(struct content_rules *rules, size_t at, struct error *err)
{
	const struct content_rule *rule = rules->rules[at];

	for (size_t i = 0; i < rule->term_count; i++) {
		if (add_needles(rules, rules->first_terms[at] + i, &rule->terms[i], err))
			continue;
		rules->fault_number = rule->number;
		return fail(rule->number, err);
	}
	return true;
}

/* The arrays have their sizes; each rule's terms put their patterns into the class's. */
static bool compile_rules(struct content_rules *rules, struct error *err)
{
	for (int k = 0; k < CLASS_COUNT; k++) {
		struct content_needles *needles = &rules->classes[k];

		needles->needles = allocate(needles->count, sizeof(*needles->needles));
		needles->count = 0;
	}
	for (size_t i = 0; i < rules->rule_count; i++) {
		if (!add_rule_needles(rules, i, err))
			return false;
	}
	return true;
}

static void make_sets(struct content_rules *rules)
{
	for (int k = 0; k < CLASS_COUNT; k++) {
		struct content_needles *needles = &rules->classes[k];
		const struct content_pattern **patterns;

		if (needles->count == 0)
			continue;
		patterns = allocate(needles->count, sizeof(*patterns));
		for (size_t i = 0; i < needles->count; i++)
			patterns[i] = needles->needles[i].pattern;
		needles->set = pattern_set_new(patterns, needles->count);
		free(patterns);
	}
}

static void list_terms(struct content_rules *rules)
{
	rules->terms = allocate(rules->term_count, sizeof(*rules->terms));
	for (size_t i = 0; i < rules->rule_count; i++) {
		for (size_t j = 0; j < rules->rules[i]->term_count; j++)
			rules->terms[rules->first_terms[i] + j] = (struct content_term_place){
			    &rules->rules[i]->terms[j], rules->rules[i]};
	}
}

static bool parse_rules(struct content_rules *rules, const struct content_rule_text *texts,
			size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		struct content_rule *rule;

		if (!content_rule_parse(texts[i].condition, texts[i].action, &rule, err)) {
			rules->fault_number = texts[i].number;
			return fail(texts[i].number, err);
		}
		rule->number = texts[i].number;
		rules->rules[i] = rule;
		rules->first_terms[i] = rules->term_count;
		rules->term_count += rule->term_count;
		rules->rule_count++;
		count_needles(rules, rule);
	}
	return true;
}

/* Without the sets of patterns they cannot be matched, only checked. */
static struct content_rules *compile(const struct content_rule_text *texts, size_t count,
				     bool with_sets)
{
	struct shared_rules *new = allocate(1, sizeof(*new));
	struct content_rules *rules = &new->rules;
	struct error problem;

	atomic_init(&new->references, 1);
	rules->rules = allocate(count, sizeof(struct content_rule *));
	rules->first_terms = allocate(count, sizeof(*rules->first_terms));
	if (parse_rules(rules, texts, count, &problem) && compile_rules(rules, &problem)) {
		list_terms(rules);
		if (with_sets)
			make_sets(rules);
	} else {
		rules->fault = problem;
	}
	return rules;
}

struct content_rules *content_rules_new(const struct content_rule_text *texts, size_t count)
{
	return compile(texts, count, true);
}

bool content_rule_check(const struct content_rule_text *text, struct error *err)
{
	struct content_rules *rules = compile(text, 1, false);
	bool good = rules->fault.text[0] == '\0';

	if (!good)
		*err = rules->fault;
	content_rules_release(rules);
	return good;
}

struct content_rules *content_rules_hold(struct content_rules *rules)
{
	atomic_fetch_add_explicit(&shared(rules)->references, 1, memory_order_relaxed);
	return rules;
}

static void free_class(struct content_needles *needles)
{
	for (size_t i = 0; needles->needles != NULL && i < needles->count; i++)
		regex_free(needles->needles[i].regex);
	free(needles->needles);
	pattern_set_free(needles->set);
}

void content_rules_release(struct content_rules *rules)
{
	if (rules == NULL ||
	    atomic_fetch_sub_explicit(&shared(rules)->references, 1, memory_order_acq_rel) != 1)
		return;
	for (int k = 0; k < CLASS_COUNT; k++)
		free_class(&rules->classes[k]);
	for (size_t i = 0; i < rules->rule_count; i++)
		content_rule_free(rules->rules[i]);
	free(rules->rules);
	free(rules->first_terms);
	free(rules->terms);
	free(shared(rules));
}
