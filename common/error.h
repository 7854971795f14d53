/* SPDX-License-Identifier: BSD-2-Clause */
/* One error as a sentence for the person who must mend it, and the three answers of a look-up. */
#ifndef EASYMAIL_ERROR_H
#define EASYMAIL_ERROR_H

#include <stdbool.h>

/*
 * Functions that can fail take a `struct error *` as their last parameter, return false and fill
 * it in. They name the field, the value and the mend, and log nothing: the caller at the boundary
 * (a protocol reply, a command's exit) either logs the text or hands it up, never both.
 */
struct error {
	char text[512];
};

/* Absent is not the same as error: a look-up says which. */
enum found {
	FOUND_ERROR = -1, /* the question could not be answered; struct error says why */
	FOUND_NONE = 0,   /* answered: there is none */
	FOUND_ONE = 1,    /* answered: the outputs are filled in */
};

/* Fills in the text, cut at its size. Always false, so that `return error_set(err, …)` reads well. */
bool error_set(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(1, 2)));

/* Puts a place before the text that is there: "file:line: " and the like. Always false. */
bool error_prefix(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(1, 2)));

#endif
