/* SPDX-License-Identifier: BSD-2-Clause */
/* What easymailctl prints: one data model, shown as an aligned table or as JSON. */
#ifndef EASYMAIL_CTL_OUTPUT_H
#define EASYMAIL_CTL_OUTPUT_H

#include "common/json.h"
#include "ctl/command.h"

/* Prints an array of objects; the table has the columns named, all keys are in the JSON. Takes over `rows`. */
void output_list(const struct ctl *ctl, const char *columns, struct json *rows)
    __attribute__((nonnull));

/* Prints one object, as text one `key: value` a line for the keys named. Takes over `object`. */
void output_object(const struct ctl *ctl, const char *keys, struct json *object)
    __attribute__((nonnull));

/* Says what was done: a line, or {"done": line}. */
void output_done(const struct ctl *ctl, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull));

/* A value as people read it: "-" for none, yes and no, no control characters. The caller frees. */
char *output_cell(const struct json *object, const char *key) __attribute__((nonnull));

#endif
