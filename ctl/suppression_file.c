/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl suppression export and import: one address a line, its fields between tabs. */
#include "ctl/bounce.h"
#include "ctl/output.h"
#include "ctl/suppression.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COLUMNS 4 /* address, reason, created, note */

static void print_row(const struct suppression_row *row, void *context)
{
	char created[32];

	if (row->address[0] == '\0')
		return;
	suppression_format_time(row->created, created);
	fprintf(context, "%s\t%s\t%s\t%s\n", row->address, suppression_reason_name(row->reason),
		created, row->note);
}

static bool export(void *context, struct suppressions *suppressions, struct error *err)
{
	const int64_t *tenant_id = context;

	return suppressions_list(suppressions, *tenant_id, print_row, stdout, err);
}

bool ctl_suppression_export(struct ctl *ctl, struct error *err)
{
	int64_t tenant_id;

	if (!suppression_tenant(ctl, ctl_argument(ctl, 0), &tenant_id, err) ||
	    !suppression_read(ctl, export, &tenant_id, err))
		return false;
	return fflush(stdout) == 0 || error_set(err, "standard output: %s", strerror(errno));
}

struct import {
	const char *path;
	FILE *file;
	int64_t tenant_id;
	size_t line, added, known;
};

/* Cuts a line at its tabs. */
static void split(char *line, char *fields_r[COLUMNS])
{
	line[strcspn(line, "\r\n")] = '\0';
	for (size_t i = 0; i < COLUMNS; i++) {
		char *tab = i + 1 < COLUMNS ? strchr(line, '\t') : NULL;

		fields_r[i] = line;
		if (tab != NULL)
			*tab++ = '\0';
		line = tab != NULL ? tab : line + strlen(line);
	}
}

static bool parse_created(const char *text, int64_t *created_r, struct error *err)
{
	struct tm utc = {0};
	const char *end;

	*created_r = 0;
	if (text[0] == '\0')
		return true;
	end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc);
	if (end == NULL || *end != '\0')
		return error_set(err, "created: %.40s is not like 2026-01-31T12:00:00Z", text);
	*created_r = (int64_t)timegm(&utc);
	return true;
}

static bool import_fields(struct suppressions *suppressions, struct import *import, char **fields,
			  struct error *err)
{
	struct suppression_row row = {
	    .tenant_id = import->tenant_id, .reason = SUPPRESSION_MANUAL, .note = fields[3]};
	struct mailbox address;
	bool is_new;

	if (!mailbox_parse(fields[0], &address, err) ||
	    !parse_created(fields[2], &row.created, err))
		return false;
	if (fields[1][0] != '\0' && !suppression_reason_parse(fields[1], &row.reason))
		return error_set(err, "reason: %.40s is none of soft, hard, complaint, manual",
				 fields[1]);
	if (!suppressions_add(suppressions, &address, &row, &is_new, err))
		return false;
	import->added += is_new;
	import->known += !is_new;
	return true;
}

/* Empty lines, and those that begin with #, are none. */
static bool import_all(void *context, struct suppressions *suppressions, struct error *err)
{
	struct import *import = context;
	char *line = NULL, *fields[COLUMNS];
	size_t size = 0;
	bool done = true;

	while (done && getline(&line, &size, import->file) >= 0) {
		import->line++;
		split(line, fields);
		if (fields[0][0] != '\0' && fields[0][0] != '#')
			done = import_fields(suppressions, import, fields, err);
	}
	free(line);
	if (!done)
		return error_prefix(err, "%s:%zu: ", import->path, import->line);
	return !ferror(import->file) || error_set(err, "%s: %s", import->path, strerror(errno));
}

bool ctl_suppression_import(struct ctl *ctl, struct error *err)
{
	struct import import = {.path = ctl_argument(ctl, 1)};
	bool done;

	if (!suppression_tenant(ctl, ctl_argument(ctl, 0), &import.tenant_id, err))
		return false;
	import.file = fopen(ctl_argument(ctl, 1), "re");
	if (import.file == NULL)
		return error_set(err, "%s: %s", ctl_argument(ctl, 1), strerror(errno));
	done = suppression_change(ctl, import_all, &import, err);
	fclose(import.file);
	if (done)
		output_done(ctl, "tenant %s: %zu addresses suppressed, %zu were already",
			    ctl_argument(ctl, 0), import.added, import.known);
	return done;
}
