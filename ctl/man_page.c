/* SPDX-License-Identifier: BSD-2-Clause */
/* Fills in the lists of a manual page from the tables that the programs read: options, settings, commands. */
#include "common/config.h"
#include "common/content_what.h"
#include "common/malformed.h"
#include "common/settings.h"
#include "ctl/command.h"
#include <stdlib.h>
#include <string.h>

/* Text that mandoc takes as text. */
static void put_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
	}
	putchar('\n');
}

/* An argument of a macro, in quotes since it may have blanks. */
static void put_argument(const char *macro, const char *text)
{
	printf("%s \"", macro);
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		if (*text == '-')
			putchar('\\');
		putchar(*text);
	}
	fputs("\"\n", stdout);
}

static void put_default(const char *fallback)
{
	if (!fallback[0]) {
		puts("Default: empty.");
		return;
	}
	puts("Default:");
	put_argument(".Li", fallback);
}

static const char *kind_name(enum config_kind kind)
{
	switch (kind) {
	case CONFIG_TEXT:
		return "Text.";
	case CONFIG_PATH:
		return "An absolute path.";
	case CONFIG_NUMBER:
		return "A number";
	case CONFIG_BOOL:
		return "yes or no.";
	case CONFIG_CHOICE:
		return "One of";
	case CONFIG_SECONDS:
		return "A time, as in 250ms, 90s, 5m, 2h or 1d";
	}
	abort();
}

static void put_option(const struct config_option *option)
{
	put_argument(".It Ic", option->name);
	put_text(option->help);
	fputs(kind_name(option->kind), stdout);
	if (option->kind == CONFIG_NUMBER)
		printf(" from %lld to %lld.", (long long)option->min, (long long)option->max);
	if (option->kind == CONFIG_SECONDS)
		printf(", from %lldms to %lldms.", (long long)option->min, (long long)option->max);
	if (option->kind == CONFIG_CHOICE)
		printf(" %s.", option->choices);
	putchar('\n');
	put_default(option->fallback);
}

static void put_options(void)
{
	puts(".Bl -tag -width Ds");
	for (const struct config_option *option = config_options; option->name; option++)
		put_option(option);
	puts(".El");
}

static void put_settings(void)
{
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting_definition *setting = &setting_definitions[i];

		put_argument(".It Ic", setting->name);
		put_text(setting->help);
		puts(".br");
		if (setting->kind == SETTING_CHOICE)
			printf("One of %s.\n", setting->choices);
		if (!setting->per_tenant)
			puts("Only the provider's value counts.");
		put_default(setting->fallback);
	}
	puts(".El");
}

static void put_looks(void)
{
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < WHAT_COUNT; i++) {
		put_argument(".It Cm", content_whats[i].word);
		put_text(content_whats[i].help);
	}
	puts(".El");
}

static void put_flaws(void)
{
	const char *name;
	uint64_t bit;

	for (size_t i = 0; (name = malformed_name(i, &bit)) != NULL; i++)
		printf(".Cm %s ,\n", name);
}

static void put_commands(void)
{
	puts(".Bl -tag -width Ds");
	for (const struct command *c = commands; c->noun; c++) {
		char words[512];

		snprintf(words, sizeof(words), "%s%s%s%s%s", c->noun, c->verb[0] ? " " : "",
			 c->verb, c->usage[0] ? " " : "", c->usage);
		put_argument(".It Ic", words);
		put_text(c->help);
	}
	puts(".El");
}

int main(int argc, char **argv)
{
	FILE *page = argc == 2 ? fopen(argv[1], "r") : NULL;
	char line[4096];

	if (!page) {
		fprintf(stderr, "usage: easymail-man-page FILE\n");
		return 2;
	}
	while (fgets(line, sizeof(line), page)) {
		if (strcmp(line, ".\\\" @OPTIONS@\n") == 0)
			put_options();
		else if (strcmp(line, ".\\\" @SETTINGS@\n") == 0)
			put_settings();
		else if (strcmp(line, ".\\\" @LOOKS@\n") == 0)
			put_looks();
		else if (strcmp(line, ".\\\" @FLAWS@\n") == 0)
			put_flaws();
		else if (strcmp(line, ".\\\" @COMMANDS@\n") == 0)
			put_commands();
		else
			fputs(line, stdout);
	}
	fclose(page);
	return fflush(stdout) == 0 ? 0 : 1;
}
