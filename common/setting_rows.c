/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of table setting. */
#include "common/setting_rows.h"
#include "common/db.h"
#include "common/text_rule.h"
#include <stdio.h>
#include <string.h>

static const char *const origin_names[] = {"default", "provider", "tenant"};

const char *setting_origin_name(enum setting_origin origin)
{
	return origin_names[origin];
}

static bool get_setting(const char *name, enum setting_id *id_r, struct error *err)
{
	char names[256] = "";
	size_t used = 0;
	int id;

	if (setting_by_name(name, id_r) == FOUND_ONE)
		return true;
	for (id = 0; id < SETTING_COUNT && used < sizeof(names); id++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
					 id > 0 ? ", " : "", setting_definitions[id].name);
	return error_set(err, "setting: there is no '%.80s'; there are %s", name, names);
}

/* 0 for the provider. */
static bool get_owner(struct db *db, const char *tenant, int64_t *id_r, struct error *err)
{
	struct tenant_row row = {0};

	if (tenant && !tenants_get(db, tenant, &row, err))
		return false;
	*id_r = row.id;
	return true;
}

/* The value in effect: the tenant's own, else the provider's, else the default. */
static bool read_effective(struct db *db, int64_t owner, enum setting_id id,
			   struct setting_row *row_r, struct error *err)
{
	const struct setting_definition *setting = &setting_definitions[id];
	enum found found;
	struct db_query *query =
	    db_query(db,
		     "SELECT tenant_id, value FROM setting WHERE name = ?1"
		     " AND tenant_id IN (0, ?2) ORDER BY tenant_id DESC LIMIT 1",
		     err);

	if (!query)
		return false;
	row_r->id = id;
	row_r->origin = SETTING_FROM_DEFAULT;
	text_rule_copy(row_r->value, sizeof(row_r->value), setting->fallback);
	db_bind_text(query, 1, setting->name);
	db_bind_int(query, 2, setting->per_tenant ? owner : 0);
	found = db_step(query, err);
	if (found == FOUND_ONE) {
		row_r->origin = db_int(query, 0) == 0 ? SETTING_FROM_PROVIDER : SETTING_FROM_TENANT;
		text_rule_copy(row_r->value, sizeof(row_r->value), db_text(query, 1));
	}
	db_reset(query);
	return found != FOUND_ERROR;
}

bool setting_rows_get(struct db *db, const char *tenant, const char *name,
		      struct setting_row *row_r, struct error *err)
{
	enum setting_id id;
	int64_t owner;

	return get_setting(name, &id, err) && get_owner(db, tenant, &owner, err) &&
	       read_effective(db, owner, id, row_r, err);
}

bool setting_rows_list(struct db *db, const char *tenant,
		       void (*each)(const struct setting_row *row, void *context), void *context,
		       struct error *err)
{
	struct setting_row row;
	int64_t owner;
	int id;

	if (!get_owner(db, tenant, &owner, err))
		return false;
	for (id = 0; id < SETTING_COUNT; id++) {
		if (!read_effective(db, owner, (enum setting_id)id, &row, err))
			return false;
		each(&row, context);
	}
	return true;
}

/* What setting_parse cannot see: does the group exist? */
static bool check_reference(struct db *db, enum setting_id id, const char *value, struct error *err)
{
	struct db_query *query;
	enum found found;

	if (!*value || setting_definitions[id].kind != SETTING_GROUP)
		return true;
	query = db_query(db, "SELECT 1 FROM egress_group WHERE name = ?1", err);
	if (!query)
		return false;
	db_bind_text(query, 1, value);
	found = db_step(query, err);
	db_reset(query);
	if (found == FOUND_NONE)
		return error_set(
		    err,
		    "setting %s: there is no egress group '%s'; add it with `easymailctl egress "
		    "group add`",
		    setting_definitions[id].name, value);
	return found == FOUND_ONE;
}

/* Setting and owner of a change. */
static bool get_target(struct db *db, const char *tenant, const char *name, enum setting_id *id_r,
		       int64_t *owner_r, struct error *err)
{
	if (!get_setting(name, id_r, err) || !get_owner(db, tenant, owner_r, err))
		return false;
	if (tenant && !setting_definitions[*id_r].per_tenant)
		return error_set(err, "setting %s: is the provider's only; set it without a tenant",
				 name);
	return true;
}

bool setting_rows_set(struct db *db, const char *tenant, const char *name, const char *value,
		      struct error *err)
{
	struct setting_value parsed;
	struct db_query *query;
	enum setting_id id;
	int64_t owner;

	if (!get_target(db, tenant, name, &id, &owner, err) ||
	    !setting_parse(id, value, &parsed, err) || !check_reference(db, id, value, err))
		return false;
	query = db_query(db,
			 "INSERT INTO setting (tenant_id, name, value) VALUES (?1, ?2, ?3)"
			 " ON CONFLICT (tenant_id, name) DO UPDATE SET value = excluded.value",
			 err);
	if (!query)
		return false;
	db_bind_int(query, 1, owner);
	db_bind_text(query, 2, name);
	db_bind_text(query, 3, value);
	return db_run(query, err);
}

bool setting_rows_unset(struct db *db, const char *tenant, const char *name, struct error *err)
{
	struct db_query *query;
	enum setting_id id;
	int64_t owner;

	if (!get_target(db, tenant, name, &id, &owner, err))
		return false;
	query = db_query(db, "DELETE FROM setting WHERE tenant_id = ?1 AND name = ?2", err);
	if (!query)
		return false;
	db_bind_int(query, 1, owner);
	db_bind_text(query, 2, name);
	return db_run(query, err);
}
