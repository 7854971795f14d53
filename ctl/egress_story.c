/* SPDX-License-Identifier: BSD-2-Clause */
/* Evidence from tenants.db, history from the journal. */
#include "ctl/egress_story.h"
#include "common/journal.h"
#include "common/supervision_rows.h"
#include "ctl/journal_rows.h"
#include "ctl/output.h"
#include <stdlib.h>

#define HISTORY_ROWS 20

static void append_evidence(const struct evidence_row *row, void *context)
{
	struct json *object = json_new_object();

	json_put_text(object, "kind", evidence_kind_name(row->kind));
	json_put_text(object, "subject", row->subject);
	json_put_bool(object, "counts", row->bad);
	json_put_text(object, "since", row->since);
	json_put_text(object, "detail", row->detail);
	json_append(context, object);
}

bool egress_story_evidence(struct db *db, const char *address, struct json *object,
			   struct error *err)
{
	struct json *rows = json_new_array();

	json_put(object, "evidence", rows);
	return evidence_rows_list(db, address, append_evidence, rows, err);
}

void egress_story_history(const struct ctl *ctl, const char *address, struct json *object)
{
	int busy_ms = (int)config_number(ctl->config, "database.busy_timeout");
	struct journal_audit_filter filter = {
	    .kind = "egress", .subject = address, .limit = HISTORY_ROWS};
	struct json *rows = json_new_array();
	struct journal *journal = NULL;
	struct error err;

	if (!journal_open(config_text(ctl->config, "journal"), JOURNAL_READ, busy_ms, &journal,
			  &err) ||
	    !journal_begin(journal, &err) ||
	    !journal_audit_list(journal, &filter, journal_rows_audit, rows, &err))
		json_put_text(object, "history_error", err.text);
	json_put(object, "history", rows);
	journal_close(journal);
}

static void print_evidence(const struct json *row)
{
	char *subject = output_cell(row, "subject"), *detail = output_cell(row, "detail");
	bool counts = json_get_bool(row, "counts");

	printf("  %s%s%s: %s (%s %s)\n", json_get_text(row, "kind"), subject[0] != '-' ? " " : "",
	       subject[0] != '-' ? subject : "", detail, counts ? "counts since" : "seen since",
	       json_get_text(row, "since"));
	free(subject);
	free(detail);
}

static void print_history(const struct json *row)
{
	static const char *const keys[] = {"at", "old", "new", "actor", "reason"};
	char *cells[5];

	for (size_t i = 0; i < 5; i++)
		cells[i] = output_cell(row, keys[i]);
	printf("  %s %s -> %s by %s: %s\n", cells[0], cells[1], cells[2], cells[3], cells[4]);
	for (size_t i = 0; i < 5; i++)
		free(cells[i]);
}

void egress_story_print(const struct json *object)
{
	const struct json *evidence = json_get(object, "evidence");
	const struct json *history = json_get(object, "history");
	const char *error = json_get_text(object, "history_error");

	puts(json_count(evidence) > 0 ? "evidence:" : "evidence: none against it");
	for (size_t i = 0; i < json_count(evidence); i++)
		print_evidence(json_at(evidence, i));
	if (json_count(history) > 0 || error[0])
		printf("history: %s\n", error);
	for (size_t i = 0; i < json_count(history); i++)
		print_history(json_at(history, i));
}
