/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl egress group: the addresses that stand in for one another. */
#include "common/egress_ips.h"
#include "ctl/nouns.h"
#include "ctl/output.h"

static bool add(struct ctl *ctl, struct db *db, struct error *err)
{
	return egress_groups_add(db, ctl_argument(ctl, 0), err);
}

bool ctl_egress_group_add(struct ctl *ctl, struct error *err)
{
	if (!ctl_change(ctl, add, err))
		return false;
	output_done(ctl, "egress group %s: added", ctl_argument(ctl, 0));
	return true;
}

static void append_group(const struct egress_group_row *row, void *context)
{
	struct json *object = json_new_object();
	char transport[EGRESS_TRANSPORT_SIZE];

	egress_group_transport_name(row->name, transport);
	json_put_text(object, "group", row->name);
	json_put_text(object, "way", egress_way_name(row->way));
	json_put_number(object, "ips", row->ips);
	json_put_number(object, "usable", row->usable);
	json_put_number(object, "tenants", row->tenants);
	json_put_text(object, "transport", transport);
	json_append(context, object);
}

static bool list(struct ctl *ctl, struct db *db, struct error *err)
{
	struct json *rows = json_new_array();

	if (!egress_groups_list(db, append_group, rows, err)) {
		json_drop(rows);
		return false;
	}
	output_list(ctl, "group way ips usable tenants transport", rows);
	return true;
}

bool ctl_egress_group_list(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, list, err);
}

static bool delete (struct ctl *ctl, struct db *db, struct error *err)
{
	return egress_groups_delete(db, ctl_argument(ctl, 0), err);
}

bool ctl_egress_group_delete(struct ctl *ctl, struct error *err)
{
	if (!ctl_change(ctl, delete, err))
		return false;
	output_done(ctl, "egress group %s: deleted", ctl_argument(ctl, 0));
	return true;
}
