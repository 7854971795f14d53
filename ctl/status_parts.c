/* SPDX-License-Identifier: BSD-2-Clause */
/* The database and easymail's own programs in `easymailctl status`. */
#include "common/store.h"
#include "ctl/ask.h"
#include "ctl/db_report.h"
#include "ctl/status.h"
#include <stdlib.h>
#include <string.h>

#define FINDINGS_SHOWN 5

static void note_findings(struct status *status, const struct json *findings)
{
	size_t count = json_count(findings);

	if (count == 0)
		status_note(status, "database", true, "every row counts");
	for (size_t i = 0; i < count && i < FINDINGS_SHOWN; i++) {
		const struct json *finding = json_at(findings, i);

		status_note(status, "database", false, "%s %s: %s %s; %s",
			    json_get_text(finding, "table"), json_get_text(finding, "field"),
			    json_get_text(finding, "value"), json_get_text(finding, "problem"),
			    json_get_text(finding, "mend"));
	}
	if (count > FINDINGS_SHOWN)
		status_note(status, "database", false, "%zu more; see `easymailctl db check`",
			    count - FINDINGS_SHOWN);
}

static bool report_database(struct db *db, const char *path, struct status *status,
			    struct error *err)
{
	struct json *counts = json_new_object(), *findings = NULL;

	if (db_report_counts(db, counts, err))
		findings = db_report_findings(db, err);
	if (findings) {
		status->generation = json_get_number(counts, "generation");
		status_note(
		    status, "database", true,
		    "%s: schema %d, generation %lld, %lld tenants, %lld domains, %lld relay hosts, "
		    "%lld egress addresses",
		    path, (int)json_get_number(counts, "schema"), (long long)status->generation,
		    (long long)json_get_number(counts, "tenants"),
		    (long long)json_get_number(counts, "domains"),
		    (long long)json_get_number(counts, "hosts"),
		    (long long)json_get_number(counts, "egress_ips"));
		note_findings(status, findings);
	}
	json_drop(counts);
	json_drop(findings);
	return findings != NULL;
}

void status_database(struct ctl *ctl, struct status *status)
{
	const char *path = config_text(ctl->config, "database");
	struct error err = {""};
	struct db *db;

	if (!store_open(path, STORE_READ, (int)config_number(ctl->config, "database.busy_timeout"),
			&db, &err)) {
		status_note(status, "database", false, "%s", err.text);
		return;
	}
	if (!store_begin(db, &err) || !report_database(db, path, status, &err))
		status_note(status, "database", false, "%s: %s", path, err.text);
	store_close(db);
}

/* Asks a program for its state; NULL when it gives none, which is noted. */
static struct json *ask_or_note(struct status *status, const char *part, const char *socket)
{
	struct error err;
	struct json *answer;

	if (ask_status(socket, &answer, &err))
		return answer;
	status_note(status, part, false, "%s", err.text);
	return NULL;
}

/* The generation may have been raised since the database was read, never lowered. */
static void note_generation(struct status *status, const char *part, const char *socket,
			    const struct json *answer)
{
	int64_t generation = json_get_number(answer, "generation");
	bool agrees = status->generation > 0 && generation >= status->generation;

	status_note(status, part, agrees, "answers on %s, generation %lld%s", socket,
		    (long long)generation, agrees ? "" : ", which is not the database's");
}

void status_mapd(struct ctl *ctl, struct status *status)
{
	const char *socket = config_text(ctl->config, "mapd.socket");
	struct json *answer = ask_or_note(status, "mapd", socket);

	if (!answer)
		return;
	note_generation(status, "mapd", socket, answer);
	json_drop(answer);
}

static void note_filters(struct status *status, const struct json *answer)
{
	const struct json *filters = json_get(answer, "filters");
	char names[256] = "";
	size_t used = 0;

	for (size_t i = 0; filters && i < json_count(filters) && used < sizeof(names); i++) {
		char *name = json_write(json_at(filters, i));

		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%.*s",
					 used ? " " : "", (int)strcspn(name + 1, "\""), name + 1);
		status->scans |= strcmp(name, "\"av\"") == 0 || strcmp(name, "\"content\"") == 0;
		free(name);
	}
	status_note(status, "milter", used > 0, "filters: %s", used ? names : "none");
}

void status_milter(struct ctl *ctl, struct status *status)
{
	const char *socket = config_text(ctl->config, "milter.control_socket");
	struct json *answer = ask_or_note(status, "milter", socket);

	if (!answer)
		return;
	note_generation(status, "milter", socket, answer);
	note_filters(status, answer);
	if (json_get(answer, "antispam") != NULL)
		status_antispam(status, json_get(answer, "antispam"));
	json_drop(answer);
}
