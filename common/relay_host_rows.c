/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of table relay_host, each change followed by indexing. */
#include "common/relay_host_rows.h"
#include "common/relay_index.h"
#include "common/text_rule.h"
#include <string.h>

#define COLUMNS                                                                       \
	"SELECT h.id, h.tenant_id, ifnull(t.name, ''), h.network, h.shared,"          \
	" h.lo IS NULL AND h.fault IS NULL, ifnull(h.fault, ''), h.created, h.stream" \
	" FROM relay_host h LEFT JOIN tenant t ON t.id = h.tenant_id"

static void read_row(struct db_query *query, struct relay_host_row *row_r)
{
	row_r->id = db_int(query, 0);
	row_r->tenant_id = db_int(query, 1);
	text_rule_copy(row_r->tenant, sizeof(row_r->tenant), db_text(query, 2));
	text_rule_copy(row_r->network, sizeof(row_r->network), db_text(query, 3));
	row_r->shared = db_int(query, 4) == 1;
	row_r->pending = db_int(query, 5) == 1;
	text_rule_copy(row_r->fault, sizeof(row_r->fault), db_text(query, 6));
	text_rule_copy(row_r->created, sizeof(row_r->created), db_text(query, 7));
	if (egress_stream_parse(db_text(query, 8), &row_r->stream) != FOUND_ONE)
		row_r->stream = WAY_CORPORATE;
}

static bool canonical(const char *network, char text_r[IP_RANGE_TEXT_SIZE], struct error *err)
{
	struct ip_range range;

	if (!ip_range_parse(network, &range, err))
		return error_prefix(err, "network: ");
	ip_range_format(&range, text_r);
	return true;
}

/* The tenant's row of a network as stored. */
static enum found find_stored(struct db *db, int64_t tenant_id, const char *network,
			      struct relay_host_row *row_r, struct error *err)
{
	struct db_query *query =
	    db_query(db, COLUMNS " WHERE h.network = ?1 AND h.tenant_id = ?2", err);
	enum found found;

	if (!query)
		return FOUND_ERROR;
	db_bind_text(query, 1, network);
	db_bind_int(query, 2, tenant_id);
	found = db_step(query, err);
	if (found == FOUND_ONE)
		read_row(query, row_r);
	db_reset(query);
	return found;
}

/* As given first: plain SQL may have stored a spelling, or nonsense, that is to be deleted now. */
enum found relay_host_rows_find(struct db *db, const char *tenant, const char *network,
				struct relay_host_row *row_r, struct error *err)
{
	char text[IP_RANGE_TEXT_SIZE];
	struct tenant_row owner;
	enum found found;

	if (!tenants_get(db, tenant, &owner, err))
		return FOUND_ERROR;
	found = find_stored(db, owner.id, network, row_r, err);
	if (found != FOUND_NONE)
		return found;
	if (!canonical(network, text, err))
		return FOUND_ERROR;
	return find_stored(db, owner.id, text, row_r, err);
}

static bool get_row(struct db *db, const char *tenant, const char *network,
		    struct relay_host_row *row_r, struct error *err)
{
	switch (relay_host_rows_find(db, tenant, network, row_r, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return error_set(
		    err, "network: tenant %s has no '%.60s'; `easymailctl host list` shows them",
		    tenant, network);
	case FOUND_ONE:
		break;
	}
	return true;
}

/* Another tenant's row of the same network that is not shared, or this one is not. */
static bool check_same(struct db *db, const struct relay_host_row *row, struct error *err)
{
	struct relay_host_row other;
	enum found found;
	struct db_query *query = db_query(db,
					  COLUMNS " WHERE h.network = ?1 AND h.tenant_id <> ?2"
						  " AND h.shared IN (0, ?3) LIMIT 1",
					  err);

	if (!query)
		return false;
	db_bind_text(query, 1, row->network);
	db_bind_int(query, 2, row->tenant_id);
	db_bind_int(query, 3, row->shared ? 0 : 1);
	found = db_step(query, err);
	if (found == FOUND_ONE)
		read_row(query, &other);
	db_reset(query);
	if (found == FOUND_ONE)
		return error_set(
		    err,
		    "network: '%s' overlaps %s of tenant %s; delete one of them, or set "
		    "shared = 1 in both",
		    row->network, other.network, other.tenant);
	return found == FOUND_NONE;
}

/* Indexes what waits, then looks whether the row counts. */
static bool index_row(struct db *db, const struct relay_host_row *row, struct error *err)
{
	struct relay_host_row now;
	size_t done;

	if (!relay_index_pending(db, SIZE_MAX, &done, err))
		return false;
	switch (find_stored(db, row->tenant_id, row->network, &now, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return error_set(err, "network: '%s' is gone", row->network);
	case FOUND_ONE:
		break;
	}
	return !*now.fault || error_set(err, "network: '%s' %s", row->network, now.fault);
}

static bool insert_row(struct db *db, const struct relay_host_row *row, struct error *err)
{
	struct db_query *query = db_query(
	    db, "INSERT INTO relay_host (tenant_id, network, shared) VALUES (?1, ?2, ?3)", err);

	if (!query)
		return false;
	db_bind_int(query, 1, row->tenant_id);
	db_bind_text(query, 2, row->network);
	db_bind_int(query, 3, row->shared);
	return db_run(query, err);
}

bool relay_host_rows_add(struct db *db, const char *tenant, const char *network, bool shared,
			 char *network_r, struct error *err)
{
	struct relay_host_row row = {.shared = shared}, old;
	struct tenant_row owner;
	size_t done;

	/* What waits came first. */
	if (!tenants_get(db, tenant, &owner, err) || !canonical(network, row.network, err) ||
	    !relay_index_pending(db, SIZE_MAX, &done, err))
		return false;
	row.tenant_id = owner.id;
	switch (find_stored(db, owner.id, row.network, &old, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_ONE:
		return error_set(err, "network: tenant %s has %s already", tenant, row.network);
	case FOUND_NONE:
		break;
	}
	if (!check_same(db, &row, err) || !insert_row(db, &row, err) || !index_row(db, &row, err))
		return false;
	if (network_r)
		text_rule_copy(network_r, IP_RANGE_TEXT_SIZE, row.network);
	return true;
}

bool relay_host_rows_list(struct db *db, const char *tenant,
			  void (*each)(const struct relay_host_row *row, void *context),
			  void *context, struct error *err)
{
	struct relay_host_row row;
	struct tenant_row owner = {0};
	struct db_query *query;
	enum found found;

	if (tenant && !tenants_get(db, tenant, &owner, err))
		return false;
	if (tenant)
		query = db_query(db, COLUMNS " WHERE h.tenant_id = ?1 ORDER BY h.network", err);
	else
		query = db_query(db, COLUMNS " ORDER BY t.name, h.network", err);
	if (!query)
		return false;
	if (tenant)
		db_bind_int(query, 1, owner.id);
	while ((found = db_step(query, err)) == FOUND_ONE) {
		read_row(query, &row);
		each(&row, context);
	}
	return found == FOUND_NONE;
}

struct cover {
	const struct ip *ip;
	void (*each)(const struct relay_host_row *row, void *context);
	void *context;
};

static void each_covering(const struct relay_host_row *row, void *context)
{
	const struct cover *cover = context;
	struct ip_range range;
	struct error unparsed;

	if (ip_range_parse(row->network, &range, &unparsed) && ip_range_contains(&range, cover->ip))
		cover->each(row, cover->context);
}

bool relay_host_rows_covering(struct db *db, const struct ip *ip,
			      void (*each)(const struct relay_host_row *row, void *context),
			      void *context, struct error *err)
{
	struct cover cover = {ip, each, context};

	return relay_host_rows_list(db, NULL, each_covering, &cover, err);
}

bool relay_host_rows_set_shared(struct db *db, const char *tenant, const char *network, bool shared,
				struct error *err)
{
	struct relay_host_row row;
	struct db_query *query;

	if (!get_row(db, tenant, network, &row, err))
		return false;
	row.shared = shared;
	query = db_query(db, "UPDATE relay_host SET shared = ?2 WHERE id = ?1", err);
	if (!query || !check_same(db, &row, err))
		return false;
	db_bind_int(query, 1, row.id);
	db_bind_int(query, 2, shared);
	return db_run(query, err) && index_row(db, &row, err);
}

bool relay_host_rows_set_stream(struct db *db, const char *tenant, const char *network,
				enum egress_way stream, struct error *err)
{
	struct relay_host_row row;
	struct db_query *query;

	if (!get_row(db, tenant, network, &row, err))
		return false;
	query = db_query(db, "UPDATE relay_host SET stream = ?2 WHERE id = ?1", err);
	if (!query)
		return false;
	db_bind_int(query, 1, row.id);
	db_bind_text(query, 2, egress_way_name(stream));
	return db_run(query, err);
}

bool relay_host_rows_delete(struct db *db, const char *tenant, const char *network,
			    struct error *err)
{
	struct relay_host_row row;
	struct db_query *query;
	size_t done;

	if (!get_row(db, tenant, network, &row, err))
		return false;
	query = db_query(db, "DELETE FROM relay_host WHERE id = ?1", err);
	if (!query)
		return false;
	db_bind_int(query, 1, row.id);
	return db_run(query, err) && relay_index_pending(db, SIZE_MAX, &done, err);
}
