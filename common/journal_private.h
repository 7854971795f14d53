/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of a journal's handle, and its spool. Internal to common/journal*.c. */
#ifndef EASYMAIL_JOURNAL_PRIVATE_H
#define EASYMAIL_JOURNAL_PRIVATE_H

#include "common/db.h"
#include "common/journal.h"

struct journal {
	struct db *db;
};

/* Leaves the rows in a file of the spool beside the journal at `path`. */
bool journal_spool_leave(const char *path, const struct journal_audit *audits, size_t count,
			 struct error *err) __attribute__((nonnull, warn_unused_result));

#endif
