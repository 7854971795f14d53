/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tenants.db as programs open it: transactions around the typed functions of tenants.h, domains.h,
 * relay_host_rows.h, egress_ips.h, setting_rows.h and db_check.h. A handle serves one thread.
 */
#ifndef EASYMAIL_STORE_H
#define EASYMAIL_STORE_H

#include "common/error.h"
#include <stddef.h>
#include <stdint.h>

struct db;

enum store_mode {
	STORE_READ,   /* transactions read one state; nothing is written */
	STORE_WRITE,  /* transactions hold the one writer's lock */
	STORE_CREATE, /* STORE_WRITE; makes a missing file and migrates an old one first */
};

/* Waits at most `busy_ms` for other processes' locks, here and in every call after. */
bool store_open(const char *path, enum store_mode mode, int busy_ms, struct db **db_r,
		struct error *err) __attribute__((nonnull, warn_unused_result));
void store_close(struct db *db); /* takes NULL; rolls back what is open */

bool store_begin(struct db *db, struct error *err) __attribute__((nonnull, warn_unused_result));
/* After true the changes survive a crash of the process and of the machine. */
bool store_commit(struct db *db, struct error *err) __attribute__((nonnull, warn_unused_result));
void store_rollback(struct db *db) __attribute__((nonnull)); /* nothing when none is open */

/* generation.value, inside a transaction. */
bool store_generation(struct db *db, int64_t *generation_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* The schema version of the open file, and the newest that this program knows. */
bool store_schema(struct db *db, int *version_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
int store_schema_newest(void);

/* Indexes relay hosts that plain SQL inserted, up to `max`, in a transaction of its own; done_r 0:
 * none was pending. Needs STORE_WRITE and no transaction open. */
bool store_index_relay_hosts(struct db *db, size_t max, size_t *done_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Makes the index of relay hosts anew, inside a write transaction: the mend when `db check` finds
 * that they differ. */
bool store_reindex(struct db *db, struct error *err) __attribute__((nonnull, warn_unused_result));

/* A consistent copy made while others write; refuses to overwrite. Outside a transaction. */
bool store_backup(struct db *db, const char *to_path, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
