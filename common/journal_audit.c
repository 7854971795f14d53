/* SPDX-License-Identifier: BSD-2-Clause */
/* The audit trail. */
#include "common/journal_private.h"

bool journal_audit_add(struct journal *journal, const struct journal_audit *audit,
		       struct error *err)
{
	struct db_query *query =
	    db_query(journal->db,
		     "INSERT INTO audit (at, actor, kind, subject, old, new, reason)"
		     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		     err);

	if (query == NULL)
		return false;
	db_bind_int(query, 1, audit->at);
	db_bind_text(query, 2, audit->actor);
	db_bind_text(query, 3, audit->kind);
	db_bind_text(query, 4, audit->subject);
	db_bind_text(query, 5, audit->old_state);
	db_bind_text(query, 6, audit->new_state);
	db_bind_text(query, 7, audit->reason);
	return db_run(query, err);
}

static struct journal_audit read_row(struct db_query *query)
{
	return (struct journal_audit){
	    .at = db_int(query, 0),
	    .actor = db_text(query, 1),
	    .kind = db_text(query, 2),
	    .subject = db_text(query, 3),
	    .old_state = db_text(query, 4),
	    .new_state = db_text(query, 5),
	    .reason = db_text(query, 6),
	};
}

/* Of one subject, by its index, or of all that fit. */
static struct db_query *last_rows(struct journal *journal,
				  const struct journal_audit_filter *filter, struct error *err)
{
	if (filter->kind != NULL && filter->subject != NULL)
		return db_query(journal->db,
				"SELECT at, actor, kind, subject, old, new, reason FROM"
				" (SELECT * FROM audit WHERE kind = ?1 AND subject = ?2"
				" ORDER BY id DESC LIMIT ?3) ORDER BY id",
				err);
	return db_query(journal->db,
			"SELECT at, actor, kind, subject, old, new, reason FROM"
			" (SELECT * FROM audit WHERE (?1 IS NULL OR kind = ?1)"
			" AND (?2 IS NULL OR subject = ?2) ORDER BY id DESC LIMIT ?3) ORDER BY id",
			err);
}

bool journal_audit_list(struct journal *journal, const struct journal_audit_filter *filter,
			void (*each)(const struct journal_audit *audit, void *context),
			void *context, struct error *err)
{
	struct db_query *query = last_rows(journal, filter, err);
	enum found found;

	if (query == NULL)
		return false;
	db_bind_text(query, 1, filter->kind);
	db_bind_text(query, 2, filter->subject);
	db_bind_int(query, 3, filter->limit);
	while ((found = db_step(query, err)) == FOUND_ONE) {
		struct journal_audit audit = read_row(query);

		each(&audit, context);
	}
	db_reset(query);
	return found == FOUND_NONE;
}

static bool add_all(struct journal *journal, const struct journal_audit *audits, size_t count,
		    struct error *err)
{
	if (!journal_begin(journal, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!journal_audit_add(journal, &audits[i], err))
			return false;
	}
	return journal_commit(journal, err);
}

bool journal_note(const char *path, int busy_ms, const struct journal_audit *audits, size_t count,
		  struct error *err)
{
	struct journal *journal;
	struct error why;
	bool done;

	if (count == 0)
		return true;
	done = journal_open(path, JOURNAL_WRITE, busy_ms, &journal, &why);
	if (done) {
		done = add_all(journal, audits, count, &why);
		journal_close(journal);
	}
	return done || journal_spool_leave(path, audits, count, err) ||
	       error_prefix(err, "%.200s; and the spool: ", why.text);
}
