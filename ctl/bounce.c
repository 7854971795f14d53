/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl bounce: what came back, and what it means. */
#include "ctl/bounce.h"
#include "common/bounces.h"
#include "common/mail_parts.h"
#include "ctl/output.h"
#include "ctl/suppression.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTED 1000

static bool read_report(const char *path, struct bounce_report *report_r, struct error *err)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *octets = malloc(MAIL_READ_MAX);
	size_t length;
	bool good;

	if (octets == NULL)
		abort();
	if (file == NULL) {
		free(octets);
		return error_set(err, "%s: %s", path, strerror(errno));
	}
	length = fread(octets, 1, MAIL_READ_MAX, file);
	good = !ferror(file);
	if (file != stdin)
		fclose(file);
	if (good)
		bounce_read(octets, length, report_r);
	free(octets);
	return good || error_set(err, "%s: cannot be read", path);
}

/* Which line of which table decided. */
static void put_rule(struct json *object, const struct reply_rule *rule)
{
	char where[256];

	json_put_text(object, "reply_class", rule != NULL ? reply_class_name(rule->class) : NULL);
	if (rule == NULL) {
		json_put_text(object, "rule", NULL);
		return;
	}
	snprintf(where, sizeof(where), "%.200s:%u", rule->source, rule->line);
	json_put_text(object, "rule", where);
}

static struct json *ruling_json(const struct bounce_ruling *ruling, const char *address,
				const char *status, const char *text)
{
	struct json *object = json_new_object();

	json_put_text(object, "class", bounce_class_name(ruling->class));
	json_put_text(object, "address", address);
	json_put_text(object, "status", status);
	put_rule(object, ruling->rule);
	json_put_text(object, "text", text);
	return object;
}

static struct json *classify(const struct bounce_rules *rules, const struct bounce_report *report)
{
	struct json *rows = json_new_array();
	struct bounce_ruling ruling;

	for (size_t i = 0; i < report->count; i++) {
		const struct bounce_recipient *recipient = &report->recipients[i];

		ruling = bounce_classify(rules, report, i);
		json_append(rows, ruling_json(&ruling, recipient->address, recipient->status,
					      recipient->text));
	}
	if (report->count > 0)
		return rows;
	ruling = bounce_classify_message(rules, report);
	if (report->kind == BOUNCE_COMPLAINT)
		ruling.class = BOUNCE_UNWANTED;
	json_append(rows, ruling_json(&ruling, NULL, NULL, report->subject));
	return rows;
}

bool ctl_bounce_classify(struct ctl *ctl, struct error *err)
{
	static struct bounce_report report;
	struct bounce_rules *rules;

	if (!bounce_rules_load(config_text(ctl->config, "tracker.replies"), &rules, err))
		return false;
	if (!read_report(ctl_argument(ctl, 0), &report, err)) {
		bounce_rules_free(rules);
		return false;
	}
	output_list(ctl, "class address status reply_class rule text", classify(rules, &report));
	bounce_rules_free(rules);
	return true;
}

struct listing {
	int64_t tenant_id;
	struct json *rows, *names;
};

static void append_row(const struct bounce_row *row, void *context)
{
	struct listing *listing = context;
	struct json *object = json_new_object();

	suppression_put_time(object, "received", row->received);
	suppression_put_tenant(object, listing->names, row->tenant_id);
	json_put_text(object, "class", bounce_class_name(row->class));
	json_put_text(object, "address", row->address);
	json_put_text(object, "text", row->note);
	json_append(listing->rows, object);
}

static bool list(void *context, struct suppressions *suppressions, struct error *err)
{
	struct listing *listing = context;

	return bounces_list(suppressions, listing->tenant_id, LISTED, append_row, listing, err);
}

bool ctl_bounce_list(struct ctl *ctl, struct error *err)
{
	struct listing listing = {.rows = json_new_array()};
	bool done;

	listing.names = suppression_tenants(ctl, err);
	done = listing.names != NULL &&
	       suppression_tenant(ctl, ctl_argument(ctl, 0), &listing.tenant_id, err) &&
	       suppression_read(ctl, list, &listing, err);
	json_drop(listing.names);
	if (done)
		output_list(ctl, "received tenant class address text", listing.rows);
	else
		json_drop(listing.rows);
	return done;
}
