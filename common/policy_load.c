/* SPDX-License-Identifier: BSD-2-Clause */
/* A tenant's policy: read, held, released, asked. */
#include "common/policy_load.h"
#include "common/policy_read.h"
#include "common/text_rule.h"
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The count shares a cache line with what is read first of the policy. */
struct shared_policy {
	_Alignas(64) atomic_uint references;
	struct policy policy;
	char *texts[SETTING_COUNT]; /* what settings[].text points at */
};

struct policy_domain {
	const char *name;
	bool subdomains;
	bool bulk;
};

/* Sorted by name; the names are behind the array. */
struct policy_domains {
	size_t count;
	struct policy_domain items[];
};

static struct shared_policy *shared(struct policy *policy)
{
	return (struct shared_policy *)(void *)((char *)policy -
						offsetof(struct shared_policy, policy));
}

struct policy *policy_hold(struct policy *policy)
{
	atomic_fetch_add_explicit(&shared(policy)->references, 1, memory_order_relaxed);
	return policy;
}

static void policy_free(struct policy *policy)
{
	size_t i;

	for (i = 0; i < SETTING_COUNT; i++)
		free(shared(policy)->texts[i]);
	for (i = 0; i < EGRESS_WAYS; i++)
		egress_set_free(policy->ways[i].egress);
	free(policy->domains);
	free(shared(policy));
}

void policy_release(struct policy *policy)
{
	if (policy &&
	    atomic_fetch_sub_explicit(&shared(policy)->references, 1, memory_order_acq_rel) == 1)
		policy_free(policy);
}

static int compare_domain(const void *name, const void *item)
{
	return strcmp(name, ((const struct policy_domain *)item)->name);
}

static const struct policy_domain *find_domain(const struct policy_domains *domains,
					       const char *name)
{
	return bsearch(name, domains->items, domains->count, sizeof(domains->items[0]),
		       compare_domain);
}

/* The one that makes the domain the tenant's: itself, or one above that covers subdomains. NULL: none. */
static const struct policy_domain *covering_domain(const struct policy *policy, const char *domain)
{
	const struct policy_domain *item = find_domain(policy->domains, domain);

	while (!item && (domain = domain_parent(domain))) {
		item = find_domain(policy->domains, domain);
		if (item && !item->subdomains)
			item = NULL;
	}
	return item;
}

bool policy_owns_domain(const struct policy *policy, const char *domain)
{
	return covering_domain(policy, domain) != NULL;
}

bool policy_domain_is_bulk(const struct policy *policy, const char *domain)
{
	const struct policy_domain *item = covering_domain(policy, domain);

	return item && item->bulk;
}

static void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		abort();
	return memory;
}

static struct policy *policy_new(void)
{
	struct shared_policy *new = aligned_alloc(_Alignof(struct shared_policy), sizeof(*new));

	if (!new)
		abort();
	memset(new, 0, sizeof(*new));
	atomic_init(&new->references, 1);
	return &new->policy;
}

/* A statement with one number bound; NULL on error. */
static struct db_query *query_id(struct db *db, const char *sql, int64_t id, struct error *err)
{
	struct db_query *query = db_query(db, sql, err);

	if (query)
		db_bind_int(query, 1, id);
	return query;
}

static bool load_tenant(struct db *db, struct policy *policy, struct error *err)
{
	struct db_query *query = query_id(db,
					  "SELECT t.name, t.state, ifnull(g.name, '') FROM tenant t"
					  " LEFT JOIN egress_group g ON g.id = t.egress_group_id"
					  " WHERE t.id = ?1",
					  policy->tenant_id, err);
	enum found found = query ? db_step(query, err) : FOUND_ERROR;
	bool done = true;

	if (found == FOUND_ERROR)
		return false;
	if (found == FOUND_NONE)
		return error_set(err,
				 "tenant %lld: has domains or relay hosts but is not there; run "
				 "`easymailctl db check`",
				 (long long)policy->tenant_id);
	text_rule_copy(policy->tenant, NAME_SIZE, db_text(query, 0));
	text_rule_copy(policy->ways[WAY_CORPORATE].group, NAME_SIZE, db_text(query, 2));
	if (!tenant_state_parse(db_text(query, 1), &policy->state))
		done = error_set(err, "tenant %s: state '%s' is none that there is; set one",
				 policy->tenant, db_text(query, 1));
	db_reset(query);
	return done;
}

static char *copy_text(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		abort();
	return copy;
}

/* Notes the row's text unless a closer one is there: the tenant's rows come first. */
static void note_setting(struct db_query *query, char *texts[SETTING_COUNT])
{
	enum setting_id id;

	if (setting_by_name(db_text(query, 1), &id) != FOUND_ONE || texts[id])
		return;
	if (db_int(query, 0) == 0 || setting_definitions[id].per_tenant)
		texts[id] = copy_text(db_text(query, 2));
}

static bool load_settings(struct db *db, struct policy *policy, struct error *err)
{
	char **texts = shared(policy)->texts;
	struct db_query *query = query_id(db,
					  "SELECT tenant_id, name, value FROM setting"
					  " WHERE tenant_id IN (0, ?1) ORDER BY tenant_id DESC",
					  policy->tenant_id, err);
	enum found found;
	int id;

	if (!query)
		return false;
	while ((found = db_step(query, err)) == FOUND_ONE)
		note_setting(query, texts);
	for (id = 0; found == FOUND_NONE && id < SETTING_COUNT; id++) {
		const char *text = texts[id] ? texts[id] : setting_definitions[id].fallback;

		if (!setting_parse((enum setting_id)id, text, &policy->settings[id], err))
			return error_prefix(err, "tenant %s: ", policy->tenant);
	}
	return found == FOUND_NONE;
}

static bool count_domains(struct db *db, int64_t tenant_id, int64_t *count_r, int64_t *octets_r,
			  struct error *err)
{
	struct db_query *query =
	    query_id(db,
		     "SELECT count(*), ifnull(sum(length(CAST(name AS BLOB)) + 1),"
		     " 0) FROM domain WHERE tenant_id = ?1",
		     tenant_id, err);

	if (!query || db_step(query, err) != FOUND_ONE)
		return false;
	*count_r = db_int(query, 0);
	*octets_r = db_int(query, 1);
	db_reset(query);
	return true;
}

static bool load_domains(struct db *db, struct policy *policy, struct error *err)
{
	struct policy_domains *domains;
	int64_t count, octets;
	enum found found;
	struct db_query *query;
	size_t length;
	char *names;

	if (!count_domains(db, policy->tenant_id, &count, &octets, err) ||
	    !(query = query_id(db,
			       "SELECT name, subdomains, stream = 'bulk' FROM domain"
			       " WHERE tenant_id = ?1"
			       " ORDER BY name",
			       policy->tenant_id, err)))
		return false;
	domains =
	    allocate(sizeof(*domains) + (size_t)count * sizeof(domains->items[0]) + (size_t)octets);
	policy->domains = domains;
	names = (char *)&domains->items[count];
	while ((found = db_step(query, err)) == FOUND_ONE) {
		length = strlen(db_text(query, 0)) + 1;
		memcpy(names, db_text(query, 0), length);
		domains->items[domains->count++] =
		    (struct policy_domain){names, db_int(query, 1) == 1, db_int(query, 2) == 1};
		names += length;
	}
	return found == FOUND_NONE;
}

/* False: the row cannot be read and does not count. */
static bool read_egress(struct db_query *query, struct egress_ip *ip_r)
{
	struct error unparsed;
	int64_t weight = db_int(query, 1);

	ip_r->weight = (unsigned)weight;
	ip_r->spent = db_int(query, 3) == 1;
	ip_r->reserve = db_int(query, 4) == 1;
	return ip_parse(db_text(query, 0), &ip_r->address, &unparsed) && weight >= 1 &&
	       weight <= 1000 && egress_state_parse(db_text(query, 2), &ip_r->state);
}

static struct db_query *query_egress(struct db *db, const char *group, struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "SELECT i.address, i.weight, i.state, i.spent, g.name <> ?1"
		     " FROM egress_group g JOIN egress_ip i ON i.egress_group_id = g.id"
		     " WHERE ?1 <> '' AND g.name IN (?1, (SELECT value FROM setting"
		     " WHERE tenant_id = 0 AND name = 'egress.fallback_group' AND NOT EXISTS"
		     " (SELECT 1 FROM setting WHERE name IN ('bulk.egress_group',"
		     " 'antispam.suspect_group') AND value = ?1)))",
		     err);

	if (query)
		db_bind_text(query, 1, group);
	return query;
}

bool policy_load_egress(struct db *db, const char *group, struct egress_set **set_r,
			struct error *err)
{
	struct db_query *query = query_egress(db, group, err);
	struct egress_set *set;
	size_t count = 0;
	enum found found;

	if (!query)
		return false;
	while ((found = db_step(query, err)) == FOUND_ONE)
		count++;
	if (found == FOUND_ERROR || !(query = query_egress(db, group, err)))
		return false;
	set = egress_set_new(count);
	count = 0;
	while ((found = db_step(query, err)) == FOUND_ONE && count < set->count)
		count += read_egress(query, &set->ips[count]);
	set->count = count;
	if (found == FOUND_ERROR) {
		egress_set_free(set);
		return false;
	}
	*set_r = set;
	return true;
}

bool policy_load_default_group(struct db *db, char group_r[NAME_SIZE], struct error *err)
{
	struct db_query *query = db_query(db,
					  "SELECT value FROM setting WHERE tenant_id = 0"
					  " AND name = 'egress.default_group'",
					  err);
	struct setting_value value;
	enum found found = query ? db_step(query, err) : FOUND_ERROR;
	bool done = found != FOUND_ERROR;

	group_r[0] = '\0';
	if (found == FOUND_ONE) {
		done = setting_parse(SETTING_EGRESS_DEFAULT_GROUP, db_text(query, 0), &value, err);
		if (done)
			text_rule_copy(group_r, NAME_SIZE, value.text);
		db_reset(query);
	}
	return done;
}

/* The setting that names the group of a way, for the corporate one when the tenant names none. */
static const enum setting_id group_settings[EGRESS_WAYS] = {
    [WAY_CORPORATE] = SETTING_EGRESS_DEFAULT_GROUP,
    [WAY_BULK] = SETTING_BULK_EGRESS_GROUP,
    [WAY_SUSPECT] = SETTING_ANTISPAM_SUSPECT_GROUP,
};

static bool load_ways(struct db *db, struct policy *policy, struct error *err)
{
	for (size_t i = 0; i < EGRESS_WAYS; i++) {
		struct policy_way *way = &policy->ways[i];

		if (!way->group[0])
			text_rule_copy(way->group, NAME_SIZE,
				       policy->settings[group_settings[i]].text);
		if (!policy_load_egress(db, way->group, &way->egress, err))
			return false;
	}
	return true;
}

static bool load_rules(struct db *db, struct policy *policy, struct error *err)
{
	struct db_query *query = query_id(
	    db, "SELECT tenant_id, generation FROM content_rule_set WHERE tenant_id IN (0, ?1)",
	    policy->tenant_id, err);
	enum found found;

	if (!query)
		return false;
	while ((found = db_step(query, err)) == FOUND_ONE)
		*(db_int(query, 0) == 0 ? &policy->provider_rules : &policy->tenant_rules) =
		    db_int(query, 1);
	return found == FOUND_NONE;
}

static bool load_all(struct db *db, struct policy *policy, struct error *err)
{
	return load_tenant(db, policy, err) && load_settings(db, policy, err) &&
	       load_domains(db, policy, err) && load_rules(db, policy, err) &&
	       load_ways(db, policy, err);
}

bool policy_load(struct db *db, int64_t tenant_id, struct policy **policy_r, struct error *err)
{
	struct policy *policy = policy_new();

	policy->tenant_id = tenant_id;
	if (!load_all(db, policy, err)) {
		policy_release(policy);
		return false;
	}
	*policy_r = policy;
	return true;
}

struct default_egress {
	char *group;
	struct egress_set *set;
};

static bool read_default_egress(struct db *db, void *context, struct error *err)
{
	struct default_egress *egress = context;

	return policy_load_default_group(db, egress->group, err) &&
	       (!egress->group[0] || policy_load_egress(db, egress->group, &egress->set, err));
}

enum found policy_default_egress(struct policy_store *store, char group_r[NAME_SIZE],
				 struct egress_set **set_r, struct error *err)
{
	struct default_egress egress = {group_r, NULL};
	bool done = policy_read(store, read_default_egress, &egress, err);

	*set_r = egress.set;
	if (done)
		return egress.set ? FOUND_ONE : FOUND_NONE;
	egress_set_free(egress.set);
	*set_r = NULL;
	return FOUND_ERROR;
}
