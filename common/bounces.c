/* SPDX-License-Identifier: BSD-2-Clause */
/* Recording bounces, and what follows from them. */
#include "common/bounces.h"
#include "common/db.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DAY        86400
#define TOKEN_SIZE 24

const char *bounce_effect_name(enum bounce_effect effect)
{
	static const char *const names[] = {"ignored", "repeated", "recorded", "suppressed"};

	return names[effect];
}

/* What a bounce counts as, for a recipient that the message may not have had. */
static enum bounce_class weigh(enum bounce_class class, bool sure)
{
	return !sure && (class == BOUNCE_HARD || class == BOUNCE_UNWANTED) ? BOUNCE_SOFT : class;
}

bool bounce_suppresses(const struct bounce_limits *limits, enum bounce_class class, bool sure,
		       unsigned soft, enum suppression_reason *reason_r)
{
	switch (weigh(class, sure)) {
	case BOUNCE_OTHER:
	case BOUNCE_AUTOMATIC:
	case BOUNCE_POLICY:
		return false;
	case BOUNCE_SOFT:
		*reason_r = SUPPRESSION_SOFT;
		return limits->soft > 0 && soft >= limits->soft;
	case BOUNCE_HARD:
		*reason_r = SUPPRESSION_HARD;
		return true;
	case BOUNCE_UNWANTED:
		*reason_r = SUPPRESSION_COMPLAINT;
		return true;
	}
	return false;
}

/* Which message: a random number that no other has. */
static void write_token(const struct return_path *path, char token_r[TOKEN_SIZE])
{
	snprintf(token_r, TOKEN_SIZE, "%016" PRIx64, path->message);
}

/* The statement's first parameters are what a bounce is known by. */
static struct db_query *ask(struct suppressions *suppressions, const char *sql,
			    const struct bounce_finding *finding, const unsigned char *hash,
			    struct error *err)
{
	struct db_query *query = db_query(suppressions_db(suppressions), sql, err);

	if (query == NULL)
		return NULL;
	db_bind_blob(query, 1, hash, SUPPRESSION_HASH_BYTES);
	db_bind_int(query, 2, finding->path->tenant_id);
	return query;
}

/* The class that was recorded for this message and recipient. */
static enum found find_before(struct suppressions *suppressions,
			      const struct bounce_finding *finding, const unsigned char *hash,
			      enum bounce_class *class_r, struct error *err)
{
	struct db_query *query = ask(
	    suppressions, "SELECT class FROM bounce WHERE hash = ? AND tenant_id = ? AND token = ?",
	    finding, hash, err);
	char token[TOKEN_SIZE];
	enum found found;

	if (query == NULL)
		return FOUND_ERROR;
	write_token(finding->path, token);
	db_bind_text(query, 3, token);
	found = db_step(query, err);
	*class_r = BOUNCE_OTHER;
	if (found == FOUND_ONE)
		(void)bounce_class_parse(db_text(query, 0), class_r);
	db_reset(query);
	return found;
}

static bool insert(struct suppressions *suppressions, const struct bounce_limits *limits,
		   const struct bounce_finding *finding, const unsigned char *hash,
		   struct error *err)
{
	struct suppression_sealed sealed;
	struct db_query *query;
	char token[TOKEN_SIZE];

	if (!suppression_seal(suppressions_key(suppressions), hash, finding->address->address,
			      finding->note, &sealed, err))
		return false;
	query =
	    ask(suppressions,
		"INSERT OR REPLACE INTO bounce (hash, tenant_id, token, class, received, sealed)"
		" VALUES (?, ?, ?, ?, ?, ?)",
		finding, hash, err);
	if (query == NULL)
		return false;
	write_token(finding->path, token);
	db_bind_text(query, 3, token);
	db_bind_text(query, 4, bounce_class_name(weigh(finding->class, finding->sure)));
	db_bind_int(query, 5, limits->now);
	db_bind_blob(query, 6, sealed.octets, sealed.length);
	return db_run(query, err);
}

static bool count_soft(struct suppressions *suppressions, const struct bounce_limits *limits,
		       const struct bounce_finding *finding, const unsigned char *hash,
		       unsigned *count_r, struct error *err)
{
	struct db_query *query = ask(suppressions,
				     "SELECT count(*) FROM bounce WHERE hash = ? AND tenant_id = ? "
				     "AND class = 'soft' AND received > ?",
				     finding, hash, err);

	if (query == NULL)
		return false;
	db_bind_int(query, 3, limits->now - (int64_t)limits->soft_days * DAY);
	if (db_step(query, err) != FOUND_ONE)
		return false;
	*count_r = (unsigned)db_int(query, 0);
	db_reset(query);
	return true;
}

/* Bounces that nothing hangs on any more: their return paths have expired, no limit counts them. */
static bool purge(struct suppressions *suppressions, const struct bounce_limits *limits,
		  struct error *err)
{
	struct db_query *query =
	    db_query(suppressions_db(suppressions), "DELETE FROM bounce WHERE received < ?", err);

	if (query == NULL)
		return false;
	db_bind_int(query, 1, limits->now - (int64_t)limits->keep_days * DAY);
	return db_run(query, err);
}

static bool suppress(struct suppressions *suppressions, const struct bounce_limits *limits,
		     const struct bounce_finding *finding, enum suppression_reason reason,
		     struct error *err)
{
	struct suppression_row row = {
	    .tenant_id = finding->path->tenant_id,
	    .note = finding->note,
	    .reason = reason,
	    .created = limits->now,
	};

	return suppressions_add(suppressions, finding->address, &row, NULL, err);
}

static bool record(struct suppressions *suppressions, const struct bounce_limits *limits,
		   const struct bounce_finding *finding, const unsigned char *hash,
		   enum bounce_effect *effect_r, struct error *err)
{
	enum suppression_reason reason;
	unsigned soft;

	if (!insert(suppressions, limits, finding, hash, err) ||
	    !count_soft(suppressions, limits, finding, hash, &soft, err) ||
	    !purge(suppressions, limits, err))
		return false;
	*effect_r = BOUNCE_RECORDED;
	if (!bounce_suppresses(limits, finding->class, finding->sure, soft, &reason))
		return true;
	*effect_r = BOUNCE_SUPPRESSED;
	return suppress(suppressions, limits, finding, reason, err);
}

static bool take_locked(struct suppressions *suppressions, const struct bounce_limits *limits,
			const struct bounce_finding *finding, enum bounce_effect *effect_r,
			struct error *err)
{
	unsigned char hash[SUPPRESSION_HASH_BYTES];
	enum bounce_class before;
	enum found found;

	suppression_hash(suppressions_key(suppressions), finding->address, hash);
	found = find_before(suppressions, finding, hash, &before, err);
	if (found == FOUND_ERROR)
		return false;
	*effect_r = BOUNCE_REPEATED;
	/* Other: the address was taken off the list since, see suppressions_remove. */
	if (found == FOUND_ONE &&
	    (before == BOUNCE_OTHER || before >= weigh(finding->class, finding->sure)))
		return true;
	return record(suppressions, limits, finding, hash, effect_r, err);
}

bool bounces_take(struct suppressions *suppressions, const struct bounce_limits *limits,
		  const struct bounce_finding *finding, enum bounce_effect *effect_r,
		  struct error *err)
{
	*effect_r = BOUNCE_IGNORED;
	if (finding->class == BOUNCE_OTHER || finding->class == BOUNCE_AUTOMATIC)
		return true;
	if (!suppressions_begin(suppressions, err))
		return false;
	if (take_locked(suppressions, limits, finding, effect_r, err) &&
	    suppressions_commit(suppressions, err))
		return true;
	db_rollback(suppressions_db(suppressions));
	return false;
}

static bool read_row(struct suppressions *suppressions, struct db_query *query,
		     struct suppression_text *text, struct bounce_row *row_r, struct error *err)
{
	size_t hash_length, length;
	const void *hash = db_blob(query, 3, &hash_length);
	const void *sealed = db_blob(query, 4, &length);

	*row_r = (struct bounce_row){.tenant_id = db_int(query, 0), .received = db_int(query, 2)};
	(void)bounce_class_parse(db_text(query, 1), &row_r->class);
	if (sealed == NULL || hash == NULL || hash_length != SUPPRESSION_HASH_BYTES)
		return error_set(err, "%s: a bounce is not whole; restore it from a backup",
				 db_path(suppressions_db(suppressions)));
	if (!suppression_unseal(suppressions_key(suppressions), hash, sealed, length, text, err))
		return false;
	row_r->address = text->address;
	row_r->note = text->note;
	return true;
}

bool bounces_list(struct suppressions *suppressions, int64_t tenant_id, int limit,
		  void (*each)(const struct bounce_row *row, void *context), void *context,
		  struct error *err)
{
	struct db_query *query = db_query(
	    suppressions_db(suppressions),
	    "SELECT * FROM (SELECT tenant_id, class, received, hash, sealed FROM bounce"
	    " WHERE ?1 = 0 OR tenant_id = ?1 ORDER BY received DESC LIMIT ?2) ORDER BY received",
	    err);
	struct suppression_text text;
	struct bounce_row row;
	enum found found;

	if (query == NULL)
		return false;
	db_bind_int(query, 1, tenant_id);
	db_bind_int(query, 2, limit);
	while ((found = db_step(query, err)) == FOUND_ONE) {
		if (!read_row(suppressions, query, &text, &row, err)) {
			db_reset(query);
			return false;
		}
		each(&row, context);
	}
	db_reset(query);
	return found == FOUND_NONE;
}
