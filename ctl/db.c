/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl db: the database as a file. */
#include "common/db_check.h"
#include "common/store.h"
#include "ctl/db_report.h"
#include "ctl/files.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char *database_path(const struct ctl *ctl)
{
	return config_text(ctl->config, "database");
}

static bool open_and_close(struct ctl *ctl, enum store_mode mode, struct error *err)
{
	struct db *db;

	if (!store_open(database_path(ctl), mode,
			(int)config_number(ctl->config, "database.busy_timeout"), &db, err))
		return false;
	store_close(db);
	return true;
}

bool ctl_db_init(struct ctl *ctl, struct error *err)
{
	const char *path = database_path(ctl);

	if (access(path, F_OK) == 0) {
		if (!open_and_close(ctl, STORE_READ, err))
			return false;
		output_done(ctl, "database %s: is there already, schema %d", path,
			    store_schema_newest());
		return true;
	}
	if (!open_and_close(ctl, STORE_CREATE, err) || !file_give_to_directory_owner(path, err))
		return false;
	output_done(ctl, "database %s: made, schema %d", path, store_schema_newest());
	return true;
}

bool ctl_db_migrate(struct ctl *ctl, struct error *err)
{
	const char *path = database_path(ctl);

	if (access(path, F_OK) != 0)
		return error_set(err, "database: %s: %s; make it with `easymailctl db init`", path,
				 strerror(errno));
	if (!open_and_close(ctl, STORE_CREATE, err) || !file_give_to_directory_owner(path, err))
		return false;
	output_done(ctl, "database %s: has schema %d", path, store_schema_newest());
	return true;
}

static bool info(struct ctl *ctl, struct db *db, struct error *err)
{
	struct json *object = json_new_object();

	if (!db_report_counts(db, object, err)) {
		json_drop(object);
		return false;
	}
	json_put_text(object, "path", database_path(ctl));
	output_object(ctl, "path schema generation tenants domains hosts groups egress_ips",
		      object);
	return true;
}

bool ctl_db_info(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, info, err);
}

static bool check(struct ctl *ctl, struct db *db, struct error *err)
{
	struct json *rows = db_report_findings(db, err);

	if (!rows)
		return false;
	ctl->findings = json_count(rows) > 0;
	if (!ctl->findings && !ctl->json)
		puts("no findings");
	output_list(ctl, "table id tenant field value problem mend", rows);
	return true;
}

bool ctl_db_check(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, check, err);
}

static bool reindex(struct ctl *ctl, struct db *db, struct error *err)
{
	(void)ctl;
	return store_reindex(db, err);
}

bool ctl_db_reindex(struct ctl *ctl, struct error *err)
{
	if (!ctl_change(ctl, reindex, err))
		return false;
	output_done(ctl, "database %s: index of relay hosts made anew", database_path(ctl));
	return true;
}

bool ctl_db_backup(struct ctl *ctl, struct error *err)
{
	const char *to = ctl_argument(ctl, 0);
	struct db *db;
	bool done;

	if (!store_open(database_path(ctl), STORE_READ,
			(int)config_number(ctl->config, "database.busy_timeout"), &db, err))
		return false;
	done = store_backup(db, to, err);
	store_close(db);
	if (done)
		output_done(ctl, "database %s: copied to %s", database_path(ctl), to);
	return done;
}
