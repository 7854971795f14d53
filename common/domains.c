/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of table domain. */
#include "common/domains.h"
#include "common/db.h"
#include "common/text_rule.h"
#include <string.h>

#define COLUMNS                                                                                   \
	"SELECT d.id, d.tenant_id, ifnull(t.name, ''), d.name, d.subdomains, d.created, d.stream" \
	" FROM domain d LEFT JOIN tenant t ON t.id = d.tenant_id"

static void read_domain(struct db_query *query, struct domain_row *row_r)
{
	row_r->id = db_int(query, 0);
	row_r->tenant_id = db_int(query, 1);
	text_rule_copy(row_r->tenant, sizeof(row_r->tenant), db_text(query, 2));
	text_rule_copy(row_r->name, sizeof(row_r->name), db_text(query, 3));
	row_r->subdomains = db_int(query, 4) == 1;
	text_rule_copy(row_r->created, sizeof(row_r->created), db_text(query, 5));
	if (egress_stream_parse(db_text(query, 6), &row_r->stream) != FOUND_ONE)
		row_r->stream = WAY_CORPORATE;
}

/* Runs a query with one text for at most one row. */
static enum found step_one(struct db_query *query, const char *name, struct domain_row *row_r,
			   struct error *err)
{
	enum found found;

	if (!query)
		return FOUND_ERROR;
	db_bind_text(query, 1, name);
	found = db_step(query, err);
	if (found == FOUND_ONE)
		read_domain(query, row_r);
	db_reset(query);
	return found;
}

static enum found find_normalized(struct db *db, const char *name, struct domain_row *row_r,
				  struct error *err)
{
	return step_one(db_query(db, COLUMNS " WHERE d.name = ?1", err), name, row_r, err);
}

/* The nearest above the name that covers its subdomains. */
static enum found find_cover(struct db *db, const char *name, struct domain_row *row_r,
			     struct error *err)
{
	const char *parent = domain_parent(name);
	enum found found = FOUND_NONE;

	for (; found == FOUND_NONE && parent; parent = domain_parent(parent))
		found =
		    step_one(db_query(db, COLUMNS " WHERE d.name = ?1 AND d.subdomains = 1", err),
			     parent, row_r, err);
	return found;
}

enum found domains_find(struct db *db, const char *domain, struct domain_row *row_r,
			struct error *err)
{
	char name[DOMAIN_SIZE];

	if (!domain_normalize(domain, strlen(domain), name, err))
		return FOUND_ERROR;
	return find_normalized(db, name, row_r, err);
}

enum found domains_owner(struct db *db, const char *domain, struct domain_row *row_r,
			 struct error *err)
{
	char name[DOMAIN_SIZE];
	enum found found;

	if (!domain_normalize(domain, strlen(domain), name, err))
		return FOUND_ERROR;
	found = find_normalized(db, name, row_r, err);
	return found == FOUND_NONE ? find_cover(db, name, row_r, err) : found;
}

/* A domain of another tenant below the name. */
static enum found find_foreign_below(struct db *db, const char *name, int64_t tenant_id,
				     struct domain_row *row_r, struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     COLUMNS " JOIN domain_ancestor a ON a.domain_id = d.id"
			     " WHERE a.ancestor = ?1 AND d.tenant_id <> ?2 LIMIT 1",
		     err);

	if (!query)
		return FOUND_ERROR;
	db_bind_int(query, 2, tenant_id);
	return step_one(query, name, row_r, err);
}

/* May the tenant have the name? What the triggers refuse too, but naming the other tenant. */
static bool check_claim(struct db *db, const char *name, int64_t tenant_id, bool subdomains,
			struct error *err)
{
	struct domain_row other;
	enum found found = find_cover(db, name, &other, err);

	if (found == FOUND_ONE && other.tenant_id != tenant_id)
		return error_set(err,
				 "domain: '%s' lies below %s of tenant %s, which covers its "
				 "subdomains; unset that there first",
				 name, other.name, other.tenant);
	if (found == FOUND_ERROR)
		return false;
	found = subdomains ? find_foreign_below(db, name, tenant_id, &other, err) : FOUND_NONE;
	if (found == FOUND_ONE)
		return error_set(
		    err,
		    "subdomains: '%s' cannot cover its subdomains, %s belongs to tenant "
		    "%s; delete it there first",
		    name, other.name, other.tenant);
	return found == FOUND_NONE;
}

static bool insert_domain(struct db *db, const char *name, int64_t tenant_id, bool subdomains,
			  struct error *err)
{
	struct db_query *query = db_query(
	    db, "INSERT INTO domain (tenant_id, name, subdomains) VALUES (?1, ?2, ?3)", err);

	if (!query)
		return false;
	db_bind_int(query, 1, tenant_id);
	db_bind_text(query, 2, name);
	db_bind_int(query, 3, subdomains);
	return db_run(query, err);
}

bool domains_add(struct db *db, const char *tenant, const char *domain, bool subdomains,
		 char name_r[DOMAIN_SIZE], struct error *err)
{
	char name[DOMAIN_SIZE];
	struct tenant_row owner;
	struct domain_row old;

	if (!tenants_get(db, tenant, &owner, err) ||
	    !domain_normalize(domain, strlen(domain), name, err))
		return false;
	switch (find_normalized(db, name, &old, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_ONE:
		return error_set(
		    err, "domain: '%s' belongs to tenant %s already%s", name, old.tenant,
		    old.tenant_id == owner.id ? "" : "; delete or move it there first");
	case FOUND_NONE:
		break;
	}
	if (!check_claim(db, name, owner.id, subdomains, err) ||
	    !insert_domain(db, name, owner.id, subdomains, err))
		return false;
	if (name_r)
		memcpy(name_r, name, sizeof(name));
	return true;
}

/* All rows of a query. */
static bool list_rows(struct db_query *query,
		      void (*each)(const struct domain_row *row, void *context), void *context,
		      struct error *err)
{
	struct domain_row row;
	enum found found;

	while ((found = db_step(query, err)) == FOUND_ONE) {
		read_domain(query, &row);
		each(&row, context);
	}
	return found == FOUND_NONE;
}

bool domains_list(struct db *db, const char *tenant,
		  void (*each)(const struct domain_row *row, void *context), void *context,
		  struct error *err)
{
	struct tenant_row owner;
	struct db_query *query;

	if (tenant && !tenants_get(db, tenant, &owner, err))
		return false;
	if (tenant)
		query = db_query(db, COLUMNS " WHERE d.tenant_id = ?1 ORDER BY d.name", err);
	else
		query = db_query(db, COLUMNS " ORDER BY d.name", err);
	if (!query)
		return false;
	if (tenant)
		db_bind_int(query, 1, owner.id);
	return list_rows(query, each, context, err);
}

static bool get_domain(struct db *db, const char *domain, struct domain_row *row_r,
		       struct error *err)
{
	switch (domains_find(db, domain, row_r, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return error_set(
		    err, "domain: there is no '%.260s'; `easymailctl domain list` shows them",
		    domain);
	case FOUND_ONE:
		break;
	}
	return true;
}

/* Runs a change of one row: ?1 is its id, ?2 (unless negative) a number. */
static bool change_row(struct db_query *query, int64_t id, int64_t number, struct error *err)
{
	if (!query)
		return false;
	db_bind_int(query, 1, id);
	if (number >= 0)
		db_bind_int(query, 2, number);
	return db_run(query, err);
}

bool domains_set_subdomains(struct db *db, const char *domain, bool subdomains, struct error *err)
{
	struct domain_row row;

	if (!get_domain(db, domain, &row, err) ||
	    !check_claim(db, row.name, row.tenant_id, subdomains, err))
		return false;
	return change_row(db_query(db, "UPDATE domain SET subdomains = ?2 WHERE id = ?1", err),
			  row.id, subdomains, err);
}

bool domains_set_stream(struct db *db, const char *domain, enum egress_way stream,
			struct error *err)
{
	struct domain_row row;

	return get_domain(db, domain, &row, err) &&
	       change_row(db_query(db,
				   "UPDATE domain SET stream = iif(?2, 'bulk', 'corporate')"
				   " WHERE id = ?1",
				   err),
			  row.id, stream == WAY_BULK, err);
}

bool domains_move(struct db *db, const char *domain, const char *to_tenant, struct error *err)
{
	struct tenant_row to;
	struct domain_row row;

	if (!get_domain(db, domain, &row, err) || !tenants_get(db, to_tenant, &to, err) ||
	    !check_claim(db, row.name, to.id, row.subdomains, err))
		return false;
	return change_row(db_query(db,
				   "UPDATE domain SET tenant_id = ?2"
				   " WHERE id = ?1",
				   err),
			  row.id, to.id, err);
}

bool domains_delete(struct db *db, const char *domain, struct error *err)
{
	struct domain_row row;

	return get_domain(db, domain, &row, err) &&
	       change_row(db_query(db, "DELETE FROM domain WHERE id = ?1", err), row.id, -1, err);
}
