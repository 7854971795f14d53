/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts and findings as JSON. */
#include "ctl/db_report.h"
#include "common/db_check.h"
#include "common/domains.h"
#include "common/egress_ips.h"
#include "common/relay_host_rows.h"
#include "common/store.h"
#include "ctl/rule_report.h"

struct counts {
	int64_t tenants, domains, hosts, groups, egress_ips;
};

static void count_tenant(const struct tenant_row *row, void *context)
{
	struct counts *counts = context;

	counts->tenants++;
	counts->domains += row->domains;
	counts->hosts += row->hosts;
}

static void count_group(const struct egress_group_row *row, void *context)
{
	struct counts *counts = context;

	counts->groups++;
	counts->egress_ips += row->ips;
}

bool db_report_counts(struct db *db, struct json *object, struct error *err)
{
	struct counts counts = {0};
	int64_t generation;
	int schema;

	if (!store_schema(db, &schema, err) || !store_generation(db, &generation, err) ||
	    !tenants_list(db, count_tenant, &counts, err) ||
	    !egress_groups_list(db, count_group, &counts, err))
		return false;
	json_put_number(object, "schema", schema);
	json_put_number(object, "generation", generation);
	json_put_number(object, "tenants", counts.tenants);
	json_put_number(object, "domains", counts.domains);
	json_put_number(object, "hosts", counts.hosts);
	json_put_number(object, "groups", counts.groups);
	json_put_number(object, "egress_ips", counts.egress_ips);
	return true;
}

static void append_finding(const struct db_finding *finding, void *context)
{
	struct json *object = json_new_object();

	json_put_text(object, "table", finding->table);
	json_put_number(object, "id", finding->id);
	json_put_text(object, "tenant", finding->tenant);
	json_put_text(object, "field", finding->field);
	json_put_text(object, "value", finding->value);
	json_put_text(object, "problem", finding->problem);
	json_put_text(object, "mend", finding->mend);
	json_append(context, object);
}

struct json *db_report_findings(struct db *db, struct error *err)
{
	struct json *rows = json_new_array();
	size_t count;

	if (db_check(db, append_finding, rows, &count, err) && rule_report_findings(db, rows, err))
		return rows;
	json_drop(rows);
	return NULL;
}
