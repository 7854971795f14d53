/* SPDX-License-Identifier: BSD-2-Clause */
/* What a message gives rules to look at: its facts and envelope as values, class by class. */
#ifndef EASYMAIL_CONTENT_VALUES_H
#define EASYMAIL_CONTENT_VALUES_H

#include "common/content_numbers.h"
#include "common/content_what.h"
#include "common/message_facts.h"

/* Borrowed from whoever has the message. */
struct content_input {
	const struct message_facts *facts;
	const char *sender; /* "" is the null sender */
	const char *const *recipients;
	size_t recipient_count;
	size_t size; /* octets of the message as scanned */
};

/* Files are counted: the facts' parts, then their members. */
#define CONTENT_NO_FILE ((size_t)-1)

struct content_value_found {
	const char *text; /* UTF-8 */
	size_t length;
	const char *header; /* its name; NULL when it is none */
	size_t file;        /* CONTENT_NO_FILE unless it is of a file */
	unsigned part;      /* where it is; 0: of the message */
};

/* Calls `each` for every value of the class until that says false, which is returned. */
bool content_values_each(const struct content_input *input, enum content_class class,
			 bool (*each)(void *context, const struct content_value_found *value),
			 void *context) __attribute__((nonnull(1, 3)));

/* Is part `index` (from 0) a file: an attachment, or anything that shows itself to be no text? */
bool content_part_is_file(const struct message_facts *facts, size_t index) __attribute__((nonnull));

/*
 * A name's extension as the recipient's system will take it: behind the last dot, without the blanks, dots
 * and invisible characters at its end that Windows drops. False: it has none, or one of `size` and more.
 */
bool content_extension(const char *name, char *extension_r, size_t size) __attribute__((nonnull));

/* Numbers in the texts and the subject. */
size_t content_count_numbers(const struct content_input *input,
			     void (*count)(struct content_numbers *numbers, const char *text,
					   size_t length)) __attribute__((nonnull));

#endif
