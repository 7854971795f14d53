/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the command that the words name, and reads its arguments as its usage says. */
#include "ctl/command.h"
#include "ctl/nearest.h"
#include <stdlib.h>
#include <string.h>

#define WORD_SIZE 64

/* One word of a usage text. */
struct usage_word {
	char text[WORD_SIZE]; /* without brackets and dots */
	bool optional;
	bool repeated;
	bool is_option;
	bool takes_value; /* of an option */
};

/* Copies the next word of a usage text without its brackets and dots; false at the end. */
static bool usage_token(const char **at, char token_r[WORD_SIZE], bool *optional_r)
{
	size_t length;

	*at += strspn(*at, " ]");
	*optional_r = **at == '[';
	*at += strspn(*at, "[");
	length = strcspn(*at, " ].");
	if (length == 0 || length >= WORD_SIZE)
		return false;
	memcpy(token_r, *at, length);
	token_r[length] = '\0';
	*at += length;
	return true;
}

/* Takes an argument, or an option with the name of its value; false at the end. */
static bool usage_next(const char **at, struct usage_word *word_r)
{
	char value[WORD_SIZE];
	const char *after;
	bool ignored;

	*word_r = (struct usage_word){0};
	if (!usage_token(at, word_r->text, &word_r->optional))
		return false;
	word_r->is_option = strncmp(word_r->text, "--", 2) == 0;
	after = *at;
	if (word_r->is_option && after[0] == ' ' && after[1] >= 'A' && after[1] <= 'Z')
		word_r->takes_value = usage_token(at, value, &ignored);
	*at += strspn(*at, "]");
	word_r->repeated = strncmp(*at, "...", 3) == 0;
	*at += strspn(*at, ".");
	return true;
}

static bool usage_find(const struct command *command, const char *option, struct usage_word *word_r)
{
	const char *at = command->usage;

	while (usage_next(&at, word_r)) {
		if (word_r->is_option && strcmp(word_r->text, option) == 0)
			return true;
	}
	return false;
}

static bool suggest_option(const struct command *command, const char *given, struct error *err)
{
	struct nearest nearest;
	struct usage_word word;
	const char *at = command->usage;

	nearest_start(&nearest, given);
	while (usage_next(&at, &word)) {
		if (word.is_option)
			nearest_try(&nearest, word.text);
	}
	nearest_try(&nearest, "--json");
	return error_set(err, "%s: %s %s has no such option%s; usage: easymailctl %s%s%s %s", given,
			 command->noun, command->verb, nearest_hint(&nearest), command->noun,
			 command->verb[0] ? " " : "", command->verb, command->usage);
}

static bool take_option(struct ctl *ctl, int *at, int count, char *const *words, struct error *err)
{
	struct command_option option = {words[*at], ""};
	char name[WORD_SIZE];
	const char *equals = strchr(option.name, '=');
	struct usage_word word;

	snprintf(name, sizeof(name), "%.*s",
		 (int)(equals ? (size_t)(equals - option.name) : strlen(option.name)), option.name);
	if (strcmp(name, "--json") == 0 && !equals) {
		ctl->json = true;
		return true;
	}
	if (!usage_find(ctl->command, name, &word))
		return suggest_option(ctl->command, name, err);
	if (!word.takes_value && equals)
		return error_set(err, "%s: takes no value", name);
	if (word.takes_value && !equals && *at + 1 >= count)
		return error_set(err, "%s: needs a value", name);
	if (word.takes_value)
		option.value = equals ? equals + 1 : words[++*at];
	if (!word.repeated && ctl_option(ctl, name))
		return error_set(err, "%s: given twice", name);
	if (ctl->option_count == COMMAND_OPTIONS_MAX)
		return error_set(err, "%s: more than %d options", name, COMMAND_OPTIONS_MAX);
	ctl->options[ctl->option_count++] = option;
	return true;
}

/* Are all words there that the usage wants, and no more? */
static bool check_complete(const struct ctl *ctl, struct error *err)
{
	const struct command *command = ctl->command;
	const char *at = command->usage;
	struct usage_word word;
	size_t known = 0;

	while (usage_next(&at, &word)) {
		bool missing =
		    word.is_option ? !ctl_option(ctl, word.text) : ctl->argument_count <= known++;

		if (missing && !word.optional)
			return error_set(err, "%s is missing; usage: easymailctl %s%s%s %s",
					 word.text, command->noun, command->verb[0] ? " " : "",
					 command->verb, command->usage);
	}
	if (ctl->argument_count > known)
		return error_set(err, "%s: one word too many; usage: easymailctl %s%s%s %s",
				 ctl->arguments[known], command->noun, command->verb[0] ? " " : "",
				 command->verb, command->usage);
	return true;
}

/* Does `verb`, of one or two words, stand at the beginning of words? How many it takes, or -1. */
static int verb_matches(const char *verb, int count, char *const *words)
{
	const char *space = strchr(verb, ' ');
	size_t first = space ? (size_t)(space - verb) : strlen(verb);

	if (verb[0] == '\0')
		return 0;
	if (count < 1 || strlen(words[0]) != first || strncmp(words[0], verb, first) != 0)
		return -1;
	if (!space)
		return 1;
	return count > 1 && strcmp(words[1], space + 1) == 0 ? 2 : -1;
}

static bool unknown_noun(const char *given, struct error *err)
{
	struct nearest nearest;

	nearest_start(&nearest, given);
	for (const struct command *c = commands; c->noun; c++)
		nearest_try(&nearest, c->noun);
	return error_set(err, "%s: no such noun%s; `easymailctl help` lists them", given,
			 nearest_hint(&nearest));
}

static bool unknown_verb(const char *noun, int count, char *const *words, struct error *err)
{
	struct nearest nearest;
	char given[WORD_SIZE * 2];
	bool known = false, group = count > 1 && strcmp(words[0], "group") == 0;

	snprintf(given, sizeof(given), "%s%s%s", count ? words[0] : "", group ? " " : "",
		 group ? words[1] : "");
	nearest_start(&nearest, given);
	for (const struct command *c = commands; c->noun; c++) {
		if (strcmp(c->noun, noun) == 0) {
			nearest_try(&nearest, c->verb);
			known = true;
		}
	}
	if (!known)
		return unknown_noun(noun, err);
	if (count == 0)
		return error_set(err, "%s: a verb is missing; `easymailctl help %s` lists them",
				 noun, noun);
	return error_set(err, "%s %s: no such verb%s; `easymailctl help %s` lists them", noun,
			 given, nearest_hint(&nearest), noun);
}

/* Finds the command; *used_r words name it. */
static bool find_command(int count, char *const *words, const struct command **command_r,
			 int *used_r, struct error *err)
{
	for (const struct command *c = commands; c->noun; c++) {
		int used;

		if (strcmp(c->noun, words[0]) != 0)
			continue;
		used = verb_matches(c->verb, count - 1, words + 1);
		if (used >= 0) {
			*command_r = c;
			*used_r = 1 + used;
			return true;
		}
	}
	return unknown_verb(words[0], count - 1, words + 1, err);
}

bool command_parse(struct ctl *ctl, int count, char *const *words, struct error *err)
{
	bool only_arguments = false;
	int at = 0;

	while (count > 0 && strcmp(words[0], "--json") == 0) {
		ctl->json = true;
		count--;
		words++;
	}
	if (count == 0)
		return error_set(err, "a noun is missing; `easymailctl help` lists them");
	if (!find_command(count, words, &ctl->command, &at, err))
		return false;
	for (; at < count; at++) {
		if (!only_arguments && strcmp(words[at], "--") == 0) {
			only_arguments = true;
		} else if (!only_arguments && strncmp(words[at], "--", 2) == 0) {
			if (!take_option(ctl, &at, count, words, err))
				return false;
		} else if (ctl->argument_count == COMMAND_ARGUMENTS_MAX) {
			return error_set(err, "%s: too many words", words[at]);
		} else {
			ctl->arguments[ctl->argument_count++] = words[at];
		}
	}
	return check_complete(ctl, err);
}

void command_usage(FILE *out, const char *noun)
{
	const char *last = "";
	bool any = false;

	fprintf(out, "usage: easymailctl [-c CONFIG] NOUN VERB [ARGUMENTS] [--json]\n");
	for (const struct command *c = commands; c->noun; c++) {
		if (noun && strcmp(noun, c->noun) != 0)
			continue;
		if (strcmp(last, c->noun) != 0)
			fprintf(out, "\n");
		fprintf(out, "  %s%s%s%s%s\n        %s\n", c->noun, c->verb[0] ? " " : "", c->verb,
			c->usage[0] ? " " : "", c->usage, c->help);
		last = c->noun;
		any = true;
	}
	if (!any)
		fprintf(out, "\n%s: no such noun\n", noun ? noun : "");
	fprintf(out, "\nExit status: 0 done, 1 refused or findings, 2 usage.\n");
}
