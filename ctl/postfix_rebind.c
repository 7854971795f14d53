/* SPDX-License-Identifier: BSD-2-Clause */
/* New bindings for the groups' own transports while Postfix runs. */
#include "ctl/postfix_rebind.h"
#include "ctl/postfix_site.h"
#include "ctl/postfix_tables.h"
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Only the bindings that a transport in master.cf refers to; others would be unused parameters. */
static void keep_known(const struct pairs *services, const struct pairs *wanted,
		       struct pairs *known)
{
	for (size_t i = 0; i < wanted->count; i++) {
		char reference[256];
		bool found = false;

		snprintf(reference, sizeof(reference), "$%s ", wanted->items[i].name);
		for (size_t s = 0; s < services->count && !found; s++)
			found = strstr(services->items[s].value, reference) != NULL;
		if (found)
			pairs_set(known, wanted->items[i].name, wanted->items[i].value);
	}
}

static bool edit(const char *directory, const struct pairs *bindings, struct error *err)
{
	char **words = calloc(bindings->count + 1, sizeof(*words));
	bool done;

	if (!words)
		errx(1, "memory");
	for (size_t i = 0; i < bindings->count; i++) {
		if (asprintf(&words[i], "%s=%s", bindings->items[i].name,
			     bindings->items[i].value) < 0)
			errx(1, "memory");
	}
	done = postfix_conf_edit(directory, "-e", (const char *const *)words, err);
	for (size_t i = 0; i < bindings->count; i++)
		free(words[i]);
	free(words);
	return done;
}

/* Replaces the table twice: a process that started in between may have read main.cf before the change and opened the
 * table after it. */
static bool tell_postfix(const char *directory, struct error *err)
{
	if (!postfix_tables_swap(directory, err))
		return false;
	sleep(1);
	return postfix_tables_swap(directory, err);
}

static enum rebind rebind_view(const struct postfix_view *view, struct error *err)
{
	struct pairs wanted = {0}, known = {0};
	enum rebind result = REBIND_NOT_SET_UP;

	postfix_want_bindings(&view->inventory, &wanted);
	keep_known(&view->current.services, &wanted, &known);
	if (known.count > 0 && !postfix_conf_is_writable(view->site.directory))
		result = REBIND_NOT_ALLOWED;
	else if (known.count > 0)
		result = edit(view->site.directory, &known, err) &&
				 tell_postfix(view->site.directory, err)
			     ? REBIND_DONE
			     : REBIND_FAILED;
	pairs_free(&wanted);
	pairs_free(&known);
	return result;
}

enum rebind postfix_rebind(struct ctl *ctl, struct error *err)
{
	struct postfix_view view;
	enum rebind result;

	if (!postfix_view_read(ctl, &view, err))
		return REBIND_FAILED;
	result = rebind_view(&view, err);
	postfix_view_free(&view);
	return result;
}
