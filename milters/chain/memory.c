/* SPDX-License-Identifier: BSD-2-Clause */
/* Allocation that does not fail. */
#include "milters/chain/memory.h"
#include <stdlib.h>
#include <string.h>

void *memory_new(size_t count, size_t size)
{
	void *memory = calloc(count > 0 ? count : 1, size);

	if (memory == NULL)
		abort();
	return memory;
}

void *memory_grow(void *old, size_t count, size_t size)
{
	void *memory = reallocarray(old, count > 0 ? count : 1, size);

	if (memory == NULL)
		abort();
	return memory;
}

char *memory_text(const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		abort();
	return copy;
}
