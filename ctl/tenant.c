/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl tenant: the customers. */
#include "common/domains.h"
#include "common/relay_host_rows.h"
#include "common/tenants.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include "ctl/suppression.h"
#include <string.h>

static struct json *tenant_json(const struct tenant_row *row)
{
	struct json *object = json_new_object();

	json_put_text(object, "name", row->name);
	json_put_text(object, "state", tenant_state_name(row->state));
	json_put_text(object, "group", row->egress_group[0] ? row->egress_group : NULL);
	json_put_number(object, "domains", row->domains);
	json_put_number(object, "hosts", row->hosts);
	json_put_number(object, "generation", row->generation);
	json_put_text(object, "created", row->created);
	json_put_text(object, "title", row->title);
	return object;
}

static bool read_state(const char *text, enum tenant_state *state_r, struct error *err)
{
	if (!tenant_state_parse(text, state_r))
		return error_set(
		    err, "state: %s is not one of pending, active, suspended, closing, closed",
		    text);
	return true;
}

/* Copies an option into a row's field, refusing what does not fit. */
static bool read_text(const struct ctl *ctl, const char *option, char *field_r, size_t size,
		      struct error *err)
{
	const char *text = ctl_option(ctl, option);

	if (text && strlen(text) >= size)
		return error_set(err, "%s: longer than %zu octets; shorten it", option, size - 1);
	snprintf(field_r, size, "%s", text ? text : "");
	return true;
}

static bool add(struct ctl *ctl, struct db *db, struct error *err)
{
	struct tenant_row row = {.state = TENANT_ACTIVE};
	const char *name = ctl_argument(ctl, 0), *state = ctl_option(ctl, "--state");

	if (strlen(name) >= sizeof(row.name))
		return error_set(err, "name: %s is longer than %zu letters; shorten it", name,
				 sizeof(row.name) - 1);
	snprintf(row.name, sizeof(row.name), "%s", name);
	return (!state || read_state(state, &row.state, err)) &&
	       read_text(ctl, "--title", row.title, sizeof(row.title), err) &&
	       read_text(ctl, "--group", row.egress_group, sizeof(row.egress_group), err) &&
	       tenants_add(db, &row, NULL, err);
}

bool ctl_tenant_add(struct ctl *ctl, struct error *err)
{
	if (!ctl_change(ctl, add, err))
		return false;
	output_done(ctl, "tenant %s: added", ctl_argument(ctl, 0));
	return true;
}

static void append_tenant(const struct tenant_row *row, void *context)
{
	json_append(context, tenant_json(row));
}

static bool list(struct ctl *ctl, struct db *db, struct error *err)
{
	struct json *rows = json_new_array();

	if (!tenants_list(db, append_tenant, rows, err)) {
		json_drop(rows);
		return false;
	}
	output_list(ctl, "name state group domains hosts title", rows);
	return true;
}

bool ctl_tenant_list(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, list, err);
}

static void append_domain(const struct domain_row *row, void *context)
{
	json_append_text(context, row->name);
}

static void append_host(const struct relay_host_row *row, void *context)
{
	json_append_text(context, row->network);
}

static bool show(struct ctl *ctl, struct db *db, struct error *err)
{
	struct tenant_row row;
	struct json *object, *domains, *hosts;
	bool done;

	if (!tenants_get(db, ctl_argument(ctl, 0), &row, err))
		return false;
	object = tenant_json(&row);
	domains = json_new_array();
	hosts = json_new_array();
	done = domains_list(db, row.name, append_domain, domains, err) &&
	       relay_host_rows_list(db, row.name, append_host, hosts, err);
	json_put(object, "domain_names", domains);
	json_put(object, "networks", hosts);
	if (!done) {
		json_drop(object);
		return false;
	}
	output_object(ctl, "name title state group created generation domain_names networks",
		      object);
	return true;
}

bool ctl_tenant_show(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, show, err);
}

static bool set(struct ctl *ctl, struct db *db, struct error *err)
{
	const char *name = ctl_argument(ctl, 0), *title = ctl_option(ctl, "--title");
	const char *state_text = ctl_option(ctl, "--state"), *group = ctl_option(ctl, "--group");
	enum tenant_state state = TENANT_PENDING;

	if (!ctl_needs_an_option(ctl, err) || (state_text && !read_state(state_text, &state, err)))
		return false;
	return (!title || tenants_set_title(db, name, title, err)) &&
	       (!group || tenants_set_egress_group(db, name, group, err)) &&
	       (!state_text || tenants_set_state(db, name, state, err));
}

bool ctl_tenant_set(struct ctl *ctl, struct error *err)
{
	if (!ctl_change(ctl, set, err))
		return false;
	output_done(ctl, "tenant %s: changed", ctl_argument(ctl, 0));
	return true;
}

static bool activate(struct ctl *ctl, struct db *db, struct error *err)
{
	return tenants_set_state(db, ctl_argument(ctl, 0), TENANT_ACTIVE, err);
}

static bool suspend(struct ctl *ctl, struct db *db, struct error *err)
{
	return tenants_set_state(db, ctl_argument(ctl, 0), TENANT_SUSPENDED, err);
}

static bool close_tenant(struct ctl *ctl, struct db *db, struct error *err)
{
	return tenants_set_state(db, ctl_argument(ctl, 0),
				 ctl_option(ctl, "--notice") ? TENANT_CLOSING : TENANT_CLOSED, err);
}

static bool change_state(struct ctl *ctl, ctl_transaction *body, const char *became,
			 struct error *err)
{
	if (!ctl_change(ctl, body, err))
		return false;
	output_done(ctl, "tenant %s: %s", ctl_argument(ctl, 0), became);
	return true;
}

bool ctl_tenant_activate(struct ctl *ctl, struct error *err)
{
	return change_state(ctl, activate, "active", err);
}

bool ctl_tenant_suspend(struct ctl *ctl, struct error *err)
{
	return change_state(ctl, suspend, "suspended", err);
}

bool ctl_tenant_close(struct ctl *ctl, struct error *err)
{
	return change_state(ctl, close_tenant, ctl_option(ctl, "--notice") ? "closing" : "closed",
			    err);
}

/* With what is kept of its recipients, which nobody else may use. */
static bool delete (struct ctl *ctl, struct db *db, struct error *err)
{
	struct tenant_row row;

	return tenants_get(db, ctl_argument(ctl, 0), &row, err) &&
	       tenants_delete(db, row.name, ctl_option(ctl, "--all") != NULL, err) &&
	       suppression_forget_tenant(ctl, row.id, err);
}

bool ctl_tenant_delete(struct ctl *ctl, struct error *err)
{
	return change_state(ctl, delete, "deleted", err);
}
