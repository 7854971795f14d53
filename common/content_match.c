/* SPDX-License-Identifier: BSD-2-Clause */
/* First every pattern is sought in every value, then each rule's terms are put together. */
#include "common/content_match.h"
#include "common/content_place.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was found of one term. */
struct finding {
	bool there;
	unsigned part; /* of the first */
	size_t count, room;
	size_t *files; /* ascending */
};

struct matching {
	const struct content_rules *rules;
	const struct content_input *input;
	struct finding *findings; /* of each term */
	size_t cards, ibans;
	struct error *err;
	/* Of the value that is looked at: */
	enum content_class class;
	const struct content_value_found *value;
};

static void *grow(void *old, size_t count, size_t size)
{
	void *memory = reallocarray(old, count, size);

	if (memory == NULL)
		abort();
	return memory;
}

static void note_file(struct finding *finding, size_t file)
{
	if (finding->count > 0 && finding->files[finding->count - 1] == file)
		return;
	if (finding->count == finding->room) {
		finding->room = 2 * finding->room + 4;
		finding->files = grow(finding->files, finding->room, sizeof(*finding->files));
	}
	finding->files[finding->count++] = file;
}

static bool is_member(const struct matching *matching, size_t file)
{
	return file >= matching->input->facts->part_count;
}

/* Does the term ask for the value at all? */
static bool concerns(const struct matching *matching, const struct content_term *term)
{
	const struct content_what_row *what = &content_whats[term->what];
	const struct content_value_found *value = matching->value;

	if (term->what == WHAT_HEADER)
		return strcasecmp(term->header, value->header) == 0;
	if (value->file == CONTENT_NO_FILE)
		return true;
	return is_member(matching, value->file) ? what->of_members : what->of_attachments;
}

/* There already, or for this file: no need to look again. */
static bool is_settled(const struct finding *finding, size_t file)
{
	if (file == CONTENT_NO_FILE)
		return finding->there;
	return finding->count > 0 && finding->files[finding->count - 1] == file;
}

static bool fail_costly(const struct matching *matching, const struct content_needle *needle)
{
	int64_t number = matching->rules->terms[needle->term].rule->number;

	return error_set(matching->err,
			 "rule %lld: condition: column %zu: the expression needs too much time or "
			 "memory for this message",
			 (long long)number, needle->pattern->column);
}

static bool confirm(void *context, size_t pattern)
{
	struct matching *matching = context;
	const struct content_needle *needle =
	    &matching->rules->classes[matching->class].needles[pattern];
	struct finding *finding = &matching->findings[needle->term];
	const struct content_value_found *value = matching->value;

	if (is_settled(finding, value->file) ||
	    !concerns(matching, matching->rules->terms[needle->term].term))
		return true;
	switch (regex_match(needle->regex, value->text, value->length, 0, NULL, 0)) {
	case FOUND_NONE:
		return true;
	case FOUND_ONE:
		break;
	case FOUND_ERROR:
		return fail_costly(matching, needle);
	}
	if (!finding->there)
		finding->part = value->part;
	finding->there = true;
	if (value->file != CONTENT_NO_FILE)
		note_file(finding, value->file);
	return true;
}

static bool look_at(void *context, const struct content_value_found *value)
{
	struct matching *matching = context;

	matching->value = value;
	return pattern_set_scan(matching->rules->classes[matching->class].set, value->text,
				value->length, confirm, matching);
}

static bool look_for_all(struct matching *matching)
{
	for (int k = 0; k < CLASS_COUNT; k++) {
		matching->class = (enum content_class)k;
		if (matching->rules->classes[k].count > 0 &&
		    !content_values_each(matching->input, matching->class, look_at, matching))
			return false;
	}
	if (matching->rules->counts_cards)
		matching->cards = content_count_numbers(matching->input, content_numbers_cards);
	if (matching->rules->counts_ibans)
		matching->ibans = content_count_numbers(matching->input, content_numbers_ibans);
	return true;
}

static bool compare(const struct content_term *term, uint64_t value)
{
	switch (term->relation) {
	case RELATION_ABOVE:
		return value > term->number;
	case RELATION_BELOW:
		return value < term->number;
	case RELATION_IS:
	case RELATION_HAS:
	case RELATION_LIKE:
	case RELATION_MATCHES:
	case RELATION_THERE:
		break;
	}
	return value > 0;
}

/* What a term compares with its number, or asks to be above 0. */
static uint64_t quantity(const struct matching *matching, const struct content_term *term)
{
	const struct content_input *input = matching->input;

	if (term->what == WHAT_SIZE)
		return input->size;
	if (term->what == WHAT_PARTS)
		return input->facts->part_count;
	if (term->what == WHAT_RECIPIENTS)
		return input->recipient_count;
	if (term->what == WHAT_CARD)
		return matching->cards;
	if (term->what == WHAT_IBAN)
		return matching->ibans;
	return term->what == WHAT_ANY || input->facts->malformed != 0;
}

/* Of a term that is on no file; its negation aside. */
static bool holds(const struct matching *matching, size_t at)
{
	const struct content_term *term = matching->rules->terms[at].term;

	if (term->pattern_count > 0)
		return matching->findings[at].there;
	return compare(term, quantity(matching, term));
}

static int compare_files(const void *left, const void *right)
{
	size_t a = *(const size_t *)left, b = *(const size_t *)right;

	return a < b ? -1 : a > b;
}

/* A term on files, of this one; its negation aside. What is asked of attachments is asked of a member's. */
static bool holds_of(const struct matching *matching, size_t at, size_t file)
{
	const struct content_term *term = matching->rules->terms[at].term;
	const struct content_what_row *what = &content_whats[term->what];
	const struct message_facts *facts = matching->input->facts;
	const struct finding *finding = &matching->findings[at];
	bool member = is_member(matching, file);

	if (member && !what->of_members) {
		file = facts->members[file - facts->part_count].part - 1;
		member = false;
	} else if (!member && !what->of_attachments) {
		return false;
	}
	if (what->class == CLASS_NONE && member)
		return facts->members[file - facts->part_count].sized &&
		       compare(term, facts->members[file - facts->part_count].size);
	if (what->class == CLASS_NONE)
		return compare(term, facts->parts[file].size);
	return finding->count > 0 &&
	       bsearch(&file, finding->files, finding->count, sizeof(file), compare_files) != NULL;
}

static bool is_on_files(const struct content_term *term)
{
	return content_whats[term->what].of_attachments || content_whats[term->what].of_members;
}

/* A term that asks for members only can be met by members only. */
static bool wants_member(const struct content_rule *rule)
{
	for (size_t i = 0; i < rule->term_count; i++) {
		const struct content_what_row *what = &content_whats[rule->terms[i].what];

		if (what->of_members && !what->of_attachments)
			return true;
	}
	return false;
}

/* Does some term name members at all? */
static bool takes_member(const struct content_rule *rule)
{
	for (size_t i = 0; i < rule->term_count; i++) {
		if (content_whats[rule->terms[i].what].of_members)
			return true;
	}
	return false;
}

/* The terms that are on no file, and whether those on files can be met by any. */
static bool may_meet(const struct matching *matching, const struct content_rule *rule, size_t first,
		     bool *on_files_r)
{
	*on_files_r = false;
	for (size_t i = 0; i < rule->term_count; i++) {
		const struct content_term *term = &rule->terms[i];

		if (!is_on_files(term)) {
			if (holds(matching, first + i) == term->negated)
				return false;
			continue;
		}
		*on_files_r = true;
		if (term->pattern_count > 0 && !term->negated &&
		    matching->findings[first + i].count == 0)
			return false;
	}
	return true;
}

static bool file_meets(const struct matching *matching, const struct content_rule *rule,
		       size_t first, size_t file)
{
	for (size_t i = 0; i < rule->term_count; i++) {
		const struct content_term *term = &rule->terms[i];

		if (is_on_files(term) && holds_of(matching, first + i, file) == term->negated)
			return false;
	}
	return true;
}

static void note_part(struct content_hit *hit, unsigned part)
{
	unsigned *parts = (unsigned *)(uintptr_t)hit->parts;

	for (size_t i = hit->part_count; i-- > 0;) {
		if (parts[i] == part)
			return;
	}
	parts = grow(parts, hit->part_count + 1, sizeof(*parts));
	parts[hit->part_count++] = part;
	hit->parts = parts;
}

/* All files that meet the rule. */
static bool meet_files(const struct matching *matching, struct content_hit *hit, size_t first)
{
	const struct message_facts *facts = matching->input->facts;
	size_t begin = wants_member(hit->rule) ? facts->part_count : 0;
	size_t end = facts->part_count + (takes_member(hit->rule) ? facts->member_count : 0);

	for (size_t file = begin; file < end; file++) {
		unsigned part;

		if (file < facts->part_count && !content_part_is_file(facts, file))
			continue;
		if (!file_meets(matching, hit->rule, first, file))
			continue;
		if (hit->part_count == 0)
			content_place_file(facts, file, hit->where, sizeof(hit->where));
		part = file < facts->part_count ? facts->parts[file].number
						: facts->members[file - facts->part_count].part;
		note_part(hit, part);
	}
	return hit->part_count > 0;
}

/* Where the first thing is that the rule asks for. */
static void place(const struct matching *matching, struct content_hit *hit, size_t first)
{
	for (size_t i = 0; i < hit->rule->term_count; i++) {
		const struct content_term *term = &hit->rule->terms[i];

		if (term->negated)
			continue;
		content_place_term(term, matching->findings[first + i].part, hit->where,
				   sizeof(hit->where));
		return;
	}
	snprintf(hit->where, sizeof(hit->where), "the message");
}

static bool meets(const struct matching *matching, size_t at, struct content_hit *hit)
{
	size_t first = matching->rules->first_terms[at];
	bool on_files;

	*hit = (struct content_hit){.rule = matching->rules->rules[at]};
	if (!may_meet(matching, hit->rule, first, &on_files))
		return false;
	if (on_files)
		return meet_files(matching, hit, first);
	place(matching, hit, first);
	return true;
}

static void put_together(const struct matching *matching, struct content_hits *hits)
{
	for (size_t i = 0; i < matching->rules->rule_count; i++) {
		struct content_hit hit;

		if (!meets(matching, i, &hit))
			continue;
		if ((hits->count & (hits->count - 1)) == 0)
			hits->items = grow(hits->items, 2 * hits->count + 1, sizeof(hit));
		hits->items[hits->count++] = hit;
	}
}

static void findings_free(struct finding *findings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(findings[i].files);
	free(findings);
}

bool content_match(const struct content_rules *rules, const struct content_input *input,
		   struct content_hits *hits_r, struct error *err)
{
	struct matching matching = {.rules = rules, .input = input, .err = err};
	bool done;

	*hits_r = (struct content_hits){0};
	if (rules->fault.text[0] != '\0') {
		*err = rules->fault;
		return false;
	}
	if (rules->rule_count == 0)
		return true;
	matching.findings = grow(NULL, rules->term_count, sizeof(*matching.findings));
	memset(matching.findings, 0, rules->term_count * sizeof(*matching.findings));
	done = look_for_all(&matching);
	if (done)
		put_together(&matching, hits_r);
	findings_free(matching.findings, rules->term_count);
	return done;
}

void content_hits_free(struct content_hits *hits)
{
	for (size_t i = 0; i < hits->count; i++)
		free((void *)(uintptr_t)hits->items[i].parts);
	free(hits->items);
	*hits = (struct content_hits){0};
}
