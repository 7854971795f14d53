/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl db: the database as a file. */
#include "common/db_check.h"
#include "common/journal.h"
#include "common/store.h"
#include "ctl/db_report.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *database_path(const struct ctl *ctl)
{
	return config_text(ctl->config, "database");
}

static const char *journal_path(const struct ctl *ctl)
{
	return config_text(ctl->config, "journal");
}

/* A database that root made belongs to whom its directory belongs to: the services write there. */
static bool give_to_directory_owner(const char *path, struct error *err)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char directory[4096], file[4096 + 8];
	char *slash;
	struct stat status;

	if (geteuid() != 0)
		return true;
	snprintf(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	if (!slash)
		return true;
	slash[slash == directory] = '\0';
	if (stat(directory, &status) != 0)
		return error_set(err, "database: %s: %s", directory, strerror(errno));
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(file, sizeof(file), "%s%s", path, suffixes[i]);
		if (lchown(file, status.st_uid, status.st_gid) != 0 && errno != ENOENT)
			return error_set(err, "database: %s: cannot give it to user %u: %s", file,
					 (unsigned)status.st_uid, strerror(errno));
	}
	return true;
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

static bool open_journal(const struct ctl *ctl, enum journal_mode mode, struct journal **journal_r,
			 struct error *err)
{
	int busy_ms = (int)config_number(ctl->config, "database.busy_timeout");

	return journal_open(journal_path(ctl), mode, busy_ms, journal_r, err);
}

/* Makes the journal or brings it to this program's schema; one that has it stays as it is. */
static bool make_journal(const struct ctl *ctl, struct error *err)
{
	struct journal *journal;

	if (!open_journal(ctl, JOURNAL_CREATE, &journal, err))
		return error_prefix(err, "journal: ");
	journal_close(journal);
	return give_to_directory_owner(journal_path(ctl), err);
}

bool ctl_db_init(struct ctl *ctl, struct error *err)
{
	const char *path = database_path(ctl);
	bool is_there = access(path, F_OK) == 0;

	if (!open_and_close(ctl, is_there ? STORE_READ : STORE_CREATE, err) ||
	    (!is_there && !give_to_directory_owner(path, err)) || !make_journal(ctl, err))
		return false;
	output_done(ctl, "database %s: %s, schema %d; journal %s: schema %d", path,
		    is_there ? "is there already" : "made", store_schema_newest(),
		    journal_path(ctl), journal_schema_newest());
	return true;
}

bool ctl_db_migrate(struct ctl *ctl, struct error *err)
{
	const char *path = database_path(ctl);

	if (access(path, F_OK) != 0)
		return error_set(err, "database: %s: %s; make it with `easymailctl db init`", path,
				 strerror(errno));
	if (!open_and_close(ctl, STORE_CREATE, err) || !give_to_directory_owner(path, err) ||
	    !make_journal(ctl, err))
		return false;
	output_done(ctl, "database %s: has schema %d; journal %s: has schema %d", path,
		    store_schema_newest(), journal_path(ctl), journal_schema_newest());
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
	json_put_text(object, "journal", journal_path(ctl));
	output_object(ctl, "path schema generation tenants domains hosts groups egress_ips journal",
		      object);
	return true;
}

bool ctl_db_info(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, info, err);
}

/* A journal that is not sound is a finding. */
static void check_journal(const struct ctl *ctl, struct json *rows)
{
	struct journal *journal = NULL;
	struct json *finding;
	struct error problem;

	if (!open_journal(ctl, JOURNAL_READ, &journal, &problem) ||
	    !journal_check(journal, &problem)) {
		finding = json_new_object();
		json_put_text(finding, "table", "");
		json_put_number(finding, "id", 0);
		json_put_text(finding, "tenant", "");
		json_put_text(finding, "field", "journal");
		json_put_text(finding, "value", journal_path(ctl));
		json_put_text(finding, "problem", problem.text);
		json_put_text(finding, "mend", "restore a backup, or move it away and `db init`");
		json_append(rows, finding);
	}
	journal_close(journal);
}

static bool check(struct ctl *ctl, struct db *db, struct error *err)
{
	struct json *rows = db_report_findings(db, err);

	if (!rows)
		return false;
	check_journal(ctl, rows);
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

static bool backup_journal(const struct ctl *ctl, const char *to, struct error *err)
{
	struct journal *journal;
	bool done;

	if (!open_journal(ctl, JOURNAL_READ, &journal, err))
		return false;
	done = journal_backup(journal, to, err);
	journal_close(journal);
	return done;
}

bool ctl_db_backup(struct ctl *ctl, struct error *err)
{
	const char *to = ctl_argument(ctl, 0), *journal_to = ctl_option(ctl, "--journal");
	struct db *db;
	bool done;

	if (!store_open(database_path(ctl), STORE_READ,
			(int)config_number(ctl->config, "database.busy_timeout"), &db, err))
		return false;
	done = store_backup(db, to, err);
	store_close(db);
	if (!done || (journal_to && !backup_journal(ctl, journal_to, err)))
		return false;
	output_done(ctl, "database %s: copied to %s%s%s", database_path(ctl), to,
		    journal_to ? "; journal: to " : "", journal_to ? journal_to : "");
	return true;
}
