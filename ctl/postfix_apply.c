/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes the changes of a plan, so that Postfix is never without a transport that its maps name. */
#include "ctl/files.h"
#include "ctl/postfix_plan.h"
#include "ctl/postfix_tables.h"
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The words of one postconf call, the last NULL. */
struct words {
	size_t count;
	char **items;
};

static struct words *words_new(size_t most)
{
	struct words *words = malloc(sizeof(*words));

	if (!words || !(words->items = calloc(most + 1, sizeof(*words->items))))
		err(1, "memory");
	words->count = 0;
	return words;
}

static void words_free(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->items[i]);
	free(words->items);
	free(words);
}

/* "name=value" for what is set, "name" for what goes. */
static struct words *collect(const struct postfix_plan *plan, enum postfix_change_kind kind,
			     bool goes)
{
	struct words *words = words_new(plan->count);

	for (size_t i = 0; i < plan->count; i++) {
		const struct postfix_change *change = &plan->changes[i];
		char **word = &words->items[words->count];

		if (change->kind != kind || goes != (change->new == NULL))
			continue;
		if (asprintf(word, "%s%s%s", change->name, goes ? "" : "=",
			     goes ? "" : change->new) < 0)
			err(1, "memory");
		words->count++;
	}
	return words;
}

static bool edit(const struct postfix_plan *plan, const char *directory,
		 enum postfix_change_kind kind, bool goes, struct error *err)
{
	struct words *words = collect(plan, kind, goes);
	const char *option = kind == POSTFIX_SERVICE ? (goes ? "-MX" : "-M") : (goes ? "-X" : "-e");
	const char *const *items = (const char *const *)words->items;
	bool done = postfix_conf_edit(directory, option, items, err);

	words_free(words);
	return done;
}

static bool write_files(const struct postfix_plan *plan, const char *directory, struct error *err)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/easymail", directory);
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		return error_set(err, "%s: %s", path, strerror(errno));
	for (size_t i = 0; i < plan->count; i++) {
		const struct postfix_change *change = &plan->changes[i];

		if (change->kind == POSTFIX_FILE && change->new &&
		    !file_write(change->name, change->new, 0644, err))
			return false;
	}
	return true;
}

static bool edit_all(const struct postfix_plan *plan, const char *directory, struct error *err)
{
	return edit(plan, directory, POSTFIX_SERVICE, false, err) &&
	       edit(plan, directory, POSTFIX_PARAMETER, false, err) &&
	       edit(plan, directory, POSTFIX_SERVICE, true, err) &&
	       edit(plan, directory, POSTFIX_PARAMETER, true, err);
}

bool postfix_plan_apply(const struct postfix_plan *plan, const char *directory, char stamp_r[32],
			struct error *err)
{
	struct error restore_error;

	if (!postfix_conf_backup(directory, stamp_r, err) || !write_files(plan, directory, err) ||
	    !postfix_tables_swap(directory, err))
		return false;
	if (edit_all(plan, directory, err))
		return postfix_tables_swap(directory, err);
	if (!postfix_conf_restore(directory, stamp_r, &restore_error))
		error_prefix(err, "%s; before that: ", restore_error.text);
	return false;
}
