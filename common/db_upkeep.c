/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking after a database file: is it sound, and a copy of it. */
#include "common/db_upkeep.h"
#include "common/db_connection.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool db_integrity(struct db *db, struct error *err)
{
	struct db_query *query = db_query(db, "PRAGMA integrity_check(1)", err);
	bool sound;

	if (!query || db_step(query, err) != FOUND_ONE)
		return false;
	sound = strcmp(db_text(query, 0), "ok") == 0;
	if (!sound)
		error_set(err, "%s: damaged (%s); restore it from a backup", db_path(db),
			  db_text(query, 0));
	db_reset(query);
	return sound;
}

bool db_backup(struct db *db, const char *to_path, struct error *err)
{
	struct db_connection *connection = db_connection_of(db);
	int descriptor;

	if (!connection)
		return error_set(err, "%s: not open", db_path(db));
	descriptor = open(to_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (descriptor < 0)
		return error_set(err, "%s: %s; give the path of a new file", to_path,
				 strerror(errno));
	close(descriptor);
	if (db_connection_copy(connection, to_path, err))
		return true;
	unlink(to_path);
	return false;
}
