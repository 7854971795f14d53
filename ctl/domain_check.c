/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl domain check: SPF, DKIM and DMARC of a domain as the world sees them. */
#include "common/domain_check.h"
#include "common/domains.h"
#include "common/egress_ips.h"
#include "common/setting_rows.h"
#include "ctl/domain_report.h"
#include "ctl/nouns.h"
#include "ctl/resolver.h"
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

/* Everything that the database knows for the check, which ctl->context then points at. */
static bool gather(struct ctl *ctl, struct db *db, struct error *err)
{
	const char *given = ctl_argument(ctl, 0);
	struct domain_row owner;
	struct setting_row include;
	struct domain_check *check;
	char domain[DOMAIN_SIZE];

	if (!domain_normalize(given, strlen(given), domain, err) ||
	    !find_owner(db, domain, &owner, err) ||
	    !setting_rows_get(db, NULL, "spf.include", &include, err))
		return false;
	check = domain_check_new(domain, include.value);
	ctl->context = check;
	return add_keys(db, &owner, check, err) && add_sources(db, &owner, check, err);
}

static bool look(struct ctl *ctl, struct domain_check *check, struct error *err)
{
	struct public_suffixes *suffixes;
	struct dns *dns;

	if (!public_suffixes_new(&suffixes, err))
		return false;
	if (!resolver_new(ctl, &dns, err)) {
		public_suffixes_free(suffixes);
		return false;
	}
	domain_check_run(dns, suffixes, check);
	dns_free(dns);
	public_suffixes_free(suffixes);
	return true;
}

bool ctl_domain_check(struct ctl *ctl, struct error *err)
{
	struct domain_check *check;
	bool done = ctl_read(ctl, gather, err);

	check = ctl->context;
	done = done && look(ctl, check, err);
	if (done) {
		domain_report(ctl, check);
		ctl->findings = check->spf != DOMAIN_GOOD || check->dkim != DOMAIN_GOOD ||
				check->dmarc != DOMAIN_GOOD;
	}
	domain_check_free(check);
	return done;
}
