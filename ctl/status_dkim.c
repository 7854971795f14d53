/* SPDX-License-Identifier: BSD-2-Clause */
/* The key file in `easymailctl status`: does it open the DKIM keys that the database has? */
#include "common/dkim_key_rows.h"
#include "common/store.h"
#include "ctl/status.h"

static bool count_keys(struct ctl *ctl, const char *file_id, struct dkim_key_counts *counts_r,
		       struct error *err)
{
	struct db *db;
	bool done;

	if (!store_open(config_text(ctl->config, "database"), STORE_READ,
			(int)config_number(ctl->config, "database.busy_timeout"), &db, err))
		return false;
	done = store_begin(db, err) && dkim_key_rows_count(db, file_id, counts_r, err);
	store_close(db);
	return done;
}

void status_dkim(struct ctl *ctl, struct status *status)
{
	const char *path = config_text(ctl->config, "dkim.key_file");
	struct key_file file = {.id = ""};
	struct dkim_key_counts counts;
	struct error err, problem;
	enum found found = key_file_load(path, &file, &problem);

	if (found == FOUND_NONE)
		error_set(&problem, "key file %s: is not there", path);
	/* A database that cannot be read is another part's finding. */
	if (count_keys(ctl, file.id, &counts, &err) && counts.opening + counts.others > 0) {
		if (found != FOUND_ONE)
			status_note(status, "dkim", false,
				    "%s; %lld keys are sealed under it, so restore it",
				    problem.text, (long long)counts.others);
		else if (counts.others > 0)
			status_note(status, "dkim", false,
				    "key file %s opens %lld keys and not %lld others; restore that "
				    "which those were sealed under",
				    path, (long long)counts.opening, (long long)counts.others);
		else
			status_note(status, "dkim", true, "key file %s opens all %lld keys", path,
				    (long long)counts.opening);
	}
	key_file_wipe(&file);
}
