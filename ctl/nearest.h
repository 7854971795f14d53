/* SPDX-License-Identifier: BSD-2-Clause */
/* The known word that a mistyped one is nearest to. */
#ifndef EASYMAIL_CTL_NEAREST_H
#define EASYMAIL_CTL_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *given;
	size_t distance; /* of the best so far */
	char best[64];
	char hint[96];
};

void nearest_start(struct nearest *nearest, const char *given) __attribute__((nonnull));
void nearest_try(struct nearest *nearest, const char *word) __attribute__((nonnull));

/* ", did you mean `word`?", or "" when none is near. Lives as long as `nearest`. */
const char *nearest_hint(struct nearest *nearest) __attribute__((nonnull));

#endif
