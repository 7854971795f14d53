/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of tables egress_group and egress_ip. */
#include "common/egress_ips.h"
#include "common/db.h"
#include "common/text_rule.h"
#include <string.h>

#define GROUP_NAME_MAX 40
#define GROUP_COLUMNS                                                                       \
	"SELECT g.id, g.name,"                                                              \
	" (SELECT count(*) FROM egress_ip i WHERE i.egress_group_id = g.id),"               \
	" (SELECT count(*) FROM egress_ip i WHERE i.egress_group_id = g.id AND i.state <> " \
	"'down'),"                                                                          \
	" (SELECT count(*) FROM tenant t WHERE t.egress_group_id = g.id),"                  \
	" CASE (SELECT s.name FROM setting s WHERE s.value = g.name AND s.name IN"          \
	" ('bulk.egress_group', 'antispam.suspect_group') LIMIT 1)"                         \
	" WHEN 'bulk.egress_group' THEN 1 WHEN 'antispam.suspect_group' THEN 2 ELSE 0 END"  \
	" FROM egress_group g"
#define IP_COLUMNS                                                                                \
	"SELECT i.id, i.address, i.helo_name, g.name, i.weight, i.state, i.reason, i.state_since" \
	" FROM egress_ip i JOIN egress_group g ON g.id = i.egress_group_id"

static void read_group(struct db_query *query, struct egress_group_row *row_r)
{
	row_r->id = db_int(query, 0);
	text_rule_copy(row_r->name, sizeof(row_r->name), db_text(query, 1));
	row_r->ips = db_int(query, 2);
	row_r->usable = db_int(query, 3);
	row_r->tenants = db_int(query, 4);
	row_r->way = (enum egress_way)db_int(query, 5);
}

enum found egress_groups_find(struct db *db, const char *name, struct egress_group_row *row_r,
			      struct error *err)
{
	struct db_query *query = db_query(db, GROUP_COLUMNS " WHERE g.name = ?1", err);
	enum found found;

	if (!query)
		return FOUND_ERROR;
	db_bind_text(query, 1, name);
	found = db_step(query, err);
	if (found == FOUND_ONE)
		read_group(query, row_r);
	db_reset(query);
	return found;
}

static bool get_group(struct db *db, const char *name, struct egress_group_row *row_r,
		      struct error *err)
{
	enum found found = egress_groups_find(db, name, row_r, err);

	if (found == FOUND_NONE)
		return error_set(
		    err,
		    "egress group: there is no '%.80s'; add it with `easymailctl egress "
		    "group add`",
		    name);
	return found == FOUND_ONE;
}

/* Runs a statement with one text. */
static bool run_text(struct db_query *query, const char *text, struct error *err)
{
	if (!query)
		return false;
	db_bind_text(query, 1, text);
	return db_run(query, err);
}

bool egress_groups_add(struct db *db, const char *name, struct error *err)
{
	struct egress_group_row old;

	if (!text_rule_check_name("egress group", name, GROUP_NAME_MAX, err))
		return false;
	switch (egress_groups_find(db, name, &old, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_ONE:
		return error_set(err, "egress group: '%s' is there already", name);
	case FOUND_NONE:
		break;
	}
	return run_text(db_query(db, "INSERT INTO egress_group (name) VALUES (?1)", err), name,
			err);
}

bool egress_groups_list(struct db *db,
			void (*each)(const struct egress_group_row *row, void *context),
			void *context, struct error *err)
{
	struct db_query *query = db_query(db, GROUP_COLUMNS " ORDER BY g.name", err);
	struct egress_group_row row;
	enum found found;

	if (!query)
		return false;
	while ((found = db_step(query, err)) == FOUND_ONE) {
		read_group(query, &row);
		each(&row, context);
	}
	return found == FOUND_NONE;
}

bool egress_groups_delete(struct db *db, const char *name, struct error *err)
{
	struct egress_group_row row;

	if (!get_group(db, name, &row, err))
		return false;
	if (row.ips + row.tenants > 0)
		return error_set(
		    err,
		    "egress group: %s still has %lld addresses and %lld tenants; move those "
		    "first",
		    name, (long long)row.ips, (long long)row.tenants);
	return run_text(db_query(db, "DELETE FROM egress_group WHERE name = ?1", err), name, err);
}

/* False: the row cannot be used. */
static bool read_ip(struct db_query *query, struct egress_ip_row *row_r, struct error *err)
{
	row_r->id = db_int(query, 0);
	text_rule_copy(row_r->address, sizeof(row_r->address), db_text(query, 1));
	text_rule_copy(row_r->helo_name, sizeof(row_r->helo_name), db_text(query, 2));
	text_rule_copy(row_r->group, sizeof(row_r->group), db_text(query, 3));
	row_r->ip.weight = (unsigned)db_int(query, 4);
	text_rule_copy(row_r->reason, sizeof(row_r->reason), db_text(query, 6));
	text_rule_copy(row_r->state_since, sizeof(row_r->state_since), db_text(query, 7));
	if (!ip_parse(row_r->address, &row_r->ip.address, err))
		return error_prefix(err, "egress_ip %lld: address: ", (long long)row_r->id);
	if (!egress_state_parse(db_text(query, 5), &row_r->ip.state))
		return error_set(err, "egress_ip %s: state '%s' is none that there is; set one",
				 row_r->address, db_text(query, 5));
	return true;
}

static bool canonical(const char *address, char text_r[IP_TEXT_SIZE], struct error *err)
{
	struct ip ip;

	if (!ip_parse(address, &ip, err))
		return error_prefix(err, "address: ");
	ip_format(&ip, text_r);
	return true;
}

enum found egress_ips_find(struct db *db, const char *address, struct egress_ip_row *row_r,
			   struct error *err)
{
	struct db_query *query = db_query(db, IP_COLUMNS " WHERE i.address IN (?1, ?2)", err);
	char text[IP_TEXT_SIZE];
	enum found found;

	if (!query || !canonical(address, text, err))
		return FOUND_ERROR;
	db_bind_text(query, 1, text);
	db_bind_text(query, 2, address);
	found = db_step(query, err);
	if (found == FOUND_ONE && !read_ip(query, row_r, err))
		found = FOUND_ERROR;
	db_reset(query);
	return found;
}

static bool get_ip(struct db *db, const char *address, struct egress_ip_row *row_r,
		   struct error *err)
{
	enum found found = egress_ips_find(db, address, row_r, err);

	if (found == FOUND_NONE)
		return error_set(
		    err,
		    "address: there is no egress IP '%.60s'; `easymailctl egress list` "
		    "shows them",
		    address);
	return found == FOUND_ONE;
}

static bool check_weight(unsigned weight, struct error *err)
{
	return (weight >= 1 && weight <= 1000) ||
	       error_set(err, "weight: %u is not between 1 and 1000", weight);
}

/* The normal form; a host name that others can resolve has no underscore. */
static bool normal_helo(const char *helo_name, char name_r[DOMAIN_SIZE], struct error *err)
{
	if (!domain_normalize(helo_name, strlen(helo_name), name_r, err))
		return error_prefix(err, "helo: ");
	return !strchr(name_r, '_') ||
	       error_set(err, "helo: '%s' has an underscore, which no host name has", name_r);
}

static bool insert_ip(struct db *db, const struct egress_ip_row *row, int64_t group,
		      struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "INSERT INTO egress_ip (address, helo_name, egress_group_id, weight)"
		     " VALUES (?1, ?2, ?3, ?4)",
		     err);

	if (!query)
		return false;
	db_bind_text(query, 1, row->address);
	db_bind_text(query, 2, row->helo_name);
	db_bind_int(query, 3, group);
	db_bind_int(query, 4, row->ip.weight);
	return db_run(query, err);
}

bool egress_ips_add(struct db *db, const struct egress_ip_row *row, struct error *err)
{
	struct egress_ip_row new = {.ip.weight = row->ip.weight ? row->ip.weight : 100}, old;
	struct egress_group_row group;

	if (!canonical(row->address, new.address, err) ||
	    !normal_helo(row->helo_name, new.helo_name, err) || !check_weight(new.ip.weight, err) ||
	    !get_group(db, row->group, &group, err))
		return false;
	switch (egress_ips_find(db, new.address, &old, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_ONE:
		return error_set(err, "address: %s is in group %s already; move it from there",
				 new.address, old.group);
	case FOUND_NONE:
		break;
	}
	return insert_ip(db, &new, group.id, err);
}

bool egress_ips_list(struct db *db, const char *group,
		     void (*each)(const struct egress_ip_row *row, void *context), void *context,
		     struct error *err)
{
	struct egress_group_row of;
	struct egress_ip_row row;
	struct db_query *query;
	enum found found;

	if (group && !get_group(db, group, &of, err))
		return false;
	if (group)
		query = db_query(db, IP_COLUMNS " WHERE g.name = ?1 ORDER BY i.address", err);
	else
		query = db_query(db, IP_COLUMNS " ORDER BY g.name, i.address", err);
	if (!query)
		return false;
	if (group)
		db_bind_text(query, 1, group);
	while ((found = db_step(query, err)) == FOUND_ONE) {
		if (!read_ip(query, &row, err)) {
			db_reset(query);
			return false;
		}
		each(&row, context);
	}
	return found == FOUND_NONE;
}

bool egress_ips_set_state(struct db *db, const char *address, enum egress_state state,
			  const char *reason, struct error *err)
{
	struct egress_ip_row row;
	struct db_query *query;

	if (!get_ip(db, address, &row, err) ||
	    !text_rule_check("reason", reason, TITLE_SIZE - 1, err))
		return false;
	query =
	    db_query(db,
		     "UPDATE egress_ip SET state = ?2, reason = ?3, state_since = iif(state = ?2,"
		     " state_since, strftime('%Y-%m-%dT%H:%M:%SZ', 'now')) WHERE id = ?1",
		     err);
	if (!query)
		return false;
	db_bind_int(query, 1, row.id);
	db_bind_text(query, 2, egress_state_name(state));
	db_bind_text(query, 3, reason);
	return db_run(query, err);
}

/* Sets a number of a row: ?1 is its id, ?2 the number. */
static bool update_number(struct db_query *query, int64_t id, int64_t number, struct error *err)
{
	if (!query)
		return false;
	db_bind_int(query, 1, id);
	db_bind_int(query, 2, number);
	return db_run(query, err);
}

bool egress_ips_set_weight(struct db *db, const char *address, unsigned weight, struct error *err)
{
	struct egress_ip_row row;

	return get_ip(db, address, &row, err) && check_weight(weight, err) &&
	       update_number(db_query(db, "UPDATE egress_ip SET weight = ?2 WHERE id = ?1", err),
			     row.id, weight, err);
}

bool egress_ips_set_group(struct db *db, const char *address, const char *group, struct error *err)
{
	struct egress_ip_row row;
	struct egress_group_row to;

	return get_ip(db, address, &row, err) && get_group(db, group, &to, err) &&
	       update_number(
		   db_query(db, "UPDATE egress_ip SET egress_group_id = ?2 WHERE id = ?1", err),
		   row.id, to.id, err);
}

bool egress_ips_set_helo(struct db *db, const char *address, const char *helo_name,
			 struct error *err)
{
	struct egress_ip_row row;
	struct db_query *query;
	char name[DOMAIN_SIZE];

	if (!get_ip(db, address, &row, err) || !normal_helo(helo_name, name, err))
		return false;
	query = db_query(db, "UPDATE egress_ip SET helo_name = ?2 WHERE id = ?1", err);
	if (!query)
		return false;
	db_bind_int(query, 1, row.id);
	db_bind_text(query, 2, name);
	return db_run(query, err);
}

/* By the stored text, so that a row which is no address can be deleted too. */
bool egress_ips_delete(struct db *db, const char *address, struct error *err)
{
	char text[IP_TEXT_SIZE];
	struct error unparsed;
	struct db_query *query =
	    db_query(db, "DELETE FROM egress_ip WHERE address IN (?1, ?2)", err);

	if (!query)
		return false;
	if (!canonical(address, text, &unparsed))
		text_rule_copy(text, sizeof(text), address);
	db_bind_text(query, 1, address);
	db_bind_text(query, 2, text);
	if (!db_run(query, err))
		return false;
	return db_changes(db) > 0 ||
	       error_set(
		   err,
		   "address: there is no egress IP '%.60s'; `easymailctl egress list` shows them",
		   address);
}
