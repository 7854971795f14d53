/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads tables of replies and looks replies up in them. */
#include "common/reply_rules.h"
#include "common/regex.h"
#include "common/reply_defaults.h"
#include "common/text_rule.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BLANKS   " \t"
#define FILE_MAX ((size_t)1 << 20)
#define TEXT_MAX 4096 /* octets of a reply that are looked at */

struct entry {
	struct reply_rule rule;
	struct regex *regex;
};

struct reply_rules {
	size_t count;
	struct entry *entries;
	char *source; /* NULL: the caller's */
	char **texts; /* the tables, which the rules point into */
	size_t text_count;
};

static void *must_have(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

void reply_rules_free(struct reply_rules *rules)
{
	if (rules == NULL)
		return;
	for (size_t i = 0; i < rules->count; i++)
		regex_free(rules->entries[i].regex);
	for (size_t i = 0; i < rules->text_count; i++)
		free(rules->texts[i]);
	free(rules->texts);
	free(rules->entries);
	free(rules->source);
	free(rules);
}

/* "550", "55x", "4xx"; "*" for any text, "-" for one that has no code: Postfix's own words. */
static bool check_code(const char *code, struct error *err)
{
	bool good = strcmp(code, "*") == 0 || strcmp(code, "-") == 0;

	if (!good && strlen(code) == 3 && strchr("2345", code[0]) != NULL) {
		bool second = isdigit((unsigned char)code[1]) != 0;
		bool third = isdigit((unsigned char)code[2]) != 0;

		good =
		    (second || code[1] == 'x') && (third || code[2] == 'x') && (second || !third);
	}
	return good || error_set(err,
				 "'%.20s' is no code; write 550, 55x, 4xx, * for any, or - for "
				 "none",
				 code);
}

/* The next word of the line, ended; "" at its end. */
static char *take_word(char **at)
{
	char *word = *at + strspn(*at, BLANKS);

	*at = word + strcspn(word, BLANKS);
	if (**at != '\0')
		*(*at)++ = '\0';
	return word;
}

static void append(struct reply_rules *rules, const struct entry *entry)
{
	rules->entries =
	    must_have(reallocarray(rules->entries, rules->count + 1, sizeof(rules->entries[0])));
	rules->entries[rules->count++] = *entry;
}

static bool take_rule(struct reply_rules *rules, const char *source, unsigned number, char *line,
		      struct error *err)
{
	struct entry entry = {.rule = {.source = source, .line = number}};
	const char *class = take_word(&line);

	entry.rule.code = take_word(&line);
	entry.rule.pattern = line + strspn(line, BLANKS);
	if (!reply_class_parse(class, &entry.rule.class))
		return error_set(err, "'%.40s' is no class; `easymailctl reply classes` lists them",
				 class);
	if (!check_code(entry.rule.code, err))
		return false;
	if (entry.rule.pattern[0] == '\0')
		return error_set(err, "the pattern is missing; write CLASS CODE PATTERN");
	if (!regex_new(entry.rule.pattern, REGEX_CASELESS, &entry.regex, err))
		return false;
	append(rules, &entry);
	return true;
}

static char *trim(char *line)
{
	size_t length;

	line += strspn(line, BLANKS);
	length = strlen(line);
	while (length > 0 && strchr(BLANKS "\r", line[length - 1]) != NULL)
		line[--length] = '\0';
	return line;
}

/* Takes a copy of the text's lines in. */
static bool take_text(struct reply_rules *rules, const char *source, const char *text,
		      struct error *err)
{
	char *rest = must_have(strdup(text)), *line;

	rules->texts =
	    must_have(reallocarray(rules->texts, rules->text_count + 1, sizeof(rules->texts[0])));
	rules->texts[rules->text_count++] = rest;
	for (unsigned number = 1; (line = strsep(&rest, "\n")) != NULL; number++) {
		line = trim(line);
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (rules->count >= REPLY_RULES_MAX)
			return error_set(err, "%s:%u: more than %d rules", source, number,
					 REPLY_RULES_MAX);
		if (!take_rule(rules, source, number, line, err))
			return error_prefix(err, "%s:%u: ", source, number);
	}
	return true;
}

bool reply_rules_parse(const char *source, const char *text, struct reply_rules **rules_r,
		       struct error *err)
{
	struct reply_rules *rules = must_have(calloc(1, sizeof(*rules)));

	if (!take_text(rules, source, text, err)) {
		reply_rules_free(rules);
		return false;
	}
	*rules_r = rules;
	return true;
}

/* The whole file; FOUND_NONE: there is none. */
static enum found read_file(const char *path, char **text_r, struct error *err)
{
	FILE *file = fopen(path, "re");
	size_t length;
	bool good;

	if (file == NULL && errno == ENOENT)
		return FOUND_NONE;
	if (file == NULL) {
		error_set(err, "%s: %s", path, strerror(errno));
		return FOUND_ERROR;
	}
	*text_r = must_have(malloc(FILE_MAX + 1));
	length = fread(*text_r, 1, FILE_MAX, file);
	good = feof(file) && !ferror(file) && memchr(*text_r, '\0', length) == NULL;
	(*text_r)[length] = '\0';
	fclose(file);
	if (good)
		return FOUND_ONE;
	free(*text_r);
	error_set(err, "%s: cannot be read as a text of up to 1 MiB", path);
	return FOUND_ERROR;
}

bool reply_rules_load(const char *path, struct reply_rules **rules_r, struct error *err)
{
	struct reply_rules *rules;
	char *text = NULL;
	bool done = true;

	if (read_file(path, &text, err) == FOUND_ERROR)
		return false;
	rules = must_have(calloc(1, sizeof(*rules)));
	rules->source = must_have(strdup(path));
	if (text != NULL)
		done = take_text(rules, rules->source, text, err);
	free(text);
	if (done && take_text(rules, "easymail", reply_defaults, err)) {
		*rules_r = rules;
		return true;
	}
	reply_rules_free(rules);
	return false;
}

const struct reply_rule *reply_rules_at(const struct reply_rules *rules, size_t at)
{
	return at < rules->count ? &rules->entries[at].rule : NULL;
}

/* Where the receiver's own words begin, or else Postfix's. */
static const char *pass_introduction(const char *text)
{
	static const char suspended[] = "delivery temporarily suspended: ";
	static const char *const verbs[] = {" said: ", " refused to talk to me: "};

	if (strncmp(text, suspended, strlen(suspended)) == 0)
		text += strlen(suspended);
	if (strncmp(text, "host ", strlen("host ")) != 0)
		return text;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		const char *words = strstr(text, verbs[i]);

		/* The host's name has no blank: these are not the receiver's own words. */
		if (words != NULL && strcspn(text + strlen("host "), " ") ==
					 (size_t)(words - text) - strlen("host "))
			return words + strlen(verbs[i]);
	}
	return text;
}

static size_t length_without_end(const char *text)
{
	static const char end[] = " (in reply to ";
	const char *at = NULL;

	for (const char *next = text; (next = strstr(next, end)) != NULL; next++)
		at = next;
	return at != NULL ? (size_t)(at - text) : strlen(text);
}

static bool has_code(const char *text)
{
	return text[0] >= '2' && text[0] <= '5' && isdigit((unsigned char)text[1]) &&
	       isdigit((unsigned char)text[2]) &&
	       (text[3] == '\0' || strchr(" -", text[3]) != NULL);
}

static bool code_fits(const char *code, const char *text)
{
	if (strcmp(code, "*") == 0)
		return true;
	if (!has_code(text))
		return strcmp(code, "-") == 0;
	for (int i = 0; i < 3 && code[0] != '-'; i++) {
		if (code[i] != 'x' && code[i] != text[i])
			return false;
	}
	return code[0] != '-';
}

const struct reply_rule *reply_rules_find(const struct reply_rules *rules, const char *text)
{
	const char *words = pass_introduction(text);
	size_t length = length_without_end(words);

	length = length < TEXT_MAX ? length : TEXT_MAX;
	for (size_t i = 0; i < rules->count; i++) {
		const struct entry *entry = &rules->entries[i];

		/* A match that takes too long is none: it is one sign among others, and nothing hangs on it. */
		if (code_fits(entry->rule.code, words) &&
		    regex_match(entry->regex, words, length, 0, NULL, 0) == FOUND_ONE)
			return &entry->rule;
	}
	return NULL;
}

enum reply_class reply_rules_class(const struct reply_rules *rules, const char *status,
				   const char *text)
{
	const struct reply_rule *rule;

	if (strcmp(status, "sent") == 0)
		return REPLY_ACCEPTED;
	rule = reply_rules_find(rules, text);
	return rule != NULL ? rule->class : REPLY_OTHER;
}
