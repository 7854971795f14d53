/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads easymail.conf: physical lines into logical ones, those into values. */
#include "common/config.h"
#include "common/config_value.h"
#include "common/utf8.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)1 << 20) /* octets */
#define BLANKS   " \t\r"

struct value {
	int64_t number;
	char *text;
	unsigned line; /* where it is set; 0: the default */
};

struct config {
	char *source;
	size_t count;
	struct value values[]; /* in the order of config_options */
};

/* A logical line on its way: what was joined so far and where it began. */
struct reader {
	const char *where;
	struct config *config;
	char *logical;
	size_t used;   /* octets of logical, without the NUL */
	unsigned line; /* 0: none has begun */
};

static void *must_have(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

/* The place of name in the table; the table's length when it is not there. */
static size_t find_option(const char *name)
{
	size_t i = 0;

	while (config_options[i].name != NULL && strcmp(config_options[i].name, name) != 0)
		i++;
	return i;
}

static struct config *new_config(const char *source)
{
	size_t count = 0;
	struct config *config;
	struct error err;

	while (config_options[count].name != NULL)
		count++;
	config = must_have(calloc(1, sizeof(*config) + count * sizeof(config->values[0])));
	config->source = must_have(strdup(source));
	config->count = count;
	for (size_t i = 0; i < count; i++) {
		struct value *value = &config->values[i];

		value->text = must_have(strdup(config_options[i].fallback));
		if (!config_value_parse(&config_options[i], value->text, &value->number, &err))
			abort();
	}
	return config;
}

void config_free(struct config *config)
{
	if (config == NULL)
		return;
	for (size_t i = 0; i < config->count; i++)
		free(config->values[i].text);
	free(config->source);
	free(config);
}

static bool unknown_name(const char *name, struct error *err)
{
	const struct config_option *near = config_value_nearest(name);

	if (near != NULL)
		return error_set(err, "%.100s: there is no such option; did you mean %s?", name,
				 near->name);
	return error_set(err, "%.100s: there is no such option; easymail.conf(5) lists them", name);
}

/* Puts a value in the place of the default. The error names option, value and mend. */
static bool set_value(struct reader *reader, const char *name, const char *text, struct error *err)
{
	size_t at = find_option(name);
	struct value *value;

	if (at == reader->config->count)
		return unknown_name(name, err);
	value = &reader->config->values[at];
	if (value->line != 0)
		return error_set(err, "%s: set twice, first in line %u; keep one of the two", name,
				 value->line);
	if (*text == '\0' && config_options[at].kind != CONFIG_TEXT)
		return error_set(err,
				 "%s: the value is missing; remove the line for the default, %s",
				 name, config_options[at].fallback);
	if (strstr(text, " #") != NULL || strstr(text, "\t#") != NULL)
		return error_set(err, "%s = %.200s: a comment must be a line of its own", name,
				 text);
	if (!config_value_parse(&config_options[at], text, &value->number, err))
		return error_prefix(err, "%s = %.200s: ", name, text);
	free(value->text);
	value->text = must_have(strdup(text));
	value->line = reader->line;
	return true;
}

static char *trim(char *text)
{
	size_t length;

	text += strspn(text, BLANKS);
	length = strlen(text);
	while (length > 0 && strchr(BLANKS, text[length - 1]) != NULL)
		text[--length] = '\0';
	return text;
}

/* Takes in the logical line that has been joined, if there is one. */
static bool end_logical(struct reader *reader, struct error *err)
{
	char *equals;

	if (reader->line == 0)
		return true;
	equals = strchr(reader->logical, '=');
	if (equals == NULL) {
		error_set(err, "%.100s: the = is missing; write name = value", reader->logical);
	} else {
		*equals = '\0';
		if (set_value(reader, trim(reader->logical), trim(equals + 1), err))
			return true;
	}
	return error_prefix(err, "%s:%u: ", reader->where, reader->line);
}

static void append(struct reader *reader, const char *text)
{
	size_t length = strlen(text);

	memcpy(reader->logical + reader->used, text, length + 1);
	reader->used += length;
}

/* Control characters other than blanks, and what is not UTF-8, belong in no value. */
static bool check_octets(const char *line, struct error *err)
{
	for (const char *at = line; *at != '\0'; at++)
		if (((unsigned char)*at < ' ' && strchr(BLANKS, *at) == NULL) || *at == 0x7f)
			return error_set(err, "octet 0x%02x is a control character; remove it",
					 (unsigned char)*at);
	return utf8_is_valid(line) || error_set(err, "the line is not UTF-8; save it as UTF-8");
}

/* One physical line, without its newline. */
static bool take_line(struct reader *reader, char *line, unsigned number, struct error *err)
{
	bool continues = *line == ' ' || *line == '\t';
	char *content = trim(line);

	if (!check_octets(content, err))
		return error_prefix(err, "%s:%u: ", reader->where, number);
	if (*content == '\0' || *content == '#')
		return true;
	if (continues && reader->line == 0)
		return error_set(
		    err,
		    "%s:%u: the line begins with white space, but there is none before "
		    "it to continue; remove the white space",
		    reader->where, number);
	if (continues) {
		append(reader, " ");
	} else {
		if (!end_logical(reader, err))
			return false;
		reader->used = 0;
		reader->line = number;
	}
	append(reader, content);
	return true;
}

/* All lines of a text that may be written to. */
static bool take_lines(struct reader *reader, char *text, struct error *err)
{
	for (unsigned number = 1; text != NULL; number++) {
		char *line = strsep(&text, "\n");

		if (!take_line(reader, line, number, err))
			return false;
	}
	return end_logical(reader, err);
}

bool config_parse(const char *where, const char *text, size_t length, struct config **config_r,
		  struct error *err)
{
	struct reader reader = {.where = where};
	char *copy;
	bool good;

	if (memchr(text, '\0', length) != NULL)
		return error_set(err, "%s: there is a NUL in it; it must be a text file", where);
	copy = must_have(strndup(text, length));
	reader.logical = must_have(malloc(length + 1));
	reader.config = new_config(where);
	good = take_lines(&reader, copy, err);
	free(copy);
	free(reader.logical);
	if (good)
		*config_r = reader.config;
	else
		config_free(reader.config);
	return good;
}

/* The file's octets, at most `size`. FOUND_NONE: no such file; the error then says so too. */
static enum found read_file(const char *path, char *text_r, size_t size, size_t *length_r,
			    struct error *err)
{
	FILE *file = fopen(path, "re");
	enum found found = FOUND_ERROR;

	if (file == NULL) {
		found = errno == ENOENT ? FOUND_NONE : FOUND_ERROR;
		error_set(err, "%s: %s", path, strerror(errno));
		return found;
	}
	*length_r = fread(text_r, 1, size, file);
	if (ferror(file))
		error_set(err, "%s: %s", path, strerror(errno));
	else if (*length_r == size)
		error_set(err, "%s: it has more than %zu octets; is it the right file?", path,
			  size - 1);
	else
		found = FOUND_ONE;
	fclose(file);
	return found;
}

bool config_load(const char *path, struct config **config_r, struct error *err)
{
	char *text = must_have(malloc(FILE_MAX + 1));
	size_t length;
	bool good = false;

	switch (read_file(path, text, FILE_MAX + 1, &length, err)) {
	case FOUND_ERROR:
		break;
	case FOUND_NONE:
		good = strcmp(path, CONFIG_DEFAULT_PATH) == 0;
		if (good)
			*config_r = new_config("");
		break;
	case FOUND_ONE:
		good = config_parse(path, text, length, config_r, err);
		break;
	}
	free(text);
	return good;
}

/* The value of an option that the caller knows to exist, text or not. */
static const struct value *value_of(const struct config *config, const char *name, bool textual)
{
	size_t at = find_option(name);
	enum config_kind kind = config_options[at].kind;

	if (at == config->count || (kind == CONFIG_TEXT || kind == CONFIG_PATH) != textual) {
		fprintf(stderr, "easymail: no option %s of that kind\n", name);
		abort();
	}
	return &config->values[at];
}

const char *config_text(const struct config *config, const char *name)
{
	return value_of(config, name, true)->text;
}

int64_t config_number(const struct config *config, const char *name)
{
	return value_of(config, name, false)->number;
}

const char *config_source(const struct config *config)
{
	return config->source;
}
