/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON values; the only file that knows jansson. `struct json` is its json_t under another name. */
#include "common/json.h"
#include "common/utf8.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static struct json *from_jansson(json_t *value)
{
	if (value == NULL)
		abort();
	return (struct json *)value;
}

static json_t *to_jansson(struct json *json)
{
	return (json_t *)json;
}

static const json_t *read_only(const struct json *json)
{
	return (const json_t *)json;
}

/* Jansson's calls fail for want of memory only, once the types are right. */
static void must(int rc)
{
	if (rc != 0)
		abort();
}

struct json *json_new_object(void)
{
	return from_jansson(json_object());
}

struct json *json_new_array(void)
{
	return from_jansson(json_array());
}

void json_drop(struct json *json)
{
	json_decref(to_jansson(json));
}

/* The text with each bad octet replaced; NULL is null. */
static struct json *new_text(const char *text)
{
	char *clean, *out;
	json_t *value;

	if (text == NULL)
		return from_jansson(json_null());
	if (utf8_is_valid(text))
		return from_jansson(json_string(text));
	out = clean = malloc(strlen(text) * strlen(REPLACEMENT) + 1);
	if (clean == NULL)
		abort();
	while (*text != '\0') {
		size_t length = utf8_sequence(text);
		const char *from = length > 0 ? text : REPLACEMENT;
		size_t size = length > 0 ? length : strlen(REPLACEMENT);

		memcpy(out, from, size);
		out += size;
		text += length > 0 ? length : 1;
	}
	*out = '\0';
	value = json_string(clean);
	free(clean);
	return from_jansson(value);
}

void json_put_text(struct json *object, const char *key, const char *value)
{
	json_put(object, key, new_text(value));
}

void json_put_number(struct json *object, const char *key, int64_t value)
{
	json_put(object, key, from_jansson(json_integer(value)));
}

void json_put_time(struct json *object, const char *key, time_t when)
{
	char text[sizeof("2026-01-31T12:00:00Z")] = "";
	struct tm utc;

	if (gmtime_r(&when, &utc) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	json_put_text(object, key, text);
}

void json_put_bool(struct json *object, const char *key, bool value)
{
	json_put(object, key, from_jansson(json_boolean(value)));
}

void json_put(struct json *object, const char *key, struct json *value)
{
	must(json_object_set_new(to_jansson(object), key, to_jansson(value)));
}

void json_append(struct json *array, struct json *value)
{
	must(json_array_append_new(to_jansson(array), to_jansson(value)));
}

void json_append_text(struct json *array, const char *value)
{
	json_append(array, new_text(value));
}

bool json_parse(const char *text, struct json **json_r, struct error *err)
{
	json_error_t fault;
	json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, &fault);

	if (value == NULL)
		return error_set(err, "not JSON: line %d, column %d: %s", fault.line, fault.column,
				 fault.text);
	*json_r = from_jansson(value);
	return true;
}

const struct json *json_get(const struct json *object, const char *key)
{
	return (const struct json *)json_object_get(read_only(object), key);
}

const char *json_get_text(const struct json *object, const char *key)
{
	const char *text = json_string_value(json_object_get(read_only(object), key));

	return text != NULL ? text : "";
}

int64_t json_get_number(const struct json *object, const char *key)
{
	return json_integer_value(json_object_get(read_only(object), key));
}

bool json_get_bool(const struct json *object, const char *key)
{
	return json_is_true(json_object_get(read_only(object), key));
}

enum found json_get_real(const struct json *object, const char *key, double *number_r)
{
	const json_t *value = json_object_get(read_only(object), key);

	if (value == NULL)
		return FOUND_NONE;
	*number_r = json_number_value(value);
	return json_is_number(value) && isfinite(*number_r) ? FOUND_ONE : FOUND_ERROR;
}

enum found json_each_member(const struct json *object, const char *key,
			    bool (*each)(const char *name, const struct json *value, void *context),
			    void *context)
{
	json_t *members = json_object_get(read_only(object), key);

	if (members == NULL)
		return FOUND_NONE;
	if (!json_is_object(members))
		return FOUND_ERROR;
	for (void *at = json_object_iter(members); at != NULL;
	     at = json_object_iter_next(members, at)) {
		if (!each(json_object_iter_key(at), from_jansson(json_object_iter_value(at)),
			  context))
			break;
	}
	return FOUND_ONE;
}

size_t json_count(const struct json *array)
{
	return json_array_size(read_only(array));
}

const struct json *json_at(const struct json *array, size_t index)
{
	return (const struct json *)json_array_get(read_only(array), index);
}

struct json *json_clone(const struct json *json)
{
	json_t *copy = json_deep_copy(read_only(json));

	if (copy == NULL)
		abort();
	return from_jansson(copy);
}

/* Jansson's text; the caller frees. */
static char *dump(const struct json *json, size_t flags)
{
	char *text = json_dumps(read_only(json), flags | JSON_ENCODE_ANY);

	if (text == NULL)
		abort();
	return text;
}

char *json_write(const struct json *json)
{
	return dump(json, JSON_COMPACT);
}

void json_print(const struct json *json, FILE *out)
{
	char *text = dump(json, JSON_INDENT(2));

	fprintf(out, "%s\n", text);
	free(text);
}
