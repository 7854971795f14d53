/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of milters in main.cf: words or `{ words, options }`, between commas and blanks. */
#include "ctl/postfix_want.h"
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The next entry with its braces, and where the one after begins; false at the end. */
static bool next_entry(const char **at, const char **entry_r, size_t *length_r)
{
	int depth = 0;
	const char *end;

	*at += strspn(*at, ", \t\r\n");
	end = *at;
	while (*end && (depth > 0 || !strchr(", \t\r\n", *end))) {
		depth += *end == '{';
		depth -= *end == '}';
		end++;
	}
	*entry_r = *at;
	*length_r = (size_t)(end - *at);
	*at = end;
	return *length_r > 0;
}

/* Is it the socket's entry, by whatever options? */
static bool is_ours(const char *entry, size_t length, const char *socket)
{
	char ours[600];
	size_t size;

	if (length > 0 && entry[0] == '{') {
		size_t blanks = 1 + strspn(entry + 1, " \t\r\n");

		entry += blanks;
		length -= blanks < length ? blanks : length;
	}
	size = (size_t)snprintf(ours, sizeof(ours), "unix:%s", socket);
	return length >= size && strncmp(entry, ours, size) == 0 &&
	       (length == size || strchr(", \t\r\n}", entry[size]) != NULL);
}

/* Does it say default_action=tempfail and no other? */
static bool fails_closed(const char *entry, size_t length)
{
	char *text = strndup(entry, length);
	const char *action;
	bool closed;

	if (!text)
		err(1, "memory");
	action = strstr(text, "default_action");
	closed = action && strspn(action + strlen("default_action"), " =") > 0;
	if (closed) {
		action += strlen("default_action");
		action += strspn(action, " =");
		closed = strncmp(action, "tempfail", strlen("tempfail")) == 0;
	}
	free(text);
	return closed;
}

char *postfix_want_milters(const char *current, const char *socket)
{
	const char *at = current, *entry;
	size_t length, size;
	char *wanted;
	FILE *out = open_memstream(&wanted, &size);

	if (!out)
		err(1, "memory");
	while (next_entry(&at, &entry, &length)) {
		if (!is_ours(entry, length, socket))
			fprintf(out, "%.*s, ", (int)length, entry);
	}
	fprintf(out, "{ unix:%s, default_action=tempfail }", socket);
	if (fclose(out) != 0)
		err(1, "memory");
	return wanted;
}

bool postfix_has_milter(const char *milters, const char *socket)
{
	const char *entry;
	size_t length;

	while (next_entry(&milters, &entry, &length)) {
		if (is_ours(entry, length, socket))
			return fails_closed(entry, length);
	}
	return false;
}
