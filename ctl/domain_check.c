/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl domain check: SPF, DKIM and DMARC of a domain as the world sees them. */
#include "common/domain_findings.h"
#include "ctl/domain_report.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include "ctl/resolver.h"
#include <string.h>

/* Everything that the database knows for the check, which ctl->context then points at. */
static bool gather(struct ctl *ctl, struct db *db, struct error *err)
{
	const char *given = ctl_argument(ctl, 0);
	struct domain_check *check;
	char domain[DOMAIN_SIZE];
	bool done;

	if (!domain_normalize(given, strlen(given), domain, err))
		return false;
	done = domain_check_gather(db, domain, &check, err);
	ctl->context = check;
	return done;
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

static void append_finding(const struct domain_finding *finding, void *context)
{
	struct json *object = json_new_object();

	json_put_text(object, "domain", finding->domain);
	json_put_text(object, "tenant", finding->tenant);
	json_put_text(object, "spf", finding->spf);
	json_put_text(object, "dkim", finding->dkim);
	json_put_text(object, "dmarc", finding->dmarc);
	json_put_text(object, "since", finding->since);
	json_put_text(object, "checked", finding->checked);
	json_put_text(object, "detail", finding->detail);
	json_append(context, object);
}

static bool list_findings(struct ctl *ctl, struct db *db, struct error *err)
{
	struct json *rows = json_new_array();

	if (!domain_findings_list(db, ctl_argument(ctl, 0), ctl_option(ctl, "--all") == NULL,
				  append_finding, rows, err)) {
		json_drop(rows);
		return false;
	}
	ctl->findings = json_count(rows) > 0 && ctl_option(ctl, "--all") == NULL;
	output_list(ctl, "domain tenant spf dkim dmarc since checked detail", rows);
	return true;
}

bool ctl_domain_findings(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, list_findings, err);
}
