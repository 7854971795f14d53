/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading of tag lists, without copies. */
#include "common/tag_list.h"
#include <string.h>

#define BLANKS   " \t\r\n"
#define TAGS_MAX 64

struct piece {
	const char *at;
	size_t length;
};

static struct piece trim(const char *at, size_t length)
{
	while (length > 0 && strchr(BLANKS, *at)) {
		at++;
		length--;
	}
	while (length > 0 && strchr(BLANKS, at[length - 1]))
		length--;
	return (struct piece){at, length};
}

static bool is_name(struct piece name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	if (name.length == 0 || !strchr(letters, name.at[0]))
		return false;
	for (size_t i = 1; i < name.length; i++) {
		if (!strchr(letters, name.at[i]) && !strchr("0123456789_", name.at[i]))
			return false;
	}
	return true;
}

/* Printable ASCII with folds (tval); a semicolon ended it. */
static bool is_value(struct piece value)
{
	for (size_t i = 0; i < value.length; i++) {
		if ((value.at[i] < '!' || value.at[i] > '~') && !strchr(BLANKS, value.at[i]))
			return false;
	}
	return true;
}

/* The tag at *at, which moves behind it. FOUND_NONE: nothing but blanks is left. */
static enum found next_tag(const char **at, struct piece *name_r, struct piece *value_r,
			   struct error *err)
{
	size_t length = strcspn(*at, ";");
	struct piece spec = trim(*at, length);
	const char *equals = memchr(spec.at, '=', spec.length);

	*at += length;
	if (spec.length == 0 && !**at)
		return FOUND_NONE;
	if (!equals) {
		error_set(err, "it is no list of tags with values");
		return FOUND_ERROR;
	}
	*name_r = trim(spec.at, (size_t)(equals - spec.at));
	*value_r = trim(equals + 1, spec.length - (size_t)(equals + 1 - spec.at));
	*at += **at == ';';
	if (is_name(*name_r) && is_value(*value_r))
		return FOUND_ONE;
	error_set(err, "the name or the value of a tag has characters that may not be there");
	return FOUND_ERROR;
}

static bool is_same(struct piece one, struct piece other)
{
	return one.length == other.length && memcmp(one.at, other.at, one.length) == 0;
}

/* Notes a name; false when it was there before. */
static bool note_name(struct piece seen[TAGS_MAX], size_t *count, struct piece name,
		      struct error *err)
{
	for (size_t i = 0; i < *count; i++) {
		if (is_same(seen[i], name))
			return error_set(err, "tag '%.*s' is there twice",
					 (int)(name.length < 60 ? name.length : 60), name.at);
	}
	if (*count == TAGS_MAX)
		return error_set(err, "it has more than %d tags", TAGS_MAX);
	seen[(*count)++] = name;
	return true;
}

enum found tag_list_get(const char *list, const char *name, char *value_r, size_t size,
			struct error *err)
{
	struct piece seen[TAGS_MAX], wanted = {name, strlen(name)}, tag, value, result = {NULL, 0};
	size_t count = 0;
	enum found found;

	value_r[0] = '\0';
	while ((found = next_tag(&list, &tag, &value, err)) == FOUND_ONE) {
		if (!note_name(seen, &count, tag, err))
			return FOUND_ERROR;
		if (is_same(tag, wanted))
			result = value;
	}
	if (found == FOUND_ERROR)
		return FOUND_ERROR;
	if (!result.at)
		return FOUND_NONE;
	if (result.length >= size) {
		error_set(err, "the value of tag '%s' is too long", name);
		return FOUND_ERROR;
	}
	memcpy(value_r, result.at, result.length);
	value_r[result.length] = '\0';
	return FOUND_ONE;
}

void tag_list_squeeze(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (!strchr(BLANKS, *text))
			*to++ = *text;
	}
	*to = '\0';
}
