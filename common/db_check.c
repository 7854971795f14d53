/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks through every table for rows that do not count or are wrong. */
#include "common/db_check.h"
#include "common/db_upkeep.h"
#include "common/domain.h"
#include "common/ip.h"
#include "common/relay_index.h"
#include "common/settings.h"
#include <string.h>

struct check {
	void (*report)(const struct db_finding *finding, void *context);
	void *context;
	size_t findings;
};

static void report(struct check *check, const struct db_finding *finding)
{
	check->findings++;
	check->report(finding, check->context);
}

/* Calls `row` for each row: columns id, tenant, value and then its own. */
static bool check_rows(struct db *db, struct check *check, const char *sql,
		       void (*row)(struct check *check, struct db_query *query), struct error *err)
{
	struct db_query *query = db_query(db, sql, err);
	enum found found;

	if (!query)
		return false;
	while ((found = db_step(query, err)) == FOUND_ONE)
		row(check, query);
	return found == FOUND_NONE;
}

/* A finding about the row's value. */
static void report_row(struct check *check, struct db_query *query, const char *table,
		       const char *field, const char *problem, const char *mend)
{
	struct db_finding finding = {
	    table, db_int(query, 0), db_text(query, 1), field, db_text(query, 2), problem, mend};

	report(check, &finding);
}

static void check_domain(struct check *check, struct db_query *query)
{
	const char *name = db_text(query, 2);
	char normal[DOMAIN_SIZE];
	struct error problem;

	if (!domain_normalize(name, strlen(name), normal, &problem)) {
		report_row(check, query, "domain", "name", problem.text, "delete it");
	} else if (strcmp(name, normal) != 0) {
		error_set(&problem, "is not the normal form %s, so no address matches it", normal);
		report_row(check, query, "domain", "name", problem.text,
			   "delete it and add it with easymailctl");
	}
	if (db_int(query, 3) != 0)
		report_row(check, query, "domain", "tenant_id", "its tenant is not there",
			   "delete the row, or set tenant_id");
	if (db_int(query, 4) != 0)
		report_row(check, query, "domain", "name",
			   "lies below a domain of another tenant that covers its subdomains",
			   "delete one of them, or set subdomains = 0 above");
}

static void check_host(struct check *check, struct db_query *query)
{
	const char *network = db_text(query, 2);
	char canonical[IP_RANGE_TEXT_SIZE];
	struct ip_range range;
	struct error problem;

	if (!ip_range_parse(network, &range, &problem)) {
		report_row(check, query, "relay_host", "network", problem.text,
			   "correct or delete it; it does not count");
	} else {
		ip_range_format(&range, canonical);
		error_set(&problem, "is written otherwise than %s", canonical);
		if (strcmp(network, canonical) != 0)
			report_row(check, query, "relay_host", "network", problem.text,
				   "set it to that; it counts meanwhile");
		if (*db_text(query, 3))
			report_row(check, query, "relay_host", "fault", db_text(query, 3),
				   "mend that, or delete the row; it does not count");
	}
	if (db_int(query, 4) != 0)
		report_row(check, query, "relay_host", "tenant_id", "its tenant is not there",
			   "delete the row, or set tenant_id");
}

static void check_egress(struct check *check, struct db_query *query)
{
	const char *address = db_text(query, 2);
	char canonical[IP_TEXT_SIZE];
	struct error problem;
	struct ip ip;

	if (!ip_parse(address, &ip, &problem)) {
		report_row(check, query, "egress_ip", "address", problem.text,
			   "correct or delete it; no mail leaves from it");
	} else {
		ip_format(&ip, canonical);
		error_set(&problem, "is written otherwise than %s", canonical);
		if (strcmp(address, canonical) != 0)
			report_row(check, query, "egress_ip", "address", problem.text,
				   "set it to that");
	}
	if (db_int(query, 3) != 0)
		report_row(check, query, "egress_ip", "egress_group_id", "its group is not there",
			   "delete the row, or set egress_group_id");
}

static void check_helo(struct check *check, struct db_query *query)
{
	const char *name = db_text(query, 2);
	char normal[DOMAIN_SIZE];
	struct error problem;

	if (!domain_normalize(name, strlen(name), normal, &problem))
		report_row(check, query, "egress_ip", "helo_name", problem.text,
			   "set a host name that resolves to the address");
}

static void check_code(struct check *check, struct db_query *query)
{
	struct ip_range range;
	struct error problem;

	if (!ip_range_parse(db_text(query, 3), &range, &problem))
		report_row(check, query, "blocklist_code", "code", problem.text,
			   "correct or delete it; until then such an answer is no listing");
}

static void check_families(struct check *check, struct db_query *query)
{
	report_row(check, query, "blocklist", "ipv4", "is enabled for no family of addresses",
		   "set ipv4 or ipv6, or disable it");
}

static void check_tenant(struct check *check, struct db_query *query)
{
	report_row(check, query, "tenant", "egress_group_id", "its egress group is not there",
		   "set an egress group; its mail is held");
}

/* The columns after the value: is its domain missing, is it sealed otherwise than the newest key. */
static void check_dkim_key(struct check *check, struct db_query *query)
{
	if (db_int(query, 3) != 0)
		report_row(check, query, "dkim_key", "domain", "its domain is not there",
			   "delete the row");
	if (db_int(query, 4) != 0)
		report_row(check, query, "dkim_key", "sealed_under",
			   "is sealed under another key file than the newest key, so one of them "
			   "does not open",
			   "restore the right key file, or make the other keys anew");
}

/* The columns after the value: setting's name, is the tenant missing, is the group missing. */
static void check_setting(struct check *check, struct db_query *query)
{
	struct setting_value value;
	struct error problem;
	enum setting_id id;
	struct db_finding finding = {"setting",
				     db_int(query, 0),
				     db_text(query, 1),
				     db_text(query, 3),
				     db_text(query, 2),
				     problem.text,
				     "set a right value or delete the row"};

	if (setting_by_name(db_text(query, 3), &id) != FOUND_ONE) {
		error_set(&problem, "there is no setting of that name; the row does not count");
		report(check, &finding);
		return;
	}
	if (!setting_parse(id, db_text(query, 2), &value, &problem))
		report(check, &finding);
	if (db_int(query, 0) != 0 && !setting_definitions[id].per_tenant) {
		error_set(&problem, "is the provider's only; the tenant's row does not count");
		report(check, &finding);
	}
	if (db_int(query, 4) != 0) {
		error_set(&problem, "its tenant is not there");
		report(check, &finding);
	}
	if (setting_definitions[id].kind == SETTING_GROUP && db_int(query, 5) != 0) {
		error_set(&problem, "there is no egress group of that name; mail that would leave "
				    "from it is held");
		report(check, &finding);
	}
}

/* Tenants without a group while the provider names none: their mail has nowhere to leave from. */
static void check_default_group(struct check *check, struct db_query *query)
{
	report_row(check, query, "tenant", "egress_group_id",
		   "has no egress group and egress.default_group is not set; its mail is held",
		   "set either");
}

static bool check_tables(struct db *db, struct check *check, struct error *err)
{
	return check_rows(
		   db, check,
		   "SELECT id, name, egress_group_id FROM tenant WHERE egress_group_id IS NOT"
		   " NULL AND egress_group_id NOT IN (SELECT id FROM egress_group)",
		   check_tenant, err) &&
	       check_rows(
		   db, check,
		   "SELECT id, name, '' FROM tenant WHERE egress_group_id IS NULL"
		   " AND state IN ('active', 'closing') AND NOT EXISTS (SELECT 1 FROM setting"
		   " WHERE tenant_id = 0 AND name = 'egress.default_group' AND value <> '')",
		   check_default_group, err) &&
	       check_rows(
		   db, check,
		   "SELECT d.id, ifnull(t.name, ''), d.name, t.id IS NULL,"
		   " EXISTS (SELECT 1 FROM domain_ancestor a JOIN domain u ON u.name = a.ancestor"
		   " WHERE a.domain_id = d.id AND u.subdomains = 1 AND u.tenant_id <> d.tenant_id)"
		   " FROM domain d LEFT JOIN tenant t ON t.id = d.tenant_id",
		   check_domain, err) &&
	       check_rows(
		   db, check,
		   "SELECT h.id, ifnull(t.name, ''), h.network, ifnull(h.fault, ''), t.id IS NULL"
		   " FROM relay_host h LEFT JOIN tenant t ON t.id = h.tenant_id",
		   check_host, err) &&
	       check_rows(db, check,
			  "SELECT i.id, '', i.address, g.id IS NULL FROM egress_ip i"
			  " LEFT JOIN egress_group g ON g.id = i.egress_group_id",
			  check_egress, err) &&
	       check_rows(db, check, "SELECT id, '', helo_name FROM egress_ip", check_helo, err) &&
	       check_rows(db, check, "SELECT 0, '', zone || ' ' || code, code FROM blocklist_code",
			  check_code, err) &&
	       check_rows(
		   db, check,
		   "SELECT 0, '', zone FROM blocklist WHERE enabled AND NOT ipv4 AND NOT ipv6",
		   check_families, err) &&
	       check_rows(
		   db, check,
		   "SELECT k.id, ifnull(t.name, ''), k.selector || '._domainkey.' || k.domain,"
		   " d.id IS NULL, k.sealed IS NOT NULL AND k.sealed_under <>"
		   " (SELECT sealed_under FROM dkim_key ORDER BY id DESC LIMIT 1)"
		   " FROM dkim_key k LEFT JOIN domain d ON d.name = k.domain"
		   " LEFT JOIN tenant t ON t.id = d.tenant_id",
		   check_dkim_key, err) &&
	       check_rows(
		   db, check,
		   "SELECT s.tenant_id, ifnull(t.name, ''), s.value, s.name, s.tenant_id <> 0 AND"
		   " t.id IS NULL, s.value <> '' AND s.value NOT IN (SELECT name FROM egress_group)"
		   " FROM setting s LEFT JOIN tenant t ON t.id = s.tenant_id",
		   check_setting, err);
}

/* A finding about the file as a whole. */
static void report_file(struct check *check, const char *field, const struct error *problem,
			const char *mend)
{
	struct db_finding finding = {"", 0, "", field, "", problem->text, mend};

	report(check, &finding);
}

bool db_check(struct db *db,
	      void (*report_finding)(const struct db_finding *finding, void *context),
	      void *context, size_t *findings_r, struct error *err)
{
	struct check check = {report_finding, context, 0};
	struct error problem;

	if (!db_integrity(db, &problem))
		report_file(&check, "integrity", &problem, "restore a backup");
	else if (!check_tables(db, &check, err))
		return false;
	else if (!relay_index_verify(db, &problem))
		report_file(&check, "relay_block", &problem, "run `easymailctl db reindex`");
	*findings_r = check.findings;
	return true;
}
