/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl domain: the sender domains. */
#include "common/domains.h"
#include "ctl/nouns.h"
#include "ctl/output.h"

#define DOMAIN_KEYS "domain tenant subdomains stream created"

static struct json *domain_json(const struct domain_row *row)
{
	struct json *object = json_new_object();

	json_put_text(object, "domain", row->name);
	json_put_text(object, "tenant", row->tenant);
	json_put_bool(object, "subdomains", row->subdomains);
	json_put_text(object, "stream", egress_way_name(row->stream));
	json_put_text(object, "created", row->created);
	return object;
}

static bool add(struct ctl *ctl, struct db *db, struct error *err)
{
	return domains_add(db, ctl_argument(ctl, 0), ctl_argument(ctl, 1),
			   ctl_option(ctl, "--subdomains") != NULL, NULL, err);
}

bool ctl_domain_add(struct ctl *ctl, struct error *err)
{
	if (!ctl_change(ctl, add, err))
		return false;
	output_done(ctl, "domain %s: added to tenant %s", ctl_argument(ctl, 1),
		    ctl_argument(ctl, 0));
	return true;
}

static void append_domain(const struct domain_row *row, void *context)
{
	json_append(context, domain_json(row));
}

static bool list(struct ctl *ctl, struct db *db, struct error *err)
{
	struct json *rows = json_new_array();

	if (!domains_list(db, ctl_argument(ctl, 0), append_domain, rows, err)) {
		json_drop(rows);
		return false;
	}
	output_list(ctl, DOMAIN_KEYS, rows);
	return true;
}

bool ctl_domain_list(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, list, err);
}

static bool show(struct ctl *ctl, struct db *db, struct error *err)
{
	struct domain_row row;

	switch (domains_find(db, ctl_argument(ctl, 0), &row, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return error_set(
		    err, "domain: %s is not there; `easymailctl domain find` says who covers it",
		    ctl_argument(ctl, 0));
	case FOUND_ONE:
		break;
	}
	output_object(ctl, DOMAIN_KEYS, domain_json(&row));
	return true;
}

bool ctl_domain_show(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, show, err);
}

static bool find(struct ctl *ctl, struct db *db, struct error *err)
{
	struct domain_row row;

	switch (domains_owner(db, ctl_argument(ctl, 0), &row, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return error_set(err,
				 "domain: %s is no tenant's; add it with `easymailctl domain add`",
				 ctl_argument(ctl, 0));
	case FOUND_ONE:
		break;
	}
	output_object(ctl, DOMAIN_KEYS, domain_json(&row));
	return true;
}

bool ctl_domain_find(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, find, err);
}

static bool set(struct ctl *ctl, struct db *db, struct error *err)
{
	const char *domain = ctl_argument(ctl, 0), *tenant = ctl_option(ctl, "--tenant");
	const char *subdomains = ctl_option(ctl, "--subdomains");
	const char *stream = ctl_option(ctl, "--stream");
	enum egress_way way = WAY_CORPORATE;
	bool covers = false;

	if (!ctl_needs_an_option(ctl, err) ||
	    (subdomains && !ctl_yes_or_no("--subdomains", subdomains, &covers, err)) ||
	    (stream && !ctl_stream("--stream", stream, &way, err)))
		return false;
	return (!tenant || domains_move(db, domain, tenant, err)) &&
	       (!subdomains || domains_set_subdomains(db, domain, covers, err)) &&
	       (!stream || domains_set_stream(db, domain, way, err));
}

bool ctl_domain_set(struct ctl *ctl, struct error *err)
{
	if (!ctl_change(ctl, set, err))
		return false;
	output_done(ctl, "domain %s: changed", ctl_argument(ctl, 0));
	return true;
}

static bool delete (struct ctl *ctl, struct db *db, struct error *err)
{
	return domains_delete(db, ctl_argument(ctl, 0), err);
}

bool ctl_domain_delete(struct ctl *ctl, struct error *err)
{
	if (!ctl_change(ctl, delete, err))
		return false;
	output_done(ctl, "domain %s: deleted", ctl_argument(ctl, 0));
	return true;
}
