/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables and objects on standard output. */
#include "ctl/output.h"
#include <ctype.h>
#include <err.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 12
#define KEY_SIZE    32

struct columns {
	size_t count;
	char key[COLUMNS_MAX][KEY_SIZE];
	size_t width[COLUMNS_MAX];
};

/* Splits "name state group". */
static void columns_read(const char *text, struct columns *columns_r)
{
	columns_r->count = 0;
	while (*text && columns_r->count < COLUMNS_MAX) {
		size_t length = strcspn(text, " ");

		snprintf(columns_r->key[columns_r->count++], KEY_SIZE, "%.*s", (int)length, text);
		text += length;
		text += strspn(text, " ");
	}
}

/* How many places UTF-8 text takes: its octets without continuations. */
static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static char *copy(const char *text)
{
	char *result = strdup(text);

	if (!result)
		err(1, "memory");
	for (char *at = result; *at; at++) {
		if (iscntrl((unsigned char)*at))
			*at = '?';
	}
	return result;
}

char *output_cell(const struct json *object, const char *key)
{
	const char *text = json_get_text(object, key);
	const struct json *value = json_get(object, key);
	char *written, *result;

	if (text[0])
		return copy(text);
	if (!value)
		return copy("-");
	written = json_write(value);
	if (strcmp(written, "true") == 0)
		result = copy("yes");
	else if (strcmp(written, "false") == 0)
		result = copy("no");
	else if (strcmp(written, "null") == 0 || strcmp(written, "\"\"") == 0)
		result = copy("-");
	else
		result = copy(written);
	free(written);
	return result;
}

static void print_padded(const char *text, size_t width, bool last)
{
	fputs(text, stdout);
	for (size_t used = text_width(text); !last && used < width + 2; used++)
		putchar(' ');
	if (last)
		putchar('\n');
}

static void measure(struct columns *columns, const struct json *rows)
{
	for (size_t c = 0; c < columns->count; c++) {
		columns->width[c] = strlen(columns->key[c]);
		for (size_t r = 0; r < json_count(rows); r++) {
			char *cell = output_cell(json_at(rows, r), columns->key[c]);
			size_t width = text_width(cell);

			if (width > columns->width[c])
				columns->width[c] = width;
			free(cell);
		}
	}
}

static char heading_letter(char letter)
{
	if (letter == '_')
		return ' ';
	if (letter >= 'a' && letter <= 'z')
		return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[letter - 'a'];
	return letter;
}

static void print_heading(const struct columns *columns)
{
	for (size_t c = 0; c < columns->count; c++) {
		char heading[KEY_SIZE];
		size_t i = 0;

		for (; columns->key[c][i]; i++)
			heading[i] = heading_letter(columns->key[c][i]);
		heading[i] = '\0';
		print_padded(heading, columns->width[c], c + 1 == columns->count);
	}
}

static void print_row(const struct columns *columns, const struct json *row)
{
	for (size_t c = 0; c < columns->count; c++) {
		char *cell = output_cell(row, columns->key[c]);

		print_padded(cell, columns->width[c], c + 1 == columns->count);
		free(cell);
	}
}

void output_list(const struct ctl *ctl, const char *columns_text, struct json *rows)
{
	struct columns columns;

	if (ctl->json) {
		json_print(rows, stdout);
		json_drop(rows);
		return;
	}
	columns_read(columns_text, &columns);
	measure(&columns, rows);
	if (json_count(rows) > 0)
		print_heading(&columns);
	for (size_t r = 0; r < json_count(rows); r++)
		print_row(&columns, json_at(rows, r));
	json_drop(rows);
}

void output_object(const struct ctl *ctl, const char *keys, struct json *object)
{
	struct columns columns;

	columns_read(keys, &columns);
	if (ctl->json)
		json_print(object, stdout);
	for (size_t c = 0; !ctl->json && c < columns.count; c++) {
		char *cell = output_cell(object, columns.key[c]);

		printf("%s: %s\n", columns.key[c], cell);
		free(cell);
	}
	json_drop(object);
}

void output_done(const struct ctl *ctl, const char *format, ...)
{
	struct json *object;
	va_list arguments;
	char line[1024];

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (!ctl->json) {
		puts(line);
		return;
	}
	object = json_new_object();
	json_put_text(object, "done", line);
	json_print(object, stdout);
	json_drop(object);
}
