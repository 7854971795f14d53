/* SPDX-License-Identifier: BSD-2-Clause */
/* One Hyperscan database, and the memory that each scan at a time needs. */
#include "common/pattern_set.h"
#include <hs/hs.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPEATS_MAX 64

struct room {
	hs_scratch_t *scratch;
	struct room *next;
};

struct pattern_set {
	hs_database_t *database; /* NULL: it has none, all patterns are named */
	hs_scratch_t *first;     /* what others are cloned from */
	pthread_mutex_t lock;
	struct room *idle;
	size_t count;
	size_t unfiltered_count;
	size_t *unfiltered;
};

struct scan {
	bool (*candidate)(void *context, size_t pattern);
	void *context;
	bool going;
};

/* What Hyperscan is given: arrays beside one another. */
struct expressions {
	char **texts;
	unsigned *flags, *ids;
	unsigned count;
};

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count > 0 ? count : 1, size);

	if (memory == NULL)
		abort();
	return memory;
}

static char *expression_of(const struct content_pattern *pattern)
{
	char *text;

	if (asprintf(&text, "%s%s", pattern->extended ? "(?x)" : "", pattern->expression) < 0)
		abort();
	return text;
}

static unsigned flags_of(const struct content_pattern *pattern)
{
	unsigned flags = HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY;

	/* In UTF-8 mode each letter of a text becomes a class, and thousands take seconds to compile. The price:
	 * the long s and the Kelvin sign are not taken for s and k. */
	flags |= pattern->plain ? 0 : HS_FLAG_UTF8 | HS_FLAG_PREFILTER;
	flags |= pattern->ignore_case ? HS_FLAG_CASELESS : 0;
	flags |= pattern->multi_line ? HS_FLAG_MULTILINE : 0;
	flags |= pattern->dot_all ? HS_FLAG_DOTALL : 0;
	return flags;
}

static void name_always(struct pattern_set *set, size_t pattern)
{
	set->unfiltered[set->unfiltered_count++] = pattern;
}

/* Does a repetition begin here that counts beyond the limit? */
static bool counts_far(const char *brace)
{
	char *end;
	unsigned long least = strtoul(brace + 1, &end, 10);

	return least > REPEATS_MAX || (*end == ',' && strtoul(end + 1, NULL, 10) > REPEATS_MAX);
}

/* Classes by Unicode property and long counts make automata that take seconds to build. What only looks like
 * them is left out too. */
static bool is_cheap(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\\' && text[1] != '\0' && strchr("pPX", text[1]) != NULL)
			return false;
		if (*text == '{' && counts_far(text))
			return false;
	}
	return true;
}

static bool is_known(const char *text, unsigned flags)
{
	hs_compile_error_t *problem = NULL;
	hs_expr_info_t *info = NULL;
	bool known = hs_expression_info(text, flags, &info, &problem) == HS_SUCCESS;

	free(info);
	hs_free_compile_error(problem);
	return known;
}

static void add(struct expressions *expressions, struct pattern_set *set, size_t index,
		const struct content_pattern *pattern)
{
	char *text = expression_of(pattern);
	unsigned flags = flags_of(pattern);

	if (!pattern->plain && (!is_cheap(text) || !is_known(text, flags))) {
		name_always(set, index);
		free(text);
		return;
	}
	expressions->texts[expressions->count] = text;
	expressions->flags[expressions->count] = flags;
	expressions->ids[expressions->count++] = (unsigned)index;
}

static void take_out(struct expressions *expressions, unsigned at)
{
	unsigned last = --expressions->count;

	free(expressions->texts[at]);
	expressions->texts[at] = expressions->texts[last];
	expressions->flags[at] = expressions->flags[last];
	expressions->ids[at] = expressions->ids[last];
}

/* Leaves out what it says it cannot compile, until it can. */
static void compile(struct pattern_set *set, struct expressions *expressions)
{
	while (expressions->count > 0) {
		hs_compile_error_t *problem = NULL;
		unsigned bad = expressions->count - 1;

		if (hs_compile_multi((const char *const *)expressions->texts, expressions->flags,
				     expressions->ids, expressions->count, HS_MODE_BLOCK, NULL,
				     &set->database, &problem) == HS_SUCCESS)
			return;
		if (problem->expression >= 0)
			bad = (unsigned)problem->expression;
		hs_free_compile_error(problem);
		name_always(set, expressions->ids[bad]);
		take_out(expressions, bad);
	}
}

static void build(struct pattern_set *set, const struct content_pattern *const *patterns)
{
	struct expressions expressions = {
	    .texts = allocate(set->count, sizeof(char *)),
	    .flags = allocate(set->count, sizeof(unsigned)),
	    .ids = allocate(set->count, sizeof(unsigned)),
	};

	for (size_t i = 0; i < set->count; i++)
		add(&expressions, set, i, patterns[i]);
	compile(set, &expressions);
	if (set->database != NULL && hs_alloc_scratch(set->database, &set->first) != HS_SUCCESS)
		abort();
	while (expressions.count > 0)
		take_out(&expressions, 0);
	free(expressions.texts);
	free(expressions.flags);
	free(expressions.ids);
}

struct pattern_set *pattern_set_new(const struct content_pattern *const *patterns, size_t count)
{
	struct pattern_set *set = allocate(1, sizeof(*set));

	pthread_mutex_init(&set->lock, NULL);
	set->count = count;
	set->unfiltered = allocate(count, sizeof(*set->unfiltered));
	if (hs_valid_platform() == HS_SUCCESS && count <= UINT_MAX) {
		build(set, patterns);
		return set;
	}
	for (size_t i = 0; i < count; i++)
		name_always(set, i);
	return set;
}

void pattern_set_free(struct pattern_set *set)
{
	if (set == NULL)
		return;
	while (set->idle != NULL) {
		struct room *room = set->idle;

		set->idle = room->next;
		hs_free_scratch(room->scratch);
		free(room);
	}
	hs_free_scratch(set->first);
	hs_free_database(set->database);
	pthread_mutex_destroy(&set->lock);
	free(set->unfiltered);
	free(set);
}

size_t pattern_set_unfiltered(const struct pattern_set *set)
{
	return set->unfiltered_count;
}

static struct room *take_room(struct pattern_set *set)
{
	struct room *room;

	pthread_mutex_lock(&set->lock);
	room = set->idle;
	if (room != NULL)
		set->idle = room->next;
	pthread_mutex_unlock(&set->lock);
	if (room != NULL)
		return room;
	room = allocate(1, sizeof(*room));
	if (hs_clone_scratch(set->first, &room->scratch) != HS_SUCCESS)
		abort();
	return room;
}

static void give_room(struct pattern_set *set, struct room *room)
{
	pthread_mutex_lock(&set->lock);
	room->next = set->idle;
	set->idle = room;
	pthread_mutex_unlock(&set->lock);
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
		    void *context)
{
	struct scan *scan = context;

	(void)from;
	(void)to;
	(void)flags;
	scan->going = scan->candidate(scan->context, id);
	return !scan->going;
}

/* A failure of the scan itself leaves nothing to rely on: every pattern may be there. */
static bool name_all(const struct pattern_set *set, struct scan *scan)
{
	for (size_t i = 0; i < set->count && scan->going; i++)
		scan->going = scan->candidate(scan->context, i);
	return scan->going;
}

bool pattern_set_scan(struct pattern_set *set, const char *text, size_t length,
		      bool (*candidate)(void *context, size_t pattern), void *context)
{
	struct scan scan = {candidate, context, true};

	if (set->database != NULL) {
		struct room *room = take_room(set);
		hs_error_t result = length > UINT_MAX
					? HS_INVALID
					: hs_scan(set->database, text, (unsigned)length, 0,
						  room->scratch, on_match, &scan);

		give_room(set, room);
		if (result != HS_SUCCESS && result != HS_SCAN_TERMINATED)
			return name_all(set, &scan);
	}
	for (size_t i = 0; i < set->unfiltered_count && scan.going; i++)
		scan.going = candidate(context, set->unfiltered[i]);
	return scan.going;
}
