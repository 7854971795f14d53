/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of tables blocklist and blocklist_code. */
#include "common/blocklists.h"
#include "common/db.h"
#include "common/domain.h"
#include "common/text_rule.h"
#include <string.h>

#define COLUMNS                                                                             \
	"SELECT zone, enabled, ipv4, ipv6, weight, resolver, terms, health, health_detail," \
	" health_since FROM blocklist"

static void read_row(struct db_query *query, struct blocklist_row *row_r)
{
	text_rule_copy(row_r->zone, sizeof(row_r->zone), db_text(query, 0));
	row_r->enabled = db_int(query, 1) == 1;
	row_r->ipv4 = db_int(query, 2) == 1;
	row_r->ipv6 = db_int(query, 3) == 1;
	row_r->weight = (unsigned)db_int(query, 4);
	text_rule_copy(row_r->resolver, sizeof(row_r->resolver), db_text(query, 5));
	text_rule_copy(row_r->terms, sizeof(row_r->terms), db_text(query, 6));
	if (!blocklist_health_parse(db_text(query, 7), &row_r->health))
		row_r->health = BLOCKLIST_HEALTH_UNKNOWN;
	text_rule_copy(row_r->health_detail, sizeof(row_r->health_detail), db_text(query, 8));
	text_rule_copy(row_r->health_since, sizeof(row_r->health_since), db_text(query, 9));
	row_r->code_count = 0;
}

/* The codes of a list into its row. */
static bool read_codes(struct db *db, struct blocklist_row *row, struct error *err)
{
	struct db_query *query = db_query(
	    db, "SELECT code, listing, meaning FROM blocklist_code WHERE zone = ?1 ORDER BY code",
	    err);
	enum found found;

	if (!query)
		return false;
	db_bind_text(query, 1, row->zone);
	while ((found = db_step(query, err)) == FOUND_ONE) {
		struct blocklist_code *code = &row->codes[row->code_count];
		struct error unparsed;

		if (row->code_count == BLOCKLIST_CODES_MAX)
			continue;
		if (!ip_range_parse(db_text(query, 0), &code->range, &unparsed))
			continue;
		code->listing = db_int(query, 1) == 1;
		text_rule_copy(code->meaning, sizeof(code->meaning), db_text(query, 2));
		row->code_count++;
	}
	return found == FOUND_NONE;
}

bool blocklists_list(struct db *db, void (*each)(const struct blocklist_row *row, void *context),
		     void *context, struct error *err)
{
	struct db_query *query = db_query(db, COLUMNS " ORDER BY zone", err);
	struct blocklist_row row;
	enum found found;

	if (!query)
		return false;
	while ((found = db_step(query, err)) == FOUND_ONE) {
		read_row(query, &row);
		if (!read_codes(db, &row, err)) {
			db_reset(query);
			return false;
		}
		each(&row, context);
	}
	return found == FOUND_NONE;
}

enum found blocklists_find(struct db *db, const char *zone, struct blocklist_row *row_r,
			   struct error *err)
{
	struct db_query *query = db_query(db, COLUMNS " WHERE zone = ?1", err);
	char normal[DOMAIN_SIZE];
	enum found found;

	if (!query)
		return FOUND_ERROR;
	if (!domain_normalize(zone, strlen(zone), normal, err)) {
		error_prefix(err, "blocklist: ");
		return FOUND_ERROR;
	}
	db_bind_text(query, 1, normal);
	found = db_step(query, err);
	if (found == FOUND_ONE)
		read_row(query, row_r);
	db_reset(query);
	if (found == FOUND_ONE && !read_codes(db, row_r, err))
		return FOUND_ERROR;
	return found;
}

static bool get_row(struct db *db, const char *zone, struct blocklist_row *row_r, struct error *err)
{
	enum found found = blocklists_find(db, zone, row_r, err);

	if (found == FOUND_NONE)
		return error_set(
		    err, "blocklist: there is no '%.180s'; `easymailctl blocklist list` shows them",
		    zone);
	return found == FOUND_ONE;
}

static bool check_row(const struct blocklist_row *row, struct error *err)
{
	if (row->weight > 100)
		return error_set(err, "weight: %u is not between 0 and 100", row->weight);
	if (!row->ipv4 && !row->ipv6)
		return error_set(err,
				 "blocklist %s: lists neither IPv4 nor IPv6 addresses; say "
				 "which",
				 row->zone);
	return text_rule_check("terms", row->terms, BLOCKLIST_TERMS_SIZE - 1, err) &&
	       text_rule_check("resolver", row->resolver, BLOCKLIST_RESOLVER_SIZE - 1, err);
}

/* Runs a statement of all that can be set, ?1 the zone. */
static bool run_row(struct db_query *query, const struct blocklist_row *row, struct error *err)
{
	if (!query)
		return false;
	db_bind_text(query, 1, row->zone);
	db_bind_int(query, 2, row->enabled);
	db_bind_int(query, 3, row->ipv4);
	db_bind_int(query, 4, row->ipv6);
	db_bind_int(query, 5, row->weight);
	db_bind_text(query, 6, row->resolver);
	db_bind_text(query, 7, row->terms);
	return db_run(query, err);
}

bool blocklists_add(struct db *db, const struct blocklist_row *row, struct error *err)
{
	struct blocklist_row new = *row, old;
	char zone[DOMAIN_SIZE];

	if (!domain_normalize(row->zone, strlen(row->zone), zone, err))
		return error_prefix(err, "blocklist: ");
	if (strlen(zone) >= BLOCKLIST_ZONE_SIZE)
		return error_set(err, "blocklist: '%.60s…' is longer than %d letters", zone,
				 BLOCKLIST_ZONE_SIZE - 1);
	text_rule_copy(new.zone, sizeof(new.zone), zone);
	new.enabled = true;
	if (!check_row(&new, err))
		return false;
	switch (blocklists_find(db, zone, &old, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_ONE:
		return error_set(err,
				 "blocklist: %s is there already; change it with "
				 "`easymailctl blocklist set`",
				 zone);
	case FOUND_NONE:
		break;
	}
	return run_row(
	    db_query(db,
		     "INSERT INTO blocklist (zone, enabled, ipv4, ipv6, weight, resolver,"
		     " terms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		     err),
	    &new, err);
}

bool blocklists_set(struct db *db, const struct blocklist_row *row, struct error *err)
{
	return check_row(row, err) &&
	       run_row(db_query(db,
				"UPDATE blocklist SET enabled = ?2, ipv4 = ?3, ipv6 = ?4, weight ="
				" ?5, resolver = ?6, terms = ?7 WHERE zone = ?1",
				err),
		       row, err);
}

bool blocklists_copy_codes(struct db *db, const char *from, const char *zone, struct error *err)
{
	struct blocklist_row source, target;
	struct db_query *query;

	if (!get_row(db, from, &source, err) || !get_row(db, zone, &target, err))
		return false;
	query =
	    db_query(db,
		     "INSERT INTO blocklist_code (zone, code, listing, meaning) SELECT ?2, code,"
		     " listing, meaning FROM blocklist_code WHERE zone = ?1",
		     err);
	if (!query)
		return false;
	db_bind_text(query, 1, source.zone);
	db_bind_text(query, 2, target.zone);
	return db_run(query, err);
}

bool blocklists_add_code(struct db *db, const char *zone, const struct blocklist_code *code,
			 struct error *err)
{
	char range[IP_RANGE_TEXT_SIZE];
	struct blocklist_row row;
	struct db_query *query;

	if (!get_row(db, zone, &row, err) ||
	    !text_rule_check("meaning", code->meaning, BLOCKLIST_MEANING_SIZE - 1, err))
		return false;
	query = db_query(db,
			 "INSERT INTO blocklist_code (zone, code, listing, meaning) VALUES (?1, ?2,"
			 " ?3, ?4)",
			 err);
	if (!query)
		return false;
	ip_range_format(&code->range, range);
	db_bind_text(query, 1, row.zone);
	db_bind_text(query, 2, range);
	db_bind_int(query, 3, code->listing);
	db_bind_text(query, 4, code->meaning);
	return db_run(query, err);
}

bool blocklists_delete(struct db *db, const char *zone, struct error *err)
{
	struct blocklist_row row;
	struct db_query *query;

	if (!get_row(db, zone, &row, err))
		return false;
	query = db_query(db, "DELETE FROM blocklist WHERE zone = ?1", err);
	if (!query)
		return false;
	db_bind_text(query, 1, row.zone);
	return db_run(query, err);
}

bool blocklists_set_health(struct db *db, const char *zone, enum blocklist_health health,
			   const char *detail, struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "UPDATE blocklist SET health_since = iif(health = ?2, health_since,"
		     " strftime('%Y-%m-%dT%H:%M:%SZ', 'now')), health = ?2, health_detail = ?3"
		     " WHERE zone = ?1",
		     err);

	if (!query)
		return false;
	db_bind_text(query, 1, zone);
	db_bind_text(query, 2, blocklist_health_name(health));
	db_bind_text(query, 3, detail);
	return db_run(query, err);
}
