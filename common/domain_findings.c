/* SPDX-License-Identifier: BSD-2-Clause */
/* Gathering for checks, and rows of domain_finding. */
#include "common/domain_findings.h"
#include "common/db.h"
#include "common/domains.h"
#include "common/egress_ips.h"
#include "common/setting_rows.h"
#include "common/text_rule.h"
#include <stdio.h>
#include <string.h>

static void add_key(const struct dkim_key_row *row, void *context)
{
	if (row->state != DKIM_KEY_RETIRED)
		domain_check_add_key(context, row);
}

/* The keys that sign for the domain: its own, or those of the nearest above it that covers it. */
static bool add_keys(struct db *db, const struct domain_row *owner, struct domain_check *check,
		     struct error *err)
{
	const char *name = check->domain;

	for (; name && check->key_count == 0; name = domain_parent(name)) {
		struct domain_row row;
		enum found found =
		    domain_parent(name) ? domains_find(db, name, &row, err) : FOUND_NONE;

		if (found == FOUND_ERROR)
			return false;
		if (found == FOUND_NONE || row.tenant_id != owner->tenant_id ||
		    (name != check->domain && !row.subdomains))
			continue;
		if (!dkim_key_rows_list(db, name, add_key, check, err))
			return false;
	}
	return true;
}

static void add_source(const struct egress_ip_row *row, void *context)
{
	domain_check_add_source(context, &row->ip.address, row->helo_name);
}

/* The addresses of the tenant's egress group, or of the provider's; of a domain in the bulk stream those for bulk mail. */
static bool add_sources(struct db *db, const struct domain_row *owner, struct domain_check *check,
			struct error *err)
{
	bool is_bulk = owner->stream == WAY_BULK;
	struct tenant_row tenant;
	struct setting_row group;

	if (!tenants_get(db, owner->tenant, &tenant, err))
		return false;
	if (!is_bulk && tenant.egress_group[0])
		return egress_ips_list(db, tenant.egress_group, add_source, check, err);
	if (!setting_rows_get(db, is_bulk ? owner->tenant : NULL,
			      is_bulk ? "bulk.egress_group" : "egress.default_group", &group, err))
		return false;
	return !group.value[0] || egress_ips_list(db, group.value, add_source, check, err);
}

static bool find_owner(struct db *db, const char *domain, struct domain_row *owner_r,
		       struct error *err)
{
	switch (domains_owner(db, domain, owner_r, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return error_set(
		    err, "domain: %.260s is no tenant's; add it with `easymailctl domain add`",
		    domain);
	case FOUND_ONE:
		break;
	}
	return true;
}

bool domain_check_gather(struct db *db, const char *domain, struct domain_check **check_r,
			 struct error *err)
{
	struct domain_row owner;
	struct setting_row include;

	*check_r = NULL;
	if (!find_owner(db, domain, &owner, err) ||
	    !setting_rows_get(db, NULL, "spf.include", &include, err))
		return false;
	*check_r = domain_check_new(domain, include.value);
	return add_keys(db, &owner, *check_r, err) && add_sources(db, &owner, *check_r, err);
}

static enum found read_domain(struct db_query *query, char domain_r[DOMAIN_SIZE], int64_t *id,
			      struct error *err)
{
	enum found found = query ? db_step(query, err) : FOUND_ERROR;

	if (found == FOUND_ONE) {
		text_rule_copy(domain_r, DOMAIN_SIZE, db_text(query, 0));
		*id = db_int(query, 1);
	}
	if (query)
		db_reset(query);
	return found;
}

enum found domain_findings_next(struct db *db, int64_t age_s, int64_t *after,
				char domain_r[DOMAIN_SIZE], struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "SELECT name, id FROM domain WHERE id > ?1 AND NOT EXISTS (SELECT 1 FROM"
		     " domain_finding WHERE domain = name) ORDER BY id LIMIT 1",
		     err);
	enum found found;
	int64_t unused;

	if (query)
		db_bind_int(query, 1, *after);
	found = read_domain(query, domain_r, after, err);
	if (found != FOUND_NONE)
		return found;
	query = db_query(db,
			 "SELECT domain, 0 FROM domain_finding WHERE checked <="
			 " strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-' || ?1 || ' seconds')"
			 " ORDER BY checked LIMIT 1",
			 err);
	if (query)
		db_bind_int(query, 1, age_s);
	return read_domain(query, domain_r, &unused, err);
}

/* The details of what is not good, each after its name. */
static void make_detail(const struct domain_check *check, char *detail_r, size_t size)
{
	const struct {
		const char *name, *detail;
		enum domain_health health;
	} parts[] = {{"SPF", check->spf_detail, check->spf},
		     {"DKIM", check->dkim_detail, check->dkim},
		     {"DMARC", check->dmarc_detail, check->dmarc}};
	size_t used = 0;

	detail_r[0] = '\0';
	for (size_t i = 0; i < 3; i++) {
		if (parts[i].health != DOMAIN_GOOD && used < size)
			used +=
			    (size_t)snprintf(detail_r + used, size - used, "%s%s: %.150s",
					     used > 0 ? "; " : "", parts[i].name, parts[i].detail);
	}
}

/* Is what the row has the same? None is another. */
static enum found is_same(struct db *db, const struct domain_check *check, struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "SELECT 1 FROM domain_finding WHERE domain = ?1 AND spf = ?2 AND dkim = ?3"
		     " AND dmarc = ?4",
		     err);
	enum found found;

	if (!query)
		return FOUND_ERROR;
	db_bind_text(query, 1, check->domain);
	db_bind_text(query, 2, domain_health_name(check->spf));
	db_bind_text(query, 3, domain_health_name(check->dkim));
	db_bind_text(query, 4, domain_health_name(check->dmarc));
	found = db_step(query, err);
	db_reset(query);
	return found;
}

bool domain_findings_put(struct db *db, const struct domain_check *check, bool *changed_r,
			 struct error *err)
{
	enum found same = is_same(db, check, err);
	char detail[sizeof(((struct domain_finding *)0)->detail)];
	struct db_query *query =
	    db_query(db,
		     "INSERT INTO domain_finding (domain, spf, dkim, dmarc, detail, since, checked)"
		     " SELECT ?1, ?2, ?3, ?4, ?5, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),"
		     " strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"
		     " WHERE EXISTS (SELECT 1 FROM domain WHERE name = ?1)"
		     " ON CONFLICT (domain) DO UPDATE SET spf = ?2, dkim = ?3, dmarc = ?4,"
		     " detail = ?5, since = iif(?6, since, excluded.since), checked ="
		     " excluded.checked",
		     err);

	if (same == FOUND_ERROR || !query)
		return false;
	make_detail(check, detail, sizeof(detail));
	db_bind_text(query, 1, check->domain);
	db_bind_text(query, 2, domain_health_name(check->spf));
	db_bind_text(query, 3, domain_health_name(check->dkim));
	db_bind_text(query, 4, domain_health_name(check->dmarc));
	db_bind_text(query, 5, detail);
	db_bind_int(query, 6, same == FOUND_ONE);
	*changed_r = same == FOUND_NONE;
	return db_run(query, err);
}

static void read_finding(struct db_query *query, struct domain_finding *finding_r)
{
	text_rule_copy(finding_r->domain, sizeof(finding_r->domain), db_text(query, 0));
	text_rule_copy(finding_r->tenant, sizeof(finding_r->tenant), db_text(query, 1));
	text_rule_copy(finding_r->spf, sizeof(finding_r->spf), db_text(query, 2));
	text_rule_copy(finding_r->dkim, sizeof(finding_r->dkim), db_text(query, 3));
	text_rule_copy(finding_r->dmarc, sizeof(finding_r->dmarc), db_text(query, 4));
	text_rule_copy(finding_r->detail, sizeof(finding_r->detail), db_text(query, 5));
	text_rule_copy(finding_r->since, sizeof(finding_r->since), db_text(query, 6));
	text_rule_copy(finding_r->checked, sizeof(finding_r->checked), db_text(query, 7));
}

bool domain_findings_list(struct db *db, const char *tenant, bool only_bad,
			  void (*each)(const struct domain_finding *finding, void *context),
			  void *context, struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "SELECT f.domain, t.name, f.spf, f.dkim, f.dmarc, f.detail, f.since, f.checked"
		     " FROM domain_finding f JOIN domain d ON d.name = f.domain"
		     " JOIN tenant t ON t.id = d.tenant_id WHERE (?1 IS NULL OR t.name = ?1)"
		     " AND (?2 = 0 OR f.spf <> 'good' OR f.dkim <> 'good' OR f.dmarc <> 'good')"
		     " ORDER BY f.domain",
		     err);
	struct domain_finding finding;
	enum found found;

	if (!query)
		return false;
	if (tenant)
		db_bind_text(query, 1, tenant);
	db_bind_int(query, 2, only_bad);
	while ((found = db_step(query, err)) == FOUND_ONE) {
		read_finding(query, &finding);
		each(&finding, context);
	}
	return found == FOUND_NONE;
}
