/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One owner's rules, compiled: expressions checked, and all patterns of a kind in one set. Immutable, shared
 * between messages and threads.
 */
#ifndef EASYMAIL_CONTENT_RULES_H
#define EASYMAIL_CONTENT_RULES_H

#include "common/content_regex.h"
#include "common/content_rule.h"
#include "common/pattern_set.h"

/* A rule as it is stored. */
struct content_rule_text {
	int64_t number;
	const char *condition, *action;
};

/* A pattern in a set: whose it is. */
struct content_needle {
	size_t term; /* counted through all rules */
	const struct content_pattern *pattern;
	struct regex *regex;
};

struct content_needles {
	size_t count;
	struct content_needle *needles;
	struct pattern_set *set; /* NULL: count is 0 */
};

/* A term of all rules, counted through. */
struct content_term_place {
	const struct content_term *term;
	const struct content_rule *rule;
};

struct content_rules {
	struct error fault; /* "" when all is well: "rule 12: condition: column 3: …" */
	int64_t fault_number;
	size_t rule_count, term_count;
	struct content_rule **rules;
	size_t *first_terms; /* of each rule: where its terms begin in `terms` */
	struct content_term_place *terms;
	struct content_needles classes[CLASS_COUNT];
	bool counts_cards, counts_ibans;
};

/* Parses and compiles one rule by itself; what `add` asks before it stores it. */
bool content_rule_check(const struct content_rule_text *text, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Always makes them, held once; `texts` may be NULL when there are none. A rule that does not compile is the `fault` of all. */
struct content_rules *content_rules_new(const struct content_rule_text *texts, size_t count);
struct content_rules *content_rules_hold(struct content_rules *rules) __attribute__((nonnull));
void content_rules_release(struct content_rules *rules); /* takes NULL */

#endif
