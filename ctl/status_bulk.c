/* SPDX-License-Identifier: BSD-2-Clause */
/* Return paths in `easymailctl status`: is the key there that they need? */
#include "common/key_file.h"
#include "common/setting_rows.h"
#include "common/store.h"
#include "ctl/status.h"

/* The setting's domain; "" when none is set or the database cannot be read, which is another part's finding. */
static void read_domain(struct ctl *ctl, struct setting_row *row)
{
	struct error unread;
	struct db *db;

	row->value[0] = '\0';
	if (!store_open(config_text(ctl->config, "database"), STORE_READ,
			(int)config_number(ctl->config, "database.busy_timeout"), &db, &unread))
		return;
	if (!store_begin(db, &unread) ||
	    !setting_rows_get(db, NULL, "bulk.return_path_domain", row, &unread))
		row->value[0] = '\0';
	store_close(db);
}

void status_bulk(struct ctl *ctl, struct status *status)
{
	const char *path = config_text(ctl->config, "bulk.key_file");
	struct setting_row row;
	struct key_file file;
	struct error problem;

	read_domain(ctl, &row);
	if (row.value[0] == '\0')
		return;
	switch (key_file_load(path, &file, &problem)) {
	case FOUND_ERROR:
		status_note(status, "bulk", false, "%s; bulk mail is answered 451", problem.text);
		return;
	case FOUND_NONE:
		status_note(
		    status, "bulk", false,
		    "key file %s is not there and bulk mail is answered 451; restore it, or "
		    "run `easymailctl bulk init-keyfile`",
		    path);
		return;
	case FOUND_ONE:
		break;
	}
	key_file_wipe(&file);
	status_note(status, "bulk", true, "return paths are in %s", row.value);
}
