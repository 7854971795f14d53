/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a tenant with many rules costs: literals and regular expressions against one message, whose text has
 * `--kilobytes`. Prints, as JSON, the CPU time of compiling them once and of deciding about the message. With --limit it fails
 * above that many microseconds.
 */
#include "common/content_decide.h"
#include "common/content_defaults.h"
#include "tests/bench/bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 50

struct sizes {
	size_t literals, expressions, kilobytes;
	double limit_us; /* 0: none */
};

static void add_word(char *word_r, size_t length)
{
	for (size_t i = 0; i < length; i++)
		word_r[i] = (char)('a' + rand() % 26);
	word_r[length] = '\0';
}

/* As tenants write them: words with what stands around them. */
static void make_expression(char *text_r, size_t size, size_t number)
{
	char first[8], second[8];

	add_word(first, 4);
	add_word(second, 4);
	switch (number % 5) {
	case 0:
		snprintf(text_r, size, "body matches /\\b%s\\w{2,8}\\s+%s\\b/i", first, second);
		return;
	case 1:
		snprintf(text_r, size, "body matches /(?:%s|%s)[0-9]{3,6}[a-z]+/i", first, second);
		return;
	case 2:
		snprintf(text_r, size, "body matches /%s.*%s/i", first, second);
		return;
	case 3:
		snprintf(text_r, size, "body matches /https?:\\/\\/[^\\/ ]*%s[^ ]*\\?%.2s=/i",
			 first, second);
		return;
	default:
		snprintf(text_r, size, "body matches /(%s)?(?<!x)%s(?!\\1)[-_.]?[0-9]+/i", first,
			 second);
		return;
	}
}

static struct content_rules *make_rules(const struct sizes *sizes)
{
	size_t count = sizes->literals + sizes->expressions;
	struct content_rule_text *texts = calloc(count, sizeof(*texts));
	struct content_rules *rules;
	char text[256], word[32];

	for (size_t i = 0; texts != NULL && i < count; i++) {
		add_word(word, 8 + (size_t)rand() % 12);
		if (i < sizes->literals)
			snprintf(text, sizeof(text), "body has \"%s\"", word);
		else
			make_expression(text, sizeof(text), i);
		texts[i] = (struct content_rule_text){(int64_t)i + 1, strdup(text), "reject"};
	}
	rules = content_rules_new(texts, count);
	for (size_t i = 0; i < count; i++)
		free((void *)(uintptr_t)texts[i].condition);
	free(texts);
	return rules;
}

/* Ordinary prose, with words that nobody has a rule for. */
static char *make_text(size_t length)
{
	static const char *const words[] = {
	    "the",
	    "quick",
	    "invoice",
	    "please",
	    "find",
	    "attached",
	    "regards",
	    "meeting",
	    "project",
	    "12:30",
	    "2026-06-01",
	    "offer",
	    "Stra\xc3\x9f"
	    "e",
	    "http://www.example.com/a?b=c",
	    "order",
	    "4711",
	};
	char *text = calloc(1, length + 64);
	size_t used = 0;

	while (text != NULL && used < length) {
		const char *word = words[(size_t)rand() % (sizeof(words) / sizeof(*words))];

		used += (size_t)sprintf(text + used, "%s%c", word, rand() % 12 ? ' ' : '\n');
		if (rand() % 3 == 0) {
			add_word(text + used, 5);
			used += 5;
			text[used++] = ' ';
		}
	}
	return text;
}

static double measure(const struct content_case *content, size_t *hits_r)
{
	struct content_ruling ruling;
	double before;

	content_decide(content, &ruling);
	*hits_r = ruling.tenant.count;
	if (ruling.action == ACTION_TEMPFAIL)
		printf("%s\n", ruling.text);
	content_ruling_free(&ruling);
	before = bench_us(CLOCK_PROCESS_CPUTIME_ID);
	for (int i = 0; i < ROUNDS; i++) {
		content_decide(content, &ruling);
		content_ruling_free(&ruling);
	}
	return (bench_us(CLOCK_PROCESS_CPUTIME_ID) - before) / ROUNDS;
}

static int run(const struct sizes *sizes)
{
	char *text = make_text(sizes->kilobytes * 1024);
	const struct facts_part part = {.number = 1,
					.kind = FACTS_LEAF,
					.type = "text/plain",
					.detected = "text/plain",
					.text = text,
					.text_length = strlen(text)};
	const struct message_facts facts = {.parts = &part, .part_count = 1};
	struct setting_value settings[SETTING_COUNT] = {0};
	struct content_rules *defaults = content_defaults_new();
	double before = bench_us(CLOCK_PROCESS_CPUTIME_ID), compile_us, decide_us;
	struct content_rules *rules = make_rules(sizes);
	size_t hits, unfiltered;

	compile_us = bench_us(CLOCK_PROCESS_CPUTIME_ID) - before;
	unfiltered = rules->classes[CLASS_BODY].set != NULL
			 ? pattern_set_unfiltered(rules->classes[CLASS_BODY].set)
			 : 0;
	decide_us = measure(&(struct content_case){.defaults = defaults,
						   .tenant = rules,
						   .settings = settings,
						   .input = {&facts, "a@b.example", NULL, 0, 1}},
			    &hits);
	printf("{\"name\": \"rules\", \"literals\": %zu, \"expressions\": %zu, \"kilobytes\": %zu, "
	       "\"compile_us\": %.0f, \"decide_us\": %.1f, \"hits\": %zu, \"unfiltered\": %zu}\n",
	       sizes->literals, sizes->expressions, sizes->kilobytes, compile_us, decide_us, hits,
	       unfiltered);
	content_rules_release(rules);
	content_rules_release(defaults);
	free(text);
	return sizes->limit_us > 0 && decide_us > sizes->limit_us;
}

int main(int argc, char **argv)
{
	struct sizes sizes = {10000, 200, 50, 0};

	int first = argc > 1 && strcmp(argv[1], "--json") == 0 ? 2 : 1; /* it always is */

	for (int i = first; i + 1 < argc; i += 2) {
		double value = strtod(argv[i + 1], NULL);

		if (strcmp(argv[i], "--literals") == 0)
			sizes.literals = (size_t)value;
		else if (strcmp(argv[i], "--expressions") == 0)
			sizes.expressions = (size_t)value;
		else if (strcmp(argv[i], "--kilobytes") == 0)
			sizes.kilobytes = (size_t)value;
		else if (strcmp(argv[i], "--limit") == 0)
			sizes.limit_us = value;
		else
			return 2;
	}
	srand(1);
	return run(&sizes);
}
