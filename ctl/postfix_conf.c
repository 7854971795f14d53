/* SPDX-License-Identifier: BSD-2-Clause */
/* postconf(1) and postfix(1) as functions. */
#include "ctl/postfix_conf.h"
#include "ctl/files.h"
#include "ctl/run.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EDIT_WORDS_MAX 4096

void postfix_conf_collapse(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (!isspace((unsigned char)*from))
			*to++ = *from;
		else if (to > text && to[-1] != ' ')
			*to++ = ' ';
	}
	while (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
}

/* Reads "name = value" lines. */
static void take_assignments(char *text, struct pairs *pairs)
{
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *value = strstr(line, " =");

		if (!value)
			continue;
		*value = '\0';
		value += 2;
		value += *value == ' ';
		pairs_set(pairs, line, value);
	}
}

/* Reads lines of master.cf; the name is that of the service and its type. */
static void take_services(char *text, struct pairs *pairs)
{
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char service[256], type[32], name[300];

		if (sscanf(line, "%255s %31s", service, type) != 2)
			continue;
		snprintf(name, sizeof(name), "%s/%s", service, type);
		postfix_conf_collapse(line);
		pairs_set(pairs, name, line);
	}
}

/* Names that begin with easymail_ and that nothing refers to any more: postconf only warns of those. */
static void take_unused(char *warnings, struct pairs *pairs)
{
	static const char mark[] = "unused parameter: ";
	char *rest = NULL;

	for (char *line = strtok_r(warnings, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *name = strstr(line, mark), *value;

		if (!name || !(value = strchr(name + strlen(mark), '=')))
			continue;
		*value = '\0';
		if (strncmp(name + strlen(mark), "easymail_", strlen("easymail_")) == 0)
			pairs_set(pairs, name + strlen(mark), value + 1);
	}
}

static bool postconf(const char *directory, const char *option, struct run *run_r,
		     struct error *err)
{
	const char *const argv[] = {"postconf", "-c", directory, option, NULL};

	if (run_checked(argv, run_r, err))
		return true;
	return error_prefix(err, "postfix.config_directory %s: ", directory);
}

bool postfix_conf_read(const char *directory, const char *const *paths,
		       struct postfix_state *state_r, struct error *err)
{
	struct run run;

	*state_r = (struct postfix_state){0};
	if (!postconf(directory, NULL, &run, err))
		return false;
	take_assignments(run.out, &state_r->parameters);
	take_unused(run.err, &state_r->parameters);
	run_free(&run);
	if (!postconf(directory, "-M", &run, err))
		return false;
	take_services(run.out, &state_r->services);
	run_free(&run);
	if (!postconf(directory, "-P", &run, err))
		return false;
	take_assignments(run.out, &state_r->overrides);
	run_free(&run);
	for (; *paths; paths++) {
		char *text = file_read(*paths);

		if (text)
			pairs_set(&state_r->files, *paths, text);
		free(text);
	}
	return true;
}

void postfix_state_free(struct postfix_state *state)
{
	pairs_free(&state->parameters);
	pairs_free(&state->services);
	pairs_free(&state->overrides);
	pairs_free(&state->files);
}

bool postfix_conf_edit(const char *directory, const char *option, const char *const *words,
		       struct error *err)
{
	const char *argv[EDIT_WORDS_MAX + 5] = {"postconf", "-c", directory, option};
	size_t count = 4;

	if (!words[0])
		return true;
	for (; *words; words++) {
		if (count == EDIT_WORDS_MAX + 4)
			return error_set(err, "postconf: more than %d changes at once",
					 EDIT_WORDS_MAX);
		argv[count++] = *words;
	}
	return run_checked(argv, NULL, err);
}

static bool copy_both(const char *directory, const char *from, const char *to, struct error *err)
{
	static const char *const names[] = {"main.cf", "master.cf"};
	char source[4096], target[4096];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(source, sizeof(source), "%s/%s%s", directory, names[i], from);
		snprintf(target, sizeof(target), "%s/%s%s", directory, names[i], to);
		if (!file_copy(source, target, err))
			return false;
	}
	return true;
}

bool postfix_conf_backup(const char *directory, char stamp_r[32], struct error *err)
{
	struct timespec now;
	struct tm utc;
	size_t used;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	used = strftime(stamp_r, 32, ".%Y%m%dT%H%M%S", &utc);
	snprintf(stamp_r + used, 32 - used, ".%03ldZ", now.tv_nsec / 1000000);
	return copy_both(directory, "", stamp_r, err);
}

bool postfix_conf_restore(const char *directory, const char *stamp, struct error *err)
{
	return copy_both(directory, stamp, "", err);
}

bool postfix_conf_is_running(const char *directory)
{
	const char *const argv[] = {"postfix", "-c", directory, "status", NULL};
	struct error ignored;

	return run_checked(argv, NULL, &ignored);
}

bool postfix_conf_reload(const char *directory, struct error *err)
{
	const char *const argv[] = {"postfix", "-c", directory, "reload", NULL};

	return run_checked(argv, NULL, err);
}

bool postfix_conf_is_writable(const char *directory)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/main.cf", directory);
	return access(directory, W_OK) == 0 && access(path, W_OK) == 0;
}
