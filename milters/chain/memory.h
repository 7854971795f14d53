/* SPDX-License-Identifier: BSD-2-Clause */
/* Allocation that does not fail: without memory the process ends, and the MTA says 451 meanwhile. */
#ifndef EASYMAIL_MEMORY_H
#define EASYMAIL_MEMORY_H

#include <stddef.h>

void *memory_new(size_t count, size_t size); /* zeroed */
void *memory_grow(void *old, size_t count, size_t size);
char *memory_text(const char *text) __attribute__((nonnull));

#endif
