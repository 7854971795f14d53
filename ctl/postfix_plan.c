/* SPDX-License-Identifier: BSD-2-Clause */
/* What is to be changed in Postfix's configuration. */
#include "ctl/postfix_plan.h"
#include <err.h>
#include <stdlib.h>
#include <string.h>

static void *need(void *memory)
{
	if (!memory)
		err(1, "memory");
	return memory;
}

static void add_change(struct postfix_plan *plan, enum postfix_change_kind kind, const char *name,
		       const char *old, const char *new)
{
	struct postfix_change *change;

	plan->changes = need(realloc(plan->changes, (plan->count + 1) * sizeof(*plan->changes)));
	change = &plan->changes[plan->count++];
	change->kind = kind;
	change->name = need(strdup(name));
	change->old = old ? need(strdup(old)) : NULL;
	change->new = new ? need(strdup(new)) : NULL;
}

/* What is wanted and is not so. */
static void add_wanted(struct postfix_plan *plan, enum postfix_change_kind kind,
		       const struct pairs *current, const struct pairs *wanted)
{
	for (size_t i = 0; i < wanted->count; i++) {
		const struct pair *pair = &wanted->items[i];
		const char *old = pairs_get(current, pair->name);

		if (!old || strcmp(old, pair->value) != 0)
			add_change(plan, kind, pair->name, old, pair->value);
	}
}

/* What is ours by its name and is not wanted. */
static void add_unwanted(struct postfix_plan *plan, enum postfix_change_kind kind,
			 const char *prefix, const struct pairs *current,
			 const struct pairs *wanted)
{
	for (size_t i = 0; i < current->count; i++) {
		const struct pair *pair = &current->items[i];

		if (strncmp(pair->name, prefix, strlen(prefix)) == 0 &&
		    !pairs_get(wanted, pair->name))
			add_change(plan, kind, pair->name, pair->value, NULL);
	}
}

void postfix_plan_make(const struct postfix_state *current, const struct postfix_state *wanted,
		       struct postfix_plan *plan_r)
{
	*plan_r = (struct postfix_plan){0};
	add_wanted(plan_r, POSTFIX_FILE, &current->files, &wanted->files);
	add_wanted(plan_r, POSTFIX_SERVICE, &current->services, &wanted->services);
	add_unwanted(plan_r, POSTFIX_SERVICE, "easymail-", &current->services, &wanted->services);
	add_wanted(plan_r, POSTFIX_PARAMETER, &current->parameters, &wanted->parameters);
	add_unwanted(plan_r, POSTFIX_PARAMETER, "easymail_", &current->parameters,
		     &wanted->parameters);
}

void postfix_plan_free(struct postfix_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		free(plan->changes[i].name);
		free(plan->changes[i].old);
		free(plan->changes[i].new);
	}
	free(plan->changes);
	*plan = (struct postfix_plan){0};
}

static const char *kind_place(enum postfix_change_kind kind)
{
	switch (kind) {
	case POSTFIX_PARAMETER:
		return "main.cf";
	case POSTFIX_SERVICE:
		return "master.cf";
	case POSTFIX_FILE:
		return "file";
	}
	abort();
}

static void show_line(FILE *out, char sign, const struct postfix_change *change, const char *value)
{
	switch (change->kind) {
	case POSTFIX_PARAMETER:
		fprintf(out, "%c main.cf: %s = %s\n", sign, change->name, value);
		return;
	case POSTFIX_SERVICE:
		fprintf(out, "%c master.cf: %s\n", sign, value);
		return;
	case POSTFIX_FILE:
		fprintf(out, "%c file: %s\n", sign, change->name);
		return;
	}
}

char *postfix_plan_text(const struct postfix_plan *plan)
{
	char *text;
	size_t size;
	FILE *out = need(open_memstream(&text, &size));

	for (size_t i = 0; i < plan->count; i++) {
		const struct postfix_change *change = &plan->changes[i];

		if (change->old)
			show_line(out, '-', change, change->old);
		if (change->new)
			show_line(out, '+', change, change->new);
	}
	if (fclose(out) != 0)
		err(1, "memory");
	return text;
}

struct json *postfix_plan_json(const struct postfix_plan *plan)
{
	struct json *rows = json_new_array();

	for (size_t i = 0; i < plan->count; i++) {
		const struct postfix_change *change = &plan->changes[i];
		struct json *row = json_new_object();

		json_put_text(row, "place", kind_place(change->kind));
		json_put_text(row, "name", change->name);
		json_put_text(row, "old", change->old);
		json_put_text(row, "new", change->new);
		json_append(rows, row);
	}
	return rows;
}
