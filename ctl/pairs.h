/* SPDX-License-Identifier: BSD-2-Clause */
/* Names with values, in the order they came. Running out of memory ends the process. */
#ifndef EASYMAIL_CTL_PAIRS_H
#define EASYMAIL_CTL_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

struct pair {
	char *name;
	char *value;
};

struct pairs {
	size_t count;
	struct pair *items;
};

void pairs_set(struct pairs *pairs, const char *name, const char *value) __attribute__((nonnull));
/* Puts it last, even when the name is there already. */
void pairs_append(struct pairs *pairs, const char *name, const char *value)
    __attribute__((nonnull));
/* The value is made as printf does. */
void pairs_format(struct pairs *pairs, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull));
/* NULL: not there. */
const char *pairs_get(const struct pairs *pairs, const char *name) __attribute__((nonnull));
void pairs_free(struct pairs *pairs) __attribute__((nonnull));

#endif
