/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl host: the addresses of the tenants' servers. */
#include "common/relay_host_rows.h"
#include "ctl/nouns.h"
#include "ctl/output.h"

#define HOST_KEYS "network tenant shared stream counts fault"

static struct json *host_json(const struct relay_host_row *row)
{
	struct json *object = json_new_object();

	json_put_text(object, "network", row->network);
	json_put_text(object, "tenant", row->tenant);
	json_put_bool(object, "shared", row->shared);
	json_put_text(object, "stream", egress_way_name(row->stream));
	json_put_bool(object, "counts", row->fault[0] == '\0');
	json_put_text(object, "fault", row->fault[0] ? row->fault : NULL);
	json_put_text(object, "created", row->created);
	return object;
}

static bool add(struct ctl *ctl, struct db *db, struct error *err)
{
	return relay_host_rows_add(db, ctl_argument(ctl, 0), ctl_argument(ctl, 1),
				   ctl_option(ctl, "--shared") != NULL, NULL, err);
}

static bool done(const struct ctl *ctl, const char *what)
{
	output_done(ctl, "relay host %s of tenant %s: %s", ctl_argument(ctl, 1),
		    ctl_argument(ctl, 0), what);
	return true;
}

bool ctl_host_add(struct ctl *ctl, struct error *err)
{
	return ctl_change(ctl, add, err) && done(ctl, "added");
}

static void append_host(const struct relay_host_row *row, void *context)
{
	json_append(context, host_json(row));
}

static bool list(struct ctl *ctl, struct db *db, struct error *err)
{
	struct json *rows = json_new_array();

	if (!relay_host_rows_list(db, ctl_argument(ctl, 0), append_host, rows, err)) {
		json_drop(rows);
		return false;
	}
	output_list(ctl, HOST_KEYS, rows);
	return true;
}

bool ctl_host_list(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, list, err);
}

static bool find(struct ctl *ctl, struct db *db, struct error *err)
{
	struct json *rows;
	struct ip ip;

	if (!ip_parse(ctl_argument(ctl, 0), &ip, err))
		return false;
	rows = json_new_array();
	if (!relay_host_rows_covering(db, &ip, append_host, rows, err)) {
		json_drop(rows);
		return false;
	}
	if (json_count(rows) == 0) {
		json_drop(rows);
		return error_set(
		    err,
		    "address: %s is no tenant's relay host; add it with `easymailctl host add`",
		    ctl_argument(ctl, 0));
	}
	output_list(ctl, HOST_KEYS, rows);
	return true;
}

bool ctl_host_find(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, find, err);
}

static bool set(struct ctl *ctl, struct db *db, struct error *err)
{
	const char *tenant = ctl_argument(ctl, 0), *network = ctl_argument(ctl, 1);
	const char *shared = ctl_option(ctl, "--shared"), *stream = ctl_option(ctl, "--stream");
	enum egress_way way = WAY_CORPORATE;
	bool is_shared = false;

	if (!ctl_needs_an_option(ctl, err) ||
	    (shared && !ctl_yes_or_no("--shared", shared, &is_shared, err)) ||
	    (stream && !ctl_stream("--stream", stream, &way, err)))
		return false;
	return (!shared || relay_host_rows_set_shared(db, tenant, network, is_shared, err)) &&
	       (!stream || relay_host_rows_set_stream(db, tenant, network, way, err));
}

bool ctl_host_set(struct ctl *ctl, struct error *err)
{
	return ctl_change(ctl, set, err) && done(ctl, "changed");
}

static bool delete (struct ctl *ctl, struct db *db, struct error *err)
{
	return relay_host_rows_delete(db, ctl_argument(ctl, 0), ctl_argument(ctl, 1), err);
}

bool ctl_host_delete(struct ctl *ctl, struct error *err)
{
	return ctl_change(ctl, delete, err) && done(ctl, "deleted");
}
