/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON values, through jansson; running out of memory ends the process. */
#ifndef EASYMAIL_JSON_H
#define EASYMAIL_JSON_H

#include "common/error.h"
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

struct json;

struct json *json_new_object(void);
struct json *json_new_array(void);
void json_drop(struct json *json); /* takes NULL */

/* Text that is not UTF-8 has its bad octets replaced by U+FFFD. A NULL text is null. */
void json_put_text(struct json *object, const char *key, const char *value)
    __attribute__((nonnull(1, 2)));
void json_put_number(struct json *object, const char *key, int64_t value) __attribute__((nonnull));
/* In UTC, "2026-01-31T12:00:00Z". */
void json_put_time(struct json *object, const char *key, time_t when) __attribute__((nonnull));
void json_put_bool(struct json *object, const char *key, bool value) __attribute__((nonnull));
/* These take over the value. */
void json_put(struct json *object, const char *key, struct json *value) __attribute__((nonnull));
void json_append(struct json *array, struct json *value) __attribute__((nonnull));
void json_append_text(struct json *array, const char *value) __attribute__((nonnull));

/* Reading: NULL, "" or 0 for what is not there or of another type. Borrowed from `json`. */
bool json_parse(const char *text, struct json **json_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
const struct json *json_get(const struct json *object, const char *key) __attribute__((nonnull));
const char *json_get_text(const struct json *object, const char *key) __attribute__((nonnull));
int64_t json_get_number(const struct json *object, const char *key) __attribute__((nonnull));
bool json_get_bool(const struct json *object, const char *key) __attribute__((nonnull));
/* FOUND_NONE: there is no such key; FOUND_ERROR: it is no finite number. */
enum found json_get_real(const struct json *object, const char *key, double *number_r)
    __attribute__((nonnull));
/* The members of the object under that key, until `each` gives false. FOUND_ERROR: it is no object. */
enum found json_each_member(const struct json *object, const char *key,
			    bool (*each)(const char *name, const struct json *value, void *context),
			    void *context) __attribute__((nonnull(1, 2, 3)));
size_t json_count(const struct json *array) __attribute__((nonnull));
const struct json *json_at(const struct json *array, size_t index) __attribute__((nonnull));

/* A copy of all of it, the caller's. */
struct json *json_clone(const struct json *json) __attribute__((nonnull));

/* One line, keys in the order they were put; the caller frees. */
char *json_write(const struct json *json) __attribute__((nonnull));
/* Indented, with a final newline. */
void json_print(const struct json *json, FILE *out) __attribute__((nonnull));

#endif
