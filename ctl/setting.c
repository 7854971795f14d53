/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl setting: what steers policy, the provider's values and the tenants'. */
#include "common/setting_rows.h"
#include "ctl/nouns.h"
#include "ctl/output.h"

static struct json *setting_json(const struct setting_row *row)
{
	const struct setting_definition *definition = &setting_definitions[row->id];
	struct json *object = json_new_object();

	json_put_text(object, "name", definition->name);
	json_put_text(object, "value", row->value);
	json_put_text(object, "origin", setting_origin_name(row->origin));
	json_put_text(object, "default", definition->fallback);
	json_put_text(object, "choices",
		      definition->kind == SETTING_CHOICE ? definition->choices : NULL);
	json_put_bool(object, "per_tenant", definition->per_tenant);
	json_put_text(object, "help", definition->help);
	return object;
}

static void append_setting(const struct setting_row *row, void *context)
{
	json_append(context, setting_json(row));
}

static bool list(struct ctl *ctl, struct db *db, struct error *err)
{
	struct json *rows = json_new_array();

	if (!setting_rows_list(db, ctl_argument(ctl, 0), append_setting, rows, err)) {
		json_drop(rows);
		return false;
	}
	output_list(ctl, "name value origin choices help", rows);
	return true;
}

bool ctl_setting_list(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, list, err);
}

static bool get(struct ctl *ctl, struct db *db, struct error *err)
{
	struct setting_row row;

	if (!setting_rows_get(db, ctl_argument(ctl, 1), ctl_argument(ctl, 0), &row, err))
		return false;
	output_object(ctl, "name value origin default help", setting_json(&row));
	return true;
}

bool ctl_setting_get(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, get, err);
}

static bool set(struct ctl *ctl, struct db *db, struct error *err)
{
	return setting_rows_set(db, ctl_argument(ctl, 2), ctl_argument(ctl, 0),
				ctl_argument(ctl, 1), err);
}

bool ctl_setting_set(struct ctl *ctl, struct error *err)
{
	const char *tenant = ctl_argument(ctl, 2);

	if (!ctl_change(ctl, set, err))
		return false;
	output_done(ctl, "setting %s: %s for %s%s", ctl_argument(ctl, 0), ctl_argument(ctl, 1),
		    tenant ? "tenant " : "the provider", tenant ? tenant : "");
	return true;
}

static bool unset(struct ctl *ctl, struct db *db, struct error *err)
{
	return setting_rows_unset(db, ctl_argument(ctl, 1), ctl_argument(ctl, 0), err);
}

bool ctl_setting_unset(struct ctl *ctl, struct error *err)
{
	if (!ctl_change(ctl, unset, err))
		return false;
	output_done(ctl, "setting %s: unset", ctl_argument(ctl, 0));
	return true;
}
