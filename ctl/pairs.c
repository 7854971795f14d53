/* SPDX-License-Identifier: BSD-2-Clause */
/* Names with values. */
#include "ctl/pairs.h"
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *need(void *memory)
{
	if (!memory)
		err(1, "memory");
	return memory;
}

static struct pair *find(const struct pairs *pairs, const char *name)
{
	for (size_t i = 0; i < pairs->count; i++) {
		if (strcmp(pairs->items[i].name, name) == 0)
			return &pairs->items[i];
	}
	return NULL;
}

void pairs_append(struct pairs *pairs, const char *name, const char *value)
{
	pairs->items = need(realloc(pairs->items, (pairs->count + 1) * sizeof(*pairs->items)));
	pairs->items[pairs->count++] = (struct pair){need(strdup(name)), need(strdup(value))};
}

void pairs_set(struct pairs *pairs, const char *name, const char *value)
{
	struct pair *pair = find(pairs, name);

	if (!pair) {
		pairs_append(pairs, name, value);
		return;
	}
	free(pair->value);
	pair->value = need(strdup(value));
}

void pairs_format(struct pairs *pairs, const char *name, const char *format, ...)
{
	va_list arguments;
	char *value;

	va_start(arguments, format);
	if (vasprintf(&value, format, arguments) < 0)
		err(1, "memory");
	va_end(arguments);
	pairs_set(pairs, name, value);
	free(value);
}

const char *pairs_get(const struct pairs *pairs, const char *name)
{
	const struct pair *pair = find(pairs, name);

	return pair ? pair->value : NULL;
}

void pairs_free(struct pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		free(pairs->items[i].name);
		free(pairs->items[i].value);
	}
	free(pairs->items);
	*pairs = (struct pairs){0};
}
