/* SPDX-License-Identifier: BSD-2-Clause */
/* Cuts a rule's text into words. */
#include "common/rule_words.h"
#include "common/utf8.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n"
#define FLAGS  "imsx"

bool rule_words_fail(const struct rule_words *words, size_t column, struct error *err,
		     const char *format, ...)
{
	va_list arguments;
	char text[sizeof(err->text)];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return error_set(err, "%s: column %zu: %.400s", words->field, column, text);
}

static char *room_for(size_t length)
{
	char *text = malloc(length + 1);

	if (text == NULL)
		abort();
	return text;
}

/* What a backslash and this character stand for in a text; '\0': nothing. */
static char unescape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case '"':
	case '\'':
	case '\\':
		return c;
	default:
		return '\0';
	}
}

static bool read_text(struct rule_words *words, struct error *err)
{
	const char *text = words->text;
	char quote = text[words->at++];
	char *out = words->word.text = room_for(strlen(text + words->at));

	while (text[words->at] != quote) {
		char c = text[words->at++];

		if (c == '\\')
			c = unescape(text[words->at++]);
		if (c == '\0') {
			*out = '\0';
			if (text[words->at - 1] == '\0')
				return rule_words_fail(words, words->word.column, err,
						       "the text that begins here has no end; "
						       "close it with %c",
						       quote);
			return rule_words_fail(words, words->at - 1, err,
					       "'\\%c' is none of \\\" \\' \\\\ \\n \\t",
					       text[words->at - 1]);
		}
		*out++ = c;
	}
	*out = '\0';
	words->at++;
	words->word.kind = RULE_TEXT;
	return true;
}

static bool read_flags(struct rule_words *words, struct error *err)
{
	size_t length = strspn(words->text + words->at, FLAGS);

	if (length >= sizeof(words->word.flags))
		return rule_words_fail(words, words->at + 1, err, "too many of the letters %s",
				       FLAGS);
	memcpy(words->word.flags, words->text + words->at, length);
	words->at += length;
	if (words->text[words->at] == '\0' || strchr(BLANKS ",", words->text[words->at]) != NULL)
		return true;
	return rule_words_fail(words, words->at + 1, err,
			       "'%c' is none of the letters %s that may follow an expression",
			       words->text[words->at], FLAGS);
}

static bool read_expression(struct rule_words *words, struct error *err)
{
	size_t begin = ++words->at;
	const char *text = words->text;

	while (text[words->at] != '/') {
		if (text[words->at] == '\\' && text[words->at + 1] != '\0')
			words->at++;
		if (text[words->at] == '\0')
			return rule_words_fail(words, words->word.column, err,
					       "the expression that begins here has no end; close "
					       "it with /");
		words->at++;
	}
	words->word.text = room_for(words->at - begin);
	memcpy(words->word.text, text + begin, words->at - begin);
	words->word.text[words->at - begin] = '\0';
	words->word.kind = RULE_EXPRESSION;
	words->at++;
	return read_flags(words, err);
}

static void read_bare(struct rule_words *words)
{
	size_t length = strcspn(words->text + words->at, BLANKS ",<>\"'");

	words->word.text = room_for(length);
	memcpy(words->word.text, words->text + words->at, length);
	words->word.text[length] = '\0';
	words->word.kind = RULE_BARE;
	words->at += length;
}

static void read_sign(struct rule_words *words, enum rule_word_kind kind)
{
	words->word.kind = kind;
	words->word.text = room_for(1);
	words->word.text[0] = words->text[words->at++];
	words->word.text[1] = '\0';
}

static bool read_word(struct rule_words *words, struct error *err)
{
	switch (words->text[words->at]) {
	case '\0':
		return true;
	case '"':
	case '\'':
		return read_text(words, err);
	case '/':
		return read_expression(words, err);
	case ',':
		read_sign(words, RULE_COMMA);
		return true;
	case '>':
		read_sign(words, RULE_ABOVE);
		return true;
	case '<':
		read_sign(words, RULE_BELOW);
		return true;
	default:
		read_bare(words);
		return true;
	}
}

bool rule_words_next(struct rule_words *words, struct error *err)
{
	free(words->word.text);
	words->word = (struct rule_word){.kind = RULE_END};
	words->at += strspn(words->text + words->at, BLANKS);
	words->word.column = words->at + 1;
	if (!read_word(words, err))
		return false;
	words->word.length = words->at + 1 - words->word.column;
	return true;
}

/* Where the text ceases to be UTF-8; its length when it does not. */
static size_t valid_length(const char *text)
{
	size_t at = 0, length;

	while (text[at] != '\0' && (length = utf8_sequence(text + at)) > 0)
		at += length;
	return at;
}

bool rule_words_start(struct rule_words *words, const char *field, const char *text,
		      struct error *err)
{
	size_t valid = valid_length(text);

	*words = (struct rule_words){.field = field, .text = text};
	if (text[valid] != '\0')
		return rule_words_fail(words, valid + 1, err, "is not UTF-8");
	return rule_words_next(words, err);
}

void rule_words_end(struct rule_words *words)
{
	free(words->word.text);
	words->word.text = NULL;
}

bool rule_words_is(const struct rule_words *words, const char *bare)
{
	return words->word.kind == RULE_BARE && strcmp(words->word.text, bare) == 0;
}

char *rule_words_take(struct rule_words *words)
{
	char *text = words->word.text;

	words->word.text = NULL;
	return text;
}
