/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules for one option's value, by its kind. */
#include "common/config_value.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LENGTH 63

static const struct {
	const char *name;
	int64_t ms;
} units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

#define UNITS (sizeof(units) / sizeof(units[0]))

/* In the largest unit that divides it: "90s", "5m". */
static void format_duration(int64_t ms, char *text_r, size_t size)
{
	size_t i = 0;

	while (i < UNITS - 1 && ms % units[i].ms != 0)
		i++;
	snprintf(text_r, size, "%" PRId64 "%s", ms / units[i].ms, units[i].name);
}

/* Digits at the beginning, with a sign perhaps; `*rest_r` is what follows. */
static bool take_number(const char *text, int64_t *number_r, const char **rest_r)
{
	char *rest;
	long long value;

	if (strspn(text + (*text == '-'), "0123456789") == 0)
		return false;
	errno = 0;
	value = strtoll(text, &rest, 10);
	*number_r = value;
	*rest_r = rest;
	return errno == 0;
}

static bool parse_number(const struct config_option *option, const char *text, int64_t *number_r,
			 struct error *err)
{
	const char *rest;

	if (take_number(text, number_r, &rest) && *rest == '\0' && *number_r >= option->min &&
	    *number_r <= option->max)
		return true;
	return error_set(err, "it must be a whole number from %" PRId64 " to %" PRId64, option->min,
			 option->max);
}

static bool parse_duration(const struct config_option *option, const char *text, int64_t *number_r,
			   struct error *err)
{
	char least[32], most[32];
	const char *rest = text;
	int64_t count, ms;
	bool numeric = take_number(text, &count, &rest);

	for (size_t i = 0; numeric && i < UNITS; i++) {
		if (strcmp(rest, units[i].name) != 0 ||
		    __builtin_mul_overflow(count, units[i].ms, &ms) || ms < option->min ||
		    ms > option->max)
			continue;
		*number_r = ms;
		return true;
	}
	if (numeric && *rest == '\0')
		return error_set(err, "its unit is missing; write %.20ss, %.20sm or %.20sh", text,
				 text, text);
	format_duration(option->min, least, sizeof(least));
	format_duration(option->max, most, sizeof(most));
	return error_set(
	    err,
	    "it must be a time from %s to %s; write a whole number and ms, s, m, h or d, "
	    "as in 90s",
	    least, most);
}

static bool parse_bool(const char *text, int64_t *number_r, struct error *err)
{
	*number_r = strcmp(text, "yes") == 0;
	if (*number_r != 0 || strcmp(text, "no") == 0)
		return true;
	return error_set(err, "write yes or no");
}

static bool parse_choice(const struct config_option *option, const char *text, int64_t *number_r,
			 struct error *err)
{
	const char *choice = option->choices;

	for (int64_t index = 0;; index++) {
		size_t length = strcspn(choice, "|");

		if (strlen(text) == length && memcmp(choice, text, length) == 0) {
			*number_r = index;
			return true;
		}
		if (choice[length] == '\0')
			return error_set(err, "write one of %s", option->choices);
		choice += length + 1;
	}
}

bool config_value_parse(const struct config_option *option, const char *text, int64_t *number_r,
			struct error *err)
{
	*number_r = 0;
	switch (option->kind) {
	case CONFIG_TEXT:
		return true;
	case CONFIG_PATH:
		return text[0] == '/' || error_set(err, "it must be a path that begins with /");
	case CONFIG_NUMBER:
		return parse_number(option, text, number_r, err);
	case CONFIG_BOOL:
		return parse_bool(text, number_r, err);
	case CONFIG_CHOICE:
		return parse_choice(option, text, number_r, err);
	case CONFIG_SECONDS:
		return parse_duration(option, text, number_r, err);
	}
	return error_set(err, "the option has no kind");
}

/* Letters to insert, delete or change to get from one name to the other (Levenshtein). */
static size_t distance(const char *from, const char *to)
{
	size_t row[NAME_MAX_LENGTH + 1], length = strlen(to);

	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; from[i - 1] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			size_t change = diagonal + (from[i - 1] != to[j - 1]);
			size_t insert = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

			diagonal = row[j];
			row[j] = change < insert ? change : insert;
		}
	}
	return row[length];
}

/* Is `name` the option's without the program before the dot? */
static bool is_last_part(const char *option, const char *name)
{
	const char *dot = strrchr(option, '.');

	return dot != NULL && strcmp(dot + 1, name) == 0;
}

const struct config_option *config_value_nearest(const char *name)
{
	const struct config_option *best = NULL;
	size_t length = strlen(name), least = length / 3 + 1;

	if (length > NAME_MAX_LENGTH)
		return NULL;
	for (const struct config_option *option = config_options; option->name != NULL; option++) {
		size_t away = strlen(option->name) > NAME_MAX_LENGTH ? SIZE_MAX
								     : distance(name, option->name);

		if (is_last_part(option->name, name))
			return option;
		if (away <= least && (best == NULL || away < least)) {
			best = option;
			least = away;
		}
	}
	return best;
}
