/* SPDX-License-Identifier: BSD-2-Clause */
/* Content rules as rows. */
#include "ctl/rule_report.h"
#include "common/content_defaults.h"
#include "common/content_rules.h"
#include "common/setting_rows.h"
#include <stdio.h>
#include <string.h>

#define CUT_LENGTH 60

static bool is_good(const struct content_rule_row *row, struct error *problem)
{
	struct content_rule_text text = {0, row->condition, row->action};

	return content_rule_check(&text, problem);
}

static void put_cut(struct json *object, const char *key, const char *text, bool cut)
{
	char copy[CUT_LENGTH + 8];

	if (!cut || strlen(text) <= CUT_LENGTH) {
		json_put_text(object, key, text);
		return;
	}
	snprintf(copy, sizeof(copy), "%.*s ...", CUT_LENGTH, text);
	json_put_text(object, key, copy);
}

struct json *rule_report_row(const struct content_rule_row *row, bool cut)
{
	struct json *object = json_new_object();
	struct error problem;
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)row->number);
	json_put_text(object, "rule", number);
	json_put_text(object, "owner", row->tenant[0] != '\0' ? row->tenant : "provider");
	json_put_number(object, "position", row->position);
	json_put_bool(object, "enabled", row->enabled);
	put_cut(object, "condition", row->condition, cut);
	put_cut(object, "action", row->action, cut);
	json_put_text(object, "comment", row->comment);
	json_put_text(object, "created", row->created);
	json_put_text(object, "fault", is_good(row, &problem) ? NULL : problem.text);
	return object;
}

static bool append_default(struct db *db, const char *tenant, const struct content_default *row,
			   struct json *object, struct error *err)
{
	struct setting_row setting, limit;
	char condition[SETTING_TEXT_SIZE + 32];

	if (!setting_rows_get(db, tenant, setting_definitions[row->setting].name, &setting, err))
		return false;
	if (row->condition == NULL) {
		if (!setting_rows_get(db, tenant, setting_definitions[row->limit].name, &limit,
				      err))
			return false;
		snprintf(condition, sizeof(condition), "%s > %s", row->what, limit.value);
	}
	json_put_text(object, "rule", row->name);
	json_put_text(object, "owner", "built-in");
	json_put_number(object, "position", row - content_defaults + 1);
	json_put_bool(object, "enabled", strcmp(setting.value, "accept") != 0);
	json_put_text(object, "condition", row->condition != NULL ? row->condition : condition);
	json_put_text(object, "action", setting.value);
	json_put_text(object, "comment", setting_definitions[row->setting].name);
	json_put_text(object, "created", NULL);
	json_put_text(object, "fault", NULL);
	return true;
}

static bool append_defaults(struct db *db, const char *tenant, struct json *rows, bool cut,
			    struct error *err)
{
	for (int i = 0; i < CONTENT_DEFAULT_COUNT; i++) {
		struct json *object = json_new_object();

		if (!append_default(db, tenant, &content_defaults[i], object, err)) {
			json_drop(object);
			return false;
		}
		if (cut && content_defaults[i].condition != NULL)
			put_cut(object, "condition", content_defaults[i].condition, cut);
		json_append(rows, object);
	}
	return true;
}

struct listing {
	struct json *rows;
	bool cut;
	bool tenants_only;
};

static void append_row(const struct content_rule_row *row, void *context)
{
	struct listing *listing = context;

	if (!listing->tenants_only || row->tenant[0] != '\0')
		json_append(listing->rows, rule_report_row(row, listing->cut));
}

struct json *rule_report_rows(struct db *db, const char *tenant, bool cut, struct error *err)
{
	struct listing listing = {json_new_array(), cut, false};
	bool done = content_rule_rows_list(db, "", append_row, &listing, err) &&
		    append_defaults(db, tenant, listing.rows, cut, err);

	listing.tenants_only = true;
	if (done && content_rule_rows_list(db, tenant, append_row, &listing, err))
		return listing.rows;
	json_drop(listing.rows);
	return NULL;
}

static void append_finding(const struct content_rule_row *row, void *context)
{
	struct json *object;
	struct error problem;
	char value[24];

	if (!row->enabled || is_good(row, &problem))
		return;
	object = json_new_object();
	snprintf(value, sizeof(value), "rule %lld", (long long)row->number);
	json_put_text(object, "table", "content_rule");
	json_put_number(object, "id", row->number);
	json_put_text(object, "tenant", row->tenant);
	json_put_text(object, "field",
		      strncmp(problem.text, "action", 6) == 0 ? "action" : "condition");
	json_put_text(object, "value", value);
	json_put_text(object, "problem", problem.text);
	json_put_text(object, "mend",
		      row->tenant[0] != '\0'
			  ? "correct, disable or delete it; its tenant's mail is answered 451"
			  : "correct, disable or delete it; all mail is answered 451");
	json_append(context, object);
}

bool rule_report_findings(struct db *db, struct json *findings, struct error *err)
{
	return content_rule_rows_list(db, NULL, append_finding, findings, err);
}
