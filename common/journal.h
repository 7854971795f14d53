/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * journal.db, what happened: the audit trail, results of deliveries, tallies of replies. Several programs write, one
 * at a time, each waiting a bounded time for the others. No mail ever waits for it: who cannot write goes on, with
 * journal_note's spool or, for the tracker, with the log that it has not read yet.
 *
 * A handle serves one thread. Rows are read and written within journal_begin and journal_commit.
 * Deliveries and the rest of what the tracker writes are in journal_delivery.h and journal_position.h.
 */
#ifndef EASYMAIL_JOURNAL_H
#define EASYMAIL_JOURNAL_H

#include "common/error.h"
#include <stddef.h>
#include <stdint.h>

enum journal_mode {
	JOURNAL_READ,
	JOURNAL_WRITE,
	JOURNAL_CREATE, /* JOURNAL_WRITE; makes a missing file and migrates an old one first */
};

struct journal;

/* Waits at most `busy_ms` for other processes' locks, here and in every call after. */
bool journal_open(const char *path, enum journal_mode mode, int busy_ms, struct journal **journal_r,
		  struct error *err) __attribute__((nonnull, warn_unused_result));
void journal_close(struct journal *journal); /* takes NULL; rolls back what is open */

/* Of reading, or with JOURNAL_WRITE that of the one writer. */
bool journal_begin(struct journal *journal, struct error *err)
    __attribute__((nonnull, warn_unused_result));
/* After true the rows survive a crash of the process and of the machine. */
bool journal_commit(struct journal *journal, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void journal_rollback(struct journal *journal) __attribute__((nonnull));

int journal_schema_newest(void);
/* SQLite's own check of the whole file; outside a transaction, as is the copy, which refuses to overwrite. */
bool journal_check(struct journal *journal, struct error *err)
    __attribute__((nonnull, warn_unused_result));
bool journal_backup(struct journal *journal, const char *to_path, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Deletes rows from before `before` (UTC, seconds), at most `max` of each table: call it again while *done_r is not
 * 0. In a transaction of its own. */
bool journal_purge(struct journal *journal, int64_t before, size_t max, size_t *done_r,
		   struct error *err) __attribute__((nonnull, warn_unused_result));

/* A change of state. Texts are borrowed and never NULL; in a row that is read they live until the callback returns. */
struct journal_audit {
	int64_t at;                 /* UTC, seconds */
	const char *actor;          /* "easymail-monitor", "easymailctl (root)" */
	const char *kind, *subject; /* "egress", "192.0.2.10" */
	const char *old_state, *new_state;
	const char *reason;
};

bool journal_audit_add(struct journal *journal, const struct journal_audit *audit,
		       struct error *err) __attribute__((nonnull, warn_unused_result));

/* Which changes; NULL: any. The last `limit` of them. */
struct journal_audit_filter {
	const char *kind, *subject;
	int limit;
};

/* Oldest first. */
bool journal_audit_list(struct journal *journal, const struct journal_audit_filter *filter,
			void (*each)(const struct journal_audit *audit, void *context),
			void *context, struct error *err)
    __attribute__((nonnull(1, 2, 3, 5), warn_unused_result));

/*
 * Records changes where there is no handle: opens the journal at `path`, adds all of them or none, commits. What it
 * cannot take is left in the spool, for easymail-tracker to enter later, and counts as recorded. False: neither
 * could be written. Files that root leaves there belong to whom the journal's directory belongs to.
 */
bool journal_note(const char *path, int busy_ms, const struct journal_audit *audits, size_t count,
		  struct error *err) __attribute__((nonnull(1, 5), warn_unused_result));

/* Enters what the spool of this journal holds, each file in a transaction of its own; *taken_r rows. */
bool journal_take_spool(struct journal *journal, size_t *taken_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
