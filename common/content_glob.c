/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes regular expressions. */
#include "common/content_glob.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n"
/* What has a meaning of its own in an expression, inside and outside of a set, extended or not. */
#define SPECIAL "\\^$.[]|()?*+{}-#/ &~"

/* Every octet becomes at most four, and there is something before and behind. */
static char *room_for(const char *text)
{
	char *room = malloc(4 * strlen(text) + 16);

	if (room == NULL)
		abort();
	return room;
}

static char *put_octet(char *out, char c)
{
	if (c == '\n')
		return stpcpy(out, "\\n");
	if (c == '\t')
		return stpcpy(out, "\\t");
	if (strchr(SPECIAL, c) != NULL)
		*out++ = '\\';
	*out++ = c;
	return out;
}

char *content_glob_exact(const char *text)
{
	char *expression = room_for(text);
	char *out = stpcpy(expression, "\\A");

	for (; *text != '\0'; text++)
		out = put_octet(out, *text);
	(void)stpcpy(out, "\\z");
	return expression;
}

char *content_glob_piece(const char *text)
{
	char *expression = room_for(text);
	char *out = expression;

	while (*text != '\0') {
		size_t blanks = strspn(text, BLANKS);

		if (blanks > 0)
			out = stpcpy(out, "\\s+");
		else
			out = put_octet(out, *text);
		text += blanks > 0 ? blanks : 1;
	}
	*out = '\0';
	return expression;
}

/* The end of the set that begins here; NULL: it is none. A ] that is first belongs to it. */
static const char *end_of_set(const char *set)
{
	set++;
	if (*set == '!' || *set == '^')
		set++;
	return *set == '\0' ? NULL : strchr(set + 1, ']');
}

/* Does the hyphen stand between two characters in their order? UTF-8 sorts as its characters do. */
static bool is_range(const char *first, const char *hyphen, const char *end)
{
	const char *before = hyphen - 1;

	while (before > first && ((unsigned char)*before & 0xc0) == 0x80)
		before--;
	return hyphen > first && hyphen + 1 < end && strcmp(before, hyphen + 1) <= 0;
}

/* Inside a set only the hyphen between two keeps its meaning; one that would turn the order around is itself. */
static char *put_set(char *out, const char *set, const char *end)
{
	*out++ = '[';
	set++;
	if (*set == '!' || *set == '^') {
		*out++ = '^';
		set++;
	}
	for (const char *first = set; set < end; set++) {
		if (*set == '-' && is_range(first, set, end))
			*out++ = '-';
		else
			out = put_octet(out, *set);
	}
	*out++ = ']';
	return out;
}

char *content_glob_expression(const char *glob)
{
	char *expression = room_for(glob);
	char *out = stpcpy(expression, "\\A");

	for (; *glob != '\0'; glob++) {
		const char *end = *glob == '[' ? end_of_set(glob) : NULL;

		if (*glob == '*') {
			out = stpcpy(out, ".*");
			glob += strspn(glob, "*") - 1;
		} else if (*glob == '?') {
			*out++ = '.';
		} else if (end != NULL) {
			out = put_set(out, glob, end);
			glob = end;
		} else {
			glob += *glob == '\\' && glob[1] != '\0';
			out = put_octet(out, *glob);
		}
	}
	(void)stpcpy(out, "\\z");
	return expression;
}
