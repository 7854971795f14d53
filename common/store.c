/* SPDX-License-Identifier: BSD-2-Clause */
/* tenants.db for programs: the handle with its schema, and transactions by the handle's mode. */
#include "common/store.h"
#include "common/db_schema.h"
#include "common/db_upkeep.h"
#include "common/relay_hosts.h"
#include "common/relay_index.h"

bool store_open(const char *path, enum store_mode mode, int busy_ms, struct db **db_r,
		struct error *err)
{
	enum db_mode db_mode = DB_READ;

	switch (mode) {
	case STORE_READ:
		break;
	case STORE_WRITE:
		db_mode = DB_WRITE;
		break;
	case STORE_CREATE:
		db_mode = DB_CREATE;
		break;
	}
	return db_open(path, db_mode, db_migrations_tenants, busy_ms, db_r, err);
}

void store_close(struct db *db)
{
	db_close(db);
}

bool store_begin(struct db *db, struct error *err)
{
	return db_is_writable(db) ? db_begin_write(db, err) : db_begin_read(db, err);
}

bool store_commit(struct db *db, struct error *err)
{
	return db_commit(db, err);
}

void store_rollback(struct db *db)
{
	db_rollback(db);
}

bool store_generation(struct db *db, int64_t *generation_r, struct error *err)
{
	struct db_query *query = db_query(db, "SELECT value FROM generation", err);
	enum found found;

	if (!query || (found = db_step(query, err)) == FOUND_ERROR)
		return false;
	if (found == FOUND_NONE)
		return error_set(err, "%s: table generation is empty; restore it from a backup",
				 db_path(db));
	*generation_r = db_int(query, 0);
	db_reset(query);
	return true;
}

bool store_schema(struct db *db, int *version_r, struct error *err)
{
	return db_schema_version(db, version_r, err);
}

int store_schema_newest(void)
{
	return db_schema_newest(db_migrations_tenants);
}

bool store_index_relay_hosts(struct db *db, size_t max, size_t *done_r, struct error *err)
{
	*done_r = 0;
	switch (relay_hosts_pending(db, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return true;
	case FOUND_ONE:
		break;
	}
	if (!db_begin_write(db, err))
		return false;
	if (relay_index_pending(db, max, done_r, err) && db_commit(db, err))
		return true;
	db_rollback(db);
	return false;
}

bool store_reindex(struct db *db, struct error *err)
{
	return relay_index_rebuild(db, err);
}

bool store_backup(struct db *db, const char *to_path, struct error *err)
{
	return db_backup(db, to_path, err);
}
