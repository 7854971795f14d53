/* SPDX-License-Identifier: BSD-2-Clause */
/* A text that grows up to a limit. Beyond it, and without memory, nothing more is taken and `cut` is set. */
#ifndef EASYMAIL_SCANNER_TEXT_BUFFER_H
#define EASYMAIL_SCANNER_TEXT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct text_buffer {
	char *data; /* not ended; the owner frees */
	size_t length;
	size_t room;
	size_t limit;
	bool cut;
};

void text_add(struct text_buffer *buffer, const void *data, size_t length)
    __attribute__((nonnull(1)));

/* One character in UTF-8; what is none (surrogates, beyond U+10FFFF, NUL) becomes U+FFFD. */
void text_add_character(struct text_buffer *buffer, unsigned long character)
    __attribute__((nonnull));

/* Ends it with a NUL that does not count; false: out of memory. */
bool text_end(struct text_buffer *buffer) __attribute__((nonnull));

#endif
