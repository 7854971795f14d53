/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of the suppression database. */
#include "common/suppression.h"
#include "common/db.h"
#include "common/db_upkeep.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct suppressions {
	struct db *db;
	struct suppression_key key;
	uint64_t opened; /* which opening of the file the key was compared with */
};

static const char *const reason_names[] = {"soft", "hard", "complaint", "manual"};

const char *suppression_reason_name(enum suppression_reason reason)
{
	return reason_names[reason];
}

bool suppression_reason_parse(const char *text, enum suppression_reason *reason_r)
{
	for (size_t i = 0; i < sizeof(reason_names) / sizeof(*reason_names); i++) {
		if (strcmp(text, reason_names[i]) == 0) {
			*reason_r = (enum suppression_reason)i;
			return true;
		}
	}
	return false;
}

static enum db_mode db_mode_of(enum store_mode mode)
{
	switch (mode) {
	case STORE_READ:
		return DB_READ;
	case STORE_WRITE:
		return DB_WRITE;
	case STORE_CREATE:
		return DB_CREATE;
	}
	return DB_READ;
}

/* A new database takes the key file for its own. */
static bool adopt_key(struct suppressions *suppressions, struct error *err)
{
	struct db_query *insert;
	bool done;

	if (!db_begin_write(suppressions->db, err))
		return false;
	insert = db_query(suppressions->db, "INSERT OR IGNORE INTO key_file VALUES (1, ?)", err);
	if (insert != NULL)
		db_bind_text(insert, 1, suppressions->key.id);
	done = insert != NULL && db_run(insert, err) && db_commit(suppressions->db, err);
	if (!done)
		db_rollback(suppressions->db);
	return done;
}

/* The file may be another one than before, a restored one: with the wrong key nothing would be found in it. */
static bool check_key(struct suppressions *suppressions, struct error *err)
{
	struct db_query *query = db_query(suppressions->db, "SELECT id FROM key_file", err);
	bool same;

	if (query == NULL)
		return false;
	switch (db_step(query, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return error_set(err, "%s: table key_file is empty; restore it from a backup",
				 db_path(suppressions->db));
	case FOUND_ONE:
		break;
	}
	same = strcmp(db_text(query, 0), suppressions->key.id) == 0;
	if (!same)
		error_set(err,
			  "%s: was made with the key file of id %s, not with the one that option "
			  "suppression.key_file names (id %s); restore that from a backup",
			  db_path(suppressions->db), db_text(query, 0), suppressions->key.id);
	db_reset(query);
	suppressions->opened = same ? db_identity(suppressions->db).opened : 0;
	return same;
}

/* The key file comes first: a database without one is of no use. */
static bool make_key_file(const struct config *config, struct error *err)
{
	const char *path = config_text(config, "suppression.key_file");

	return access(path, F_OK) == 0 ||
	       key_file_create(path, config_text(config, "suppression.key_file_group"), err);
}

/* What is deleted is overwritten, so that erasing leaves nothing in the file. */
static bool configure(struct suppressions *suppressions, enum store_mode mode, struct error *err)
{
	struct db_query *query;

	if (mode == STORE_READ)
		return true;
	query = db_query(suppressions->db, "PRAGMA secure_delete = ON", err);
	if (query == NULL || db_step(query, err) == FOUND_ERROR)
		return false;
	db_reset(query);
	return mode != STORE_CREATE || adopt_key(suppressions, err);
}

bool suppressions_open(const struct config *config, enum store_mode mode,
		       struct suppressions **suppressions_r, struct error *err)
{
	const char *key_path = config_text(config, "suppression.key_file");
	struct suppressions *suppressions = calloc(1, sizeof(*suppressions));

	if (suppressions == NULL)
		return error_set(err, "suppression: out of memory");
	if ((mode != STORE_CREATE || make_key_file(config, err)) &&
	    suppression_key_load(key_path, &suppressions->key, err) &&
	    db_open(config_text(config, "suppression"), db_mode_of(mode), db_migrations_suppression,
		    (int)config_number(config, "database.busy_timeout"), &suppressions->db, err) &&
	    configure(suppressions, mode, err) && check_key(suppressions, err)) {
		*suppressions_r = suppressions;
		return true;
	}
	suppressions_close(suppressions);
	return error_prefix(err, "suppression: ");
}

void suppressions_close(struct suppressions *suppressions)
{
	if (suppressions == NULL)
		return;
	db_close(suppressions->db);
	crypto_wipe(&suppressions->key, sizeof(suppressions->key));
	free(suppressions);
}

bool suppressions_begin(struct suppressions *suppressions, struct error *err)
{
	struct db *db = suppressions->db;

	if (!(db_is_writable(db) ? db_begin_write(db, err) : db_begin_read(db, err)))
		return false;
	if (db_identity(db).opened == suppressions->opened || check_key(suppressions, err))
		return true;
	db_rollback(db);
	return false;
}

bool suppressions_commit(struct suppressions *suppressions, struct error *err)
{
	return db_commit(suppressions->db, err);
}

bool suppressions_backup(struct suppressions *suppressions, const char *to_path, struct error *err)
{
	return db_backup(suppressions->db, to_path, err);
}

struct db *suppressions_db(struct suppressions *suppressions)
{
	return suppressions->db;
}

const struct suppression_key *suppressions_key(const struct suppressions *suppressions)
{
	return &suppressions->key;
}

/* A database with a reason that this program does not know suppresses all the same. */
static enum suppression_reason read_reason(struct db_query *query, int column)
{
	enum suppression_reason reason = SUPPRESSION_MANUAL;

	(void)suppression_reason_parse(db_text(query, column), &reason);
	return reason;
}

static enum found find_hash(struct suppressions *suppressions, int64_t tenant_id,
			    const unsigned char *hash, enum suppression_reason *reason_r,
			    struct error *err)
{
	struct db_query *query =
	    db_query(suppressions->db,
		     "SELECT reason FROM suppression WHERE hash = ? AND tenant_id = ?", err);
	enum found found;

	if (query == NULL)
		return FOUND_ERROR;
	db_bind_blob(query, 1, hash, SUPPRESSION_HASH_BYTES);
	db_bind_int(query, 2, tenant_id);
	found = db_step(query, err);
	if (found == FOUND_ONE)
		*reason_r = read_reason(query, 0);
	db_reset(query);
	return found;
}

enum found suppressions_find(struct suppressions *suppressions, int64_t tenant_id,
			     const struct mailbox *address, enum suppression_reason *reason_r,
			     struct error *err)
{
	unsigned char hash[SUPPRESSION_HASH_BYTES];

	suppression_hash(&suppressions->key, address, hash);
	return find_hash(suppressions, tenant_id, hash, reason_r, err);
}

static bool put_row(struct suppressions *suppressions, const unsigned char *hash,
		    const struct mailbox *address, const struct suppression_row *row,
		    struct error *err)
{
	struct suppression_sealed sealed;
	struct db_query *query;

	if (!suppression_seal(&suppressions->key, hash, address->address,
			      row->note != NULL ? row->note : "", &sealed, err))
		return false;
	query = db_query(suppressions->db,
			 "INSERT OR REPLACE INTO suppression (hash, tenant_id, reason, created, "
			 "sealed) VALUES (?, ?, ?, ?, ?)",
			 err);
	if (query == NULL)
		return false;
	db_bind_blob(query, 1, hash, SUPPRESSION_HASH_BYTES);
	db_bind_int(query, 2, row->tenant_id);
	db_bind_text(query, 3, suppression_reason_name(row->reason));
	db_bind_int(query, 4, row->created != 0 ? row->created : (int64_t)time(NULL));
	db_bind_blob(query, 5, sealed.octets, sealed.length);
	return db_run(query, err);
}

bool suppressions_add(struct suppressions *suppressions, const struct mailbox *address,
		      const struct suppression_row *row, bool *new_r, struct error *err)
{
	unsigned char hash[SUPPRESSION_HASH_BYTES];
	enum suppression_reason before;
	enum found found;

	if (address->is_null)
		return error_set(err, "address <>: the null sender cannot be suppressed");
	suppression_hash(&suppressions->key, address, hash);
	found = find_hash(suppressions, row->tenant_id, hash, &before, err);
	if (found == FOUND_ERROR)
		return false;
	if (new_r != NULL)
		*new_r = found == FOUND_NONE;
	if (found == FOUND_ONE && before >= row->reason)
		return true;
	return put_row(suppressions, hash, address, row, err);
}

/* Runs a statement that takes the hash, and the tenant if not 0; its changes are added. */
static bool change_hash(struct suppressions *suppressions, const char *sql,
			const unsigned char *hash, int64_t tenant_id, int64_t *changes,
			struct error *err)
{
	struct db_query *query = db_query(suppressions->db, sql, err);

	if (query == NULL)
		return false;
	db_bind_blob(query, 1, hash, SUPPRESSION_HASH_BYTES);
	if (tenant_id != 0)
		db_bind_int(query, 2, tenant_id);
	if (!db_run(query, err))
		return false;
	*changes += db_changes(suppressions->db);
	return true;
}

enum found suppressions_remove(struct suppressions *suppressions, int64_t tenant_id,
			       const struct mailbox *address, struct error *err)
{
	unsigned char hash[SUPPRESSION_HASH_BYTES];
	int64_t rows = 0, bounces = 0;

	suppression_hash(&suppressions->key, address, hash);
	if (!change_hash(suppressions, "DELETE FROM suppression WHERE hash = ? AND tenant_id = ?",
			 hash, tenant_id, &rows, err) ||
	    !change_hash(suppressions,
			 "UPDATE bounce SET class = 'other' WHERE hash = ? AND tenant_id = ?", hash,
			 tenant_id, &bounces, err))
		return FOUND_ERROR;
	return rows > 0 ? FOUND_ONE : FOUND_NONE;
}

static bool forget(struct suppressions *suppressions, const char *sql, int64_t tenant_id,
		   struct error *err)
{
	struct db_query *query = db_query(suppressions->db, sql, err);

	if (query == NULL)
		return false;
	db_bind_int(query, 1, tenant_id);
	return db_run(query, err);
}

bool suppressions_forget(struct suppressions *suppressions, int64_t tenant_id, struct error *err)
{
	return forget(suppressions, "DELETE FROM suppression WHERE tenant_id = ?", tenant_id,
		      err) &&
	       forget(suppressions, "DELETE FROM bounce WHERE tenant_id = ?", tenant_id, err);
}

/* One row of the listing; the text lives in `text`. */
static bool read_row(struct suppressions *suppressions, struct db_query *query,
		     struct suppression_text *text, struct suppression_row *row_r,
		     struct error *err)
{
	size_t hash_length, length;
	const void *hash = db_blob(query, 3, &hash_length);
	const void *sealed = db_blob(query, 4, &length);

	*row_r = (struct suppression_row){
	    .tenant_id = db_int(query, 0),
	    .reason = read_reason(query, 1),
	    .created = db_int(query, 2),
	    .address = "",
	    .note = "",
	};
	if (sealed == NULL)
		return true;
	if (hash == NULL || hash_length != SUPPRESSION_HASH_BYTES)
		return error_set(err, "%s: a hash has not its size; restore it from a backup",
				 db_path(suppressions->db));
	if (!suppression_unseal(&suppressions->key, hash, sealed, length, text, err))
		return error_prefix(err, "%s: ", db_path(suppressions->db));
	row_r->address = text->address;
	row_r->note = text->note;
	return true;
}

#define LIST_COLUMNS "SELECT tenant_id, reason, created, hash, sealed FROM suppression"
static const char list_all[] = LIST_COLUMNS " ORDER BY tenant_id, created";
static const char list_one[] = LIST_COLUMNS " WHERE tenant_id = ? ORDER BY created";

bool suppressions_list(struct suppressions *suppressions, int64_t tenant_id,
		       void (*each)(const struct suppression_row *row, void *context),
		       void *context, struct error *err)
{
	struct db_query *query =
	    db_query(suppressions->db, tenant_id == 0 ? list_all : list_one, err);
	struct suppression_text text;
	struct suppression_row row;
	enum found found = FOUND_ERROR;

	if (query == NULL)
		return false;
	if (tenant_id != 0)
		db_bind_int(query, 1, tenant_id);
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

/* The write-ahead log still has the pages as they were. */
static bool empty_log(struct suppressions *suppressions, struct error *err)
{
	struct db_query *query = db_query(suppressions->db, "PRAGMA wal_checkpoint(TRUNCATE)", err);
	bool busy;

	if (query == NULL || db_step(query, err) != FOUND_ONE)
		return false;
	busy = db_int(query, 0) != 0;
	db_reset(query);
	return !busy ||
	       error_set(err,
			 "%s: erased, but another program reads an old state of it; erase again",
			 db_path(suppressions->db));
}

static bool erase_rows(struct suppressions *suppressions, const unsigned char *hash, bool keep_hash,
		       int64_t *rows, struct error *err)
{
	return change_hash(suppressions,
			   keep_hash
			       ? "UPDATE suppression SET sealed = NULL, created = 0 WHERE hash = ?"
			       : "DELETE FROM suppression WHERE hash = ?",
			   hash, 0, rows, err) &&
	       change_hash(suppressions, "DELETE FROM bounce WHERE hash = ?", hash, 0, rows, err);
}

bool suppressions_erase(struct suppressions *suppressions, const struct mailbox *address,
			bool keep_hash, size_t *rows_r, struct error *err)
{
	unsigned char hash[SUPPRESSION_HASH_BYTES];
	int64_t rows = 0;

	suppression_hash(&suppressions->key, address, hash);
	if (!db_begin_write(suppressions->db, err))
		return false;
	if (!erase_rows(suppressions, hash, keep_hash, &rows, err) ||
	    !db_commit(suppressions->db, err)) {
		db_rollback(suppressions->db);
		return false;
	}
	*rows_r = (size_t)rows;
	return empty_log(suppressions, err);
}
