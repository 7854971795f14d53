/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of table tenant. */
#include "common/tenants.h"
#include "common/db.h"
#include "common/text_rule.h"
#include <string.h>

#define COLUMNS                                                                               \
	"SELECT t.id, t.name, t.title, t.state, ifnull(g.name, ''), t.generation, t.created," \
	" (SELECT count(*) FROM domain d WHERE d.tenant_id = t.id),"                          \
	" (SELECT count(*) FROM relay_host h WHERE h.tenant_id = t.id)"                       \
	" FROM tenant t LEFT JOIN egress_group g ON g.id = t.egress_group_id"

static const char *const state_names[] = {"pending", "active", "suspended", "closing", "closed"};

const char *tenant_state_name(enum tenant_state state)
{
	return state_names[state];
}

bool tenant_state_parse(const char *text, enum tenant_state *state_r)
{
	size_t i;

	for (i = 0; i < sizeof(state_names) / sizeof(*state_names); i++) {
		if (strcmp(state_names[i], text) == 0) {
			*state_r = (enum tenant_state)i;
			return true;
		}
	}
	return false;
}

bool tenant_state_may_become(enum tenant_state from, enum tenant_state to)
{
	if (from == to)
		return true;
	switch (from) {
	case TENANT_PENDING:
		return to == TENANT_ACTIVE || to == TENANT_CLOSED;
	case TENANT_ACTIVE:
	case TENANT_SUSPENDED:
	case TENANT_CLOSING:
		return to != TENANT_PENDING;
	case TENANT_CLOSED:
		return to == TENANT_PENDING;
	}
	return false;
}

static bool read_tenant(struct db_query *query, struct tenant_row *tenant_r, struct error *err)
{
	tenant_r->id = db_int(query, 0);
	text_rule_copy(tenant_r->name, sizeof(tenant_r->name), db_text(query, 1));
	text_rule_copy(tenant_r->title, sizeof(tenant_r->title), db_text(query, 2));
	text_rule_copy(tenant_r->egress_group, sizeof(tenant_r->egress_group), db_text(query, 4));
	tenant_r->generation = db_int(query, 5);
	text_rule_copy(tenant_r->created, sizeof(tenant_r->created), db_text(query, 6));
	tenant_r->domains = db_int(query, 7);
	tenant_r->hosts = db_int(query, 8);
	if (tenant_state_parse(db_text(query, 3), &tenant_r->state))
		return true;
	return error_set(err, "tenant %s: state '%s' is none that there is; set one",
			 tenant_r->name, db_text(query, 3));
}

enum found tenants_find(struct db *db, const char *name, struct tenant_row *tenant_r,
			struct error *err)
{
	struct db_query *query = db_query(db, COLUMNS " WHERE t.name = ?1", err);
	enum found found;

	if (!query)
		return FOUND_ERROR;
	db_bind_text(query, 1, name);
	found = db_step(query, err);
	if (found == FOUND_ONE && !read_tenant(query, tenant_r, err))
		found = FOUND_ERROR;
	db_reset(query);
	return found;
}

bool tenants_get(struct db *db, const char *name, struct tenant_row *tenant_r, struct error *err)
{
	switch (tenants_find(db, name, tenant_r, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return error_set(
		    err, "tenant: there is no '%.80s'; `easymailctl tenant list` shows the names",
		    name);
	case FOUND_ONE:
		break;
	}
	return true;
}

bool tenants_list(struct db *db, void (*each)(const struct tenant_row *tenant, void *context),
		  void *context, struct error *err)
{
	struct db_query *query = db_query(db, COLUMNS " ORDER BY t.name", err);
	struct tenant_row tenant;
	enum found found;

	if (!query)
		return false;
	while ((found = db_step(query, err)) == FOUND_ONE) {
		if (!read_tenant(query, &tenant, err)) {
			db_reset(query);
			return false;
		}
		each(&tenant, context);
	}
	return found == FOUND_NONE;
}

/* The group's id in *id_r, 0 for "". */
static bool get_group(struct db *db, const char *group, int64_t *id_r, struct error *err)
{
	struct db_query *query = db_query(db, "SELECT id FROM egress_group WHERE name = ?1", err);
	enum found found;

	*id_r = 0;
	if (!*group)
		return true;
	if (!query)
		return false;
	db_bind_text(query, 1, group);
	found = db_step(query, err);
	if (found == FOUND_ONE)
		*id_r = db_int(query, 0);
	db_reset(query);
	if (found == FOUND_NONE)
		return error_set(
		    err,
		    "egress group: there is no '%.80s'; add it with `easymailctl egress group add`",
		    group);
	return found == FOUND_ONE;
}

static bool insert_tenant(struct db *db, const struct tenant_row *tenant, int64_t group,
			  struct error *err)
{
	struct db_query *query = db_query(db,
					  "INSERT INTO tenant (name, title, state, egress_group_id)"
					  " VALUES (?1, ?2, ?3, nullif(?4, 0))",
					  err);

	if (!query)
		return false;
	db_bind_text(query, 1, tenant->name);
	db_bind_text(query, 2, tenant->title);
	db_bind_text(query, 3, tenant_state_name(tenant->state));
	db_bind_int(query, 4, group);
	return db_run(query, err);
}

bool tenants_add(struct db *db, const struct tenant_row *tenant, int64_t *id_r, struct error *err)
{
	struct tenant_row old;
	int64_t group;

	if (!text_rule_check_name("tenant", tenant->name, NAME_SIZE - 1, err) ||
	    !text_rule_check("title", tenant->title, TITLE_SIZE - 1, err))
		return false;
	if (tenant->state != TENANT_PENDING && tenant->state != TENANT_ACTIVE)
		return error_set(err, "state: a new tenant cannot be %s; make it pending or active",
				 tenant_state_name(tenant->state));
	switch (tenants_find(db, tenant->name, &old, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_ONE:
		return error_set(err, "tenant: '%s' is there already (%s); choose another name",
				 tenant->name, tenant_state_name(old.state));
	case FOUND_NONE:
		break;
	}
	if (!get_group(db, tenant->egress_group, &group, err) ||
	    !insert_tenant(db, tenant, group, err))
		return false;
	if (id_r)
		*id_r = db_last_id(db);
	return true;
}

/* Runs an update of one tenant: ?1 is its id, ?2 the text. */
static bool update_text(struct db *db, struct db_query *query, int64_t id, const char *text,
			struct error *err)
{
	if (!query)
		return false;
	db_bind_int(query, 1, id);
	db_bind_text(query, 2, text);
	return db_run(query, err) &&
	       (db_changes(db) == 1 || error_set(err, "tenant %lld: is gone", (long long)id));
}

bool tenants_set_state(struct db *db, const char *name, enum tenant_state state, struct error *err)
{
	struct tenant_row tenant;

	if (!tenants_get(db, name, &tenant, err))
		return false;
	if (!tenant_state_may_become(tenant.state, state))
		return error_set(err, "state: tenant %s is %s and cannot become %s; %s", name,
				 tenant_state_name(tenant.state), tenant_state_name(state),
				 tenant.state == TENANT_CLOSED ? "make it pending first"
				 : state == TENANT_PENDING     ? "suspend or close it"
							       : "make it active first");
	return update_text(db, db_query(db, "UPDATE tenant SET state = ?2 WHERE id = ?1", err),
			   tenant.id, tenant_state_name(state), err);
}

bool tenants_set_title(struct db *db, const char *name, const char *title, struct error *err)
{
	struct tenant_row tenant;

	if (!tenants_get(db, name, &tenant, err) ||
	    !text_rule_check("title", title, TITLE_SIZE - 1, err))
		return false;
	return update_text(db, db_query(db, "UPDATE tenant SET title = ?2 WHERE id = ?1", err),
			   tenant.id, title, err);
}

bool tenants_set_egress_group(struct db *db, const char *name, const char *group, struct error *err)
{
	struct tenant_row tenant;
	struct db_query *query;
	int64_t id;

	if (!tenants_get(db, name, &tenant, err) || !get_group(db, group, &id, err))
		return false;
	query =
	    db_query(db, "UPDATE tenant SET egress_group_id = nullif(?2, 0) WHERE id = ?1", err);
	if (!query)
		return false;
	db_bind_int(query, 1, tenant.id);
	db_bind_int(query, 2, id);
	return db_run(query, err);
}

static bool delete_by_id(struct db_query *query, int64_t id, struct error *err)
{
	if (!query)
		return false;
	db_bind_int(query, 1, id);
	return db_run(query, err);
}

bool tenants_delete(struct db *db, const char *name, bool with_all, struct error *err)
{
	struct tenant_row tenant;

	if (!tenants_get(db, name, &tenant, err))
		return false;
	if (!with_all && tenant.domains + tenant.hosts > 0)
		return error_set(
		    err,
		    "tenant: %s still has %lld domains and %lld relay hosts; delete those "
		    "first",
		    name, (long long)tenant.domains, (long long)tenant.hosts);
	return delete_by_id(db_query(db, "DELETE FROM domain WHERE tenant_id = ?1", err), tenant.id,
			    err) &&
	       delete_by_id(db_query(db, "DELETE FROM relay_host WHERE tenant_id = ?1", err),
			    tenant.id, err) &&
	       delete_by_id(db_query(db, "DELETE FROM tenant WHERE id = ?1", err), tenant.id, err);
}
