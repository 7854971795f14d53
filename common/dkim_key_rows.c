/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of table dkim_key: states and queries. */
#include "common/dkim_key_rows.h"
#include "common/db.h"
#include "common/domains.h"
#include "common/text_rule.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS                                                                                \
	"SELECT k.id, ifnull(t.name, ''), k.domain, k.selector, k.algorithm, k.bits, k.state," \
	" k.public_key, k.created, k.state_since,"                                             \
	" ifnull(unixepoch() - unixepoch(k.state_since), 0)"                                   \
	" FROM dkim_key k LEFT JOIN domain d ON d.name = k.domain"                             \
	" LEFT JOIN tenant t ON t.id = d.tenant_id"

static const char *const state_names[] = {"pending", "active", "retiring", "retired"};

const char *dkim_key_state_name(enum dkim_key_state state)
{
	return state_names[state];
}

bool dkim_key_state_parse(const char *text, enum dkim_key_state *state_r)
{
	for (size_t i = 0; i < sizeof(state_names) / sizeof(*state_names); i++) {
		if (strcmp(text, state_names[i]) == 0) {
			*state_r = (enum dkim_key_state)i;
			return true;
		}
	}
	return false;
}

bool dkim_key_state_may_become(enum dkim_key_state from, enum dkim_key_state to)
{
	return to == from + 1 || (from == DKIM_KEY_RETIRING && to == DKIM_KEY_ACTIVE);
}

const char *dkim_algorithm_name(enum crypto_algorithm algorithm)
{
	switch (algorithm) {
	case CRYPTO_RSA:
		return "rsa";
	case CRYPTO_ED25519:
		return "ed25519";
	}
	return "";
}

/* RFC 6376 section 3.1: labels with dots between. */
bool dkim_selector_check(const char *selector, struct error *err)
{
	size_t length = strlen(selector);
	bool right = length > 0 && length < DKIM_SELECTOR_SIZE &&
		     strspn(selector, "abcdefghijklmnopqrstuvwxyz0123456789-.") == length &&
		     !strstr(selector, "..") && !strstr(selector, ".-") &&
		     !strstr(selector, "-.") && !strchr("-.", selector[0]) &&
		     !strchr("-.", selector[length - 1]);

	return right || error_set(err,
				  "selector: '%.80s' is not 1 to %d of a-z, 0-9, hyphen and dot, "
				  "the ends letters or digits",
				  selector, DKIM_SELECTOR_SIZE - 1);
}

static bool read_row(struct db_query *query, struct dkim_key_row *row_r, struct error *err)
{
	row_r->id = db_int(query, 0);
	text_rule_copy(row_r->tenant, sizeof(row_r->tenant), db_text(query, 1));
	text_rule_copy(row_r->domain, sizeof(row_r->domain), db_text(query, 2));
	text_rule_copy(row_r->selector, sizeof(row_r->selector), db_text(query, 3));
	row_r->algorithm = strcmp(db_text(query, 4), "rsa") == 0 ? CRYPTO_RSA : CRYPTO_ED25519;
	row_r->bits = (int)db_int(query, 5);
	text_rule_copy(row_r->public_key, sizeof(row_r->public_key), db_text(query, 7));
	text_rule_copy(row_r->created, sizeof(row_r->created), db_text(query, 8));
	text_rule_copy(row_r->state_since, sizeof(row_r->state_since), db_text(query, 9));
	row_r->state_age_s = db_int(query, 10);
	return dkim_key_state_parse(db_text(query, 6), &row_r->state) ||
	       error_set(err, "DKIM key %s of %s: state '%s' is none that there is",
			 row_r->selector, row_r->domain, db_text(query, 6));
}

/* A bound query's one row. */
static enum found step_one(struct db_query *query, struct dkim_key_row *row_r, struct error *err)
{
	enum found found = db_step(query, err);

	if (found == FOUND_ONE && !read_row(query, row_r, err))
		found = FOUND_ERROR;
	db_reset(query);
	return found;
}

static bool normalize(const char *domain, char name_r[DOMAIN_SIZE], struct error *err)
{
	return domain_normalize(domain, strlen(domain), name_r, err);
}

enum found dkim_key_rows_find(struct db *db, const char *domain, const char *selector,
			      struct dkim_key_row *row_r, struct error *err)
{
	char name[DOMAIN_SIZE];
	struct db_query *query;

	if (!normalize(domain, name, err) ||
	    !(query = db_query(db, COLUMNS " WHERE k.domain = ?1 AND k.selector = ?2", err)))
		return FOUND_ERROR;
	db_bind_text(query, 1, name);
	db_bind_text(query, 2, selector);
	return step_one(query, row_r, err);
}

bool dkim_key_rows_get(struct db *db, const char *domain, const char *selector,
		       struct dkim_key_row *row_r, struct error *err)
{
	switch (dkim_key_rows_find(db, domain, selector, row_r, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return error_set(err,
				 "selector: %.260s has no DKIM key '%.80s'; `easymailctl dkim list "
				 "%.100s` shows those that it has",
				 domain, selector, domain);
	case FOUND_ONE:
		break;
	}
	return true;
}

enum found dkim_key_rows_in_state(struct db *db, const char *domain,
				  enum crypto_algorithm algorithm, enum dkim_key_state state,
				  struct dkim_key_row *row_r, struct error *err)
{
	char name[DOMAIN_SIZE];
	struct db_query *query;

	if (!normalize(domain, name, err) ||
	    !(query = db_query(db,
			       COLUMNS " WHERE k.domain = ?1 AND k.algorithm = ?2 AND k.state = ?3"
				       " ORDER BY k.id DESC LIMIT 1",
			       err)))
		return FOUND_ERROR;
	db_bind_text(query, 1, name);
	db_bind_text(query, 2, dkim_algorithm_name(algorithm));
	db_bind_text(query, 3, dkim_key_state_name(state));
	return step_one(query, row_r, err);
}

static bool list_rows(struct db_query *query,
		      void (*each)(const struct dkim_key_row *row, void *context), void *context,
		      struct error *err)
{
	struct dkim_key_row row;
	enum found found;

	while ((found = db_step(query, err)) == FOUND_ONE) {
		if (!read_row(query, &row, err)) {
			db_reset(query);
			return false;
		}
		each(&row, context);
	}
	return found == FOUND_NONE;
}

bool dkim_key_rows_list(struct db *db, const char *domain,
			void (*each)(const struct dkim_key_row *row, void *context), void *context,
			struct error *err)
{
	char name[DOMAIN_SIZE];
	struct db_query *query;

	if (domain && !normalize(domain, name, err))
		return false;
	if (domain)
		query = db_query(db, COLUMNS " WHERE k.domain = ?1 ORDER BY k.id", err);
	else
		query = db_query(db, COLUMNS " ORDER BY k.domain, k.id", err);
	if (!query)
		return false;
	if (domain)
		db_bind_text(query, 1, name);
	return list_rows(query, each, context, err);
}

bool dkim_key_rows_count(struct db *db, const char *key_file_id, struct dkim_key_counts *counts_r,
			 struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "SELECT ifnull(sum(sealed_under = ?1), 0), ifnull(sum(sealed_under <> ?1), 0)"
		     " FROM dkim_key WHERE sealed IS NOT NULL",
		     err);

	if (!query)
		return false;
	db_bind_text(query, 1, key_file_id);
	if (db_step(query, err) != FOUND_ONE)
		return false;
	counts_r->opening = db_int(query, 0);
	counts_r->others = db_int(query, 1);
	db_reset(query);
	return true;
}

static bool insert_row(struct db *db, const struct dkim_sealed_key *sealed,
		       const struct crypto_key *key, struct error *err)
{
	char *public_key = crypto_key_public_base64(key);
	struct db_query *query =
	    db_query(db,
		     "INSERT INTO dkim_key (domain, selector, algorithm, bits, public_key, sealed,"
		     " sealed_under) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		     err);
	bool done = false;

	if (query) {
		db_bind_text(query, 1, sealed->domain);
		db_bind_text(query, 2, sealed->selector);
		db_bind_text(query, 3, dkim_algorithm_name(sealed->algorithm));
		db_bind_int(query, 4, crypto_key_bits(key));
		db_bind_text(query, 5, public_key);
		db_bind_blob(query, 6, sealed->sealed, sealed->length);
		db_bind_text(query, 7, sealed->sealed_under);
		done = db_run(query, err);
	}
	free(public_key);
	return done;
}

bool dkim_key_rows_add(struct db *db, const struct dkim_sealed_key *sealed,
		       const struct crypto_key *key, struct error *err)
{
	struct dkim_key_row other;
	enum found found;

	if (!dkim_selector_check(sealed->selector, err))
		return false;
	found = dkim_key_rows_find(db, sealed->domain, sealed->selector, &other, err);
	if (found == FOUND_ONE)
		return error_set(err,
				 "selector: %s has a key '%s' already, which is %s; give another "
				 "with --selector",
				 other.domain, other.selector, dkim_key_state_name(other.state));
	if (found == FOUND_NONE)
		found = dkim_key_rows_in_state(db, sealed->domain, sealed->algorithm,
					       DKIM_KEY_PENDING, &other, err);
	if (found == FOUND_ONE)
		return error_set(err,
				 "domain: %s has the pending %s key '%s'; activate or delete that "
				 "first",
				 other.domain, dkim_algorithm_name(other.algorithm),
				 other.selector);
	return found == FOUND_NONE && insert_row(db, sealed, key, err);
}

static bool write_state(struct db *db, int64_t id, enum dkim_key_state state, struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "UPDATE dkim_key SET state = ?2, sealed = iif(?2 = 'retired', NULL, sealed)"
		     " WHERE id = ?1",
		     err);

	if (!query)
		return false;
	db_bind_int(query, 1, id);
	db_bind_text(query, 2, dkim_key_state_name(state));
	return db_run(query, err);
}

/* Makes room for a key that becomes active. */
static bool retire_former(struct db *db, const struct dkim_key_row *row, struct error *err)
{
	struct dkim_key_row former;
	enum found found =
	    dkim_key_rows_in_state(db, row->domain, row->algorithm, DKIM_KEY_ACTIVE, &former, err);

	return found == FOUND_NONE ||
	       (found == FOUND_ONE && write_state(db, former.id, DKIM_KEY_RETIRING, err));
}

bool dkim_key_rows_set_state(struct db *db, const struct dkim_key_row *row,
			     enum dkim_key_state state, struct error *err)
{
	if (!dkim_key_state_may_become(row->state, state))
		return error_set(err, "state: DKIM key %s of %s is %s and cannot become %s",
				 row->selector, row->domain, dkim_key_state_name(row->state),
				 dkim_key_state_name(state));
	if (state == DKIM_KEY_ACTIVE && !retire_former(db, row, err))
		return false;
	return write_state(db, row->id, state, err);
}

bool dkim_key_rows_delete(struct db *db, const struct dkim_key_row *row, struct error *err)
{
	struct db_query *query;

	if (row->state == DKIM_KEY_ACTIVE || row->state == DKIM_KEY_RETIRING)
		return error_set(err,
				 "state: DKIM key %s of %s is %s, and mail signed with it is under "
				 "way; `easymailctl dkim retire` it first",
				 row->selector, row->domain, dkim_key_state_name(row->state));
	query = db_query(db, "DELETE FROM dkim_key WHERE id = ?1", err);
	if (!query)
		return false;
	db_bind_int(query, 1, row->id);
	return db_run(query, err);
}

void dkim_key_record_name(const struct dkim_key_row *row, char name_r[DKIM_RECORD_NAME_SIZE])
{
	snprintf(name_r, DKIM_RECORD_NAME_SIZE, "%s._domainkey.%s", row->selector, row->domain);
}

/* RFC 6376 section 3.6.1; k=rsa is the default, but said for those who read it. */
void dkim_key_record(const struct dkim_key_row *row, char record_r[DKIM_RECORD_SIZE])
{
	snprintf(record_r, DKIM_RECORD_SIZE, "v=DKIM1; k=%s; p=%s",
		 dkim_algorithm_name(row->algorithm), row->public_key);
}
