/* SPDX-License-Identifier: BSD-2-Clause */
/* Schema versions and migrations. */
#include "common/db_schema.h"
#include <stdio.h>

int db_schema_newest(const struct db_migration *schema)
{
	int newest = 0;

	for (; schema->text; schema++)
		newest = schema->version;
	return newest;
}

/* The one number that a statement gives. */
static bool read_number(struct db *db, const char *sql, int64_t *number_r, struct error *err)
{
	struct db_query *query = db_query(db, sql, err);

	if (!query || db_step(query, err) != FOUND_ONE)
		return false;
	*number_r = db_int(query, 0);
	db_reset(query);
	return true;
}

bool db_schema_version(struct db *db, int *version_r, struct error *err)
{
	int64_t version;

	if (!read_number(db, "PRAGMA user_version", &version, err))
		return false;
	*version_r = (int)version;
	return true;
}

static bool read_application(struct db *db, int64_t *application_r, struct error *err)
{
	return read_number(db, "PRAGMA application_id", application_r, err);
}

bool db_schema_check(struct db *db, const struct db_migration *schema, struct error *err)
{
	int newest = db_schema_newest(schema);
	int64_t application;
	int version;

	if (!read_application(db, &application, err) || !db_schema_version(db, &version, err))
		return false;
	if (application != schema->application)
		return error_set(
		    err,
		    "%s: not a database of easymail that belongs here (application_id %lld); give "
		    "the right path, or make one with `easymailctl db init`",
		    db_path(db), (long long)application);
	if (version > newest)
		return error_set(
		    err,
		    "%s: schema version %d, this program knows up to %d; use the newer "
		    "easymail",
		    db_path(db), version, newest);
	if (version < newest)
		return error_set(
		    err,
		    "%s: schema version %d, this program needs %d; run `easymailctl db "
		    "migrate`",
		    db_path(db), version, newest);
	return true;
}

bool db_schema_may_create(struct db *db, const struct db_migration *schema, struct error *err)
{
	int64_t application, objects;

	if (!read_application(db, &application, err) ||
	    !read_number(db, "SELECT count(*) FROM sqlite_schema", &objects, err))
		return false;
	if (application == schema->application || (application == 0 && objects == 0))
		return true;
	return error_set(
	    err,
	    "%s: not a database of easymail that belongs here (application_id %lld); give "
	    "another path",
	    db_path(db), (long long)application);
}

/* Builds and marks it, unless somebody else has just done so. */
static bool migrate_locked(struct db *db, const struct db_migration *migration, struct error *err)
{
	char mark[96];
	int version;

	if (!db_schema_version(db, &version, err))
		return false;
	if (version >= migration->version)
		return true;
	snprintf(mark, sizeof(mark), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		 migration->application, migration->version);
	return db_exec(db, migration->text, err) && db_exec(db, mark, err);
}

static bool migrate_one(struct db *db, const struct db_migration *migration, struct error *err)
{
	if (!db_exec(db, "BEGIN IMMEDIATE", err))
		return false;
	if (migrate_locked(db, migration, err) && db_commit(db, err))
		return true;
	db_rollback(db);
	return error_prefix(err, "migration %s: ", migration->name);
}

bool db_schema_migrate(struct db *db, const struct db_migration *schema, struct error *err)
{
	for (; schema->text; schema++) {
		if (!migrate_one(db, schema, err))
			return false;
	}
	return true;
}
