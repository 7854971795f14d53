/* SPDX-License-Identifier: BSD-2-Clause */
/* memchr(3) looks at 32 octets at a time, memmem(3) at about one. */
#include "services/scanner/find.h"
#include <string.h>

#define MISSES_FREE 32
#define MISS_EVERY  64 /* octets: more misses than that, and memmem is no slower */

const char *find_rare(const char *data, size_t size, const char *needle, size_t length, size_t rare)
{
	size_t at = 0, misses = 0; /* `at` is where the needle could begin */

	while (size >= length && at <= size - length) {
		const char *hit = memchr(data + at + rare, needle[rare], size - length - at + 1);

		if (hit == NULL)
			return NULL;
		at = (size_t)(hit - data) - rare;
		if (memcmp(data + at, needle, length) == 0)
			return data + at;
		at++;
		if (++misses > MISSES_FREE + at / MISS_EVERY)
			return memmem(data + at, size - at, needle, length);
	}
	return NULL;
}
