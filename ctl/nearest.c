/* SPDX-License-Identifier: BSD-2-Clause */
/* Levenshtein distance between short words. */
#include "ctl/nearest.h"
#include <stdio.h>
#include <string.h>

#define WORD_MAX 63

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters must be changed, added or dropped to make `b` of `a`. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], length_b = strlen(b);

	for (size_t j = 0; j <= length_b; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length_b; j++) {
			size_t above = row[j];

			row[j] = smaller(smaller(above, row[j - 1]) + 1,
					 diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[length_b];
}

void nearest_start(struct nearest *nearest, const char *given)
{
	*nearest = (struct nearest){.given = given, .distance = strlen(given) / 2 + 1};
}

void nearest_try(struct nearest *nearest, const char *word)
{
	size_t distance;

	if (strlen(word) > WORD_MAX || strlen(nearest->given) > WORD_MAX)
		return;
	distance = edit_distance(nearest->given, word);
	if (distance >= nearest->distance)
		return;
	nearest->distance = distance;
	snprintf(nearest->best, sizeof(nearest->best), "%s", word);
}

const char *nearest_hint(struct nearest *nearest)
{
	if (nearest->best[0])
		snprintf(nearest->hint, sizeof(nearest->hint), ", did you mean `%s`?",
			 nearest->best);
	return nearest->hint;
}
