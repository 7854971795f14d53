/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl suppression: addresses that a tenant's mail does not go to any more. */
#include "ctl/suppression.h"
#include "ctl/bounce.h"
#include "ctl/files.h"
#include "ctl/output.h"

/* One command's question. */
struct asking {
	const char *tenant;
	int64_t tenant_id;
	struct mailbox address;
	struct suppression_row row;
	struct json *rows, *names;
	bool is_new;
	enum found found;
};

bool ctl_suppression_init(struct ctl *ctl, struct error *err)
{
	const char *const paths[] = {config_text(ctl->config, "suppression"),
				     config_text(ctl->config, "suppression.key_file")};
	struct suppressions *suppressions;

	if (!suppressions_open(ctl->config, STORE_CREATE, &suppressions, err))
		return false;
	suppressions_close(suppressions);
	for (size_t i = 0; i < 2; i++) {
		if (!file_give_to_directory_owner(paths[i], err))
			return error_prefix(err, "suppression: ");
	}
	output_done(ctl, "suppression list %s: ready, key file %s", paths[0], paths[1]);
	return true;
}

static void append_row(const struct suppression_row *row, void *context)
{
	struct asking *asking = context;
	struct json *object = json_new_object();

	json_put_text(object, "address", row->address[0] != '\0' ? row->address : NULL);
	suppression_put_tenant(object, asking->names, row->tenant_id);
	json_put_text(object, "reason", suppression_reason_name(row->reason));
	suppression_put_time(object, "created", row->created);
	json_put_text(object, "note", row->note);
	json_append(asking->rows, object);
}

static bool list(void *context, struct suppressions *suppressions, struct error *err)
{
	struct asking *asking = context;

	return suppressions_list(suppressions, asking->tenant_id, append_row, asking, err);
}

bool ctl_suppression_list(struct ctl *ctl, struct error *err)
{
	struct asking asking = {.rows = json_new_array()};
	bool done;

	asking.names = suppression_tenants(ctl, err);
	done = asking.names != NULL &&
	       suppression_tenant(ctl, ctl_argument(ctl, 0), &asking.tenant_id, err) &&
	       suppression_read(ctl, list, &asking, err);
	json_drop(asking.names);
	if (done)
		output_list(ctl, "address tenant reason created note", asking.rows);
	else
		json_drop(asking.rows);
	return done;
}

static bool parse_address(const char *text, struct mailbox *address_r, struct error *err)
{
	if (!mailbox_parse(text, address_r, err))
		return false;
	return !address_r->is_null ||
	       error_set(err, "address <>: the null sender is nobody's address");
}

static bool add(void *context, struct suppressions *suppressions, struct error *err)
{
	struct asking *asking = context;

	return suppressions_add(suppressions, &asking->address, &asking->row, &asking->is_new, err);
}

bool ctl_suppression_add(struct ctl *ctl, struct error *err)
{
	const char *reason = ctl_option(ctl, "--reason"), *note = ctl_option(ctl, "--note");
	struct asking asking = {.row = {.reason = SUPPRESSION_MANUAL, .note = note ? note : ""}};

	if (reason && !suppression_reason_parse(reason, &asking.row.reason))
		return error_set(err, "--reason: %s is none of soft, hard, complaint, manual",
				 reason);
	if (!parse_address(ctl_argument(ctl, 1), &asking.address, err) ||
	    !suppression_tenant(ctl, ctl_argument(ctl, 0), &asking.row.tenant_id, err) ||
	    !suppression_change(ctl, add, &asking, err))
		return false;
	output_done(ctl, "address %s of tenant %s: %s", asking.address.address,
		    ctl_argument(ctl, 0), asking.is_new ? "suppressed" : "was suppressed already");
	return true;
}

static bool remove_one(void *context, struct suppressions *suppressions, struct error *err)
{
	struct asking *asking = context;

	switch (suppressions_remove(suppressions, asking->tenant_id, &asking->address, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return error_set(err,
				 "address %s: is not on tenant %s's list; see `easymailctl "
				 "suppression list`",
				 asking->address.address, asking->tenant);
	case FOUND_ONE:
		break;
	}
	return true;
}

bool ctl_suppression_remove(struct ctl *ctl, struct error *err)
{
	struct asking asking = {.tenant = ctl_argument(ctl, 0)};

	if (!parse_address(ctl_argument(ctl, 1), &asking.address, err) ||
	    !suppression_tenant(ctl, ctl_argument(ctl, 0), &asking.tenant_id, err) ||
	    !suppression_change(ctl, remove_one, &asking, err))
		return false;
	output_done(ctl, "address %s of tenant %s: mail goes to it again", asking.address.address,
		    ctl_argument(ctl, 0));
	return true;
}

bool ctl_suppression_erase(struct ctl *ctl, struct error *err)
{
	bool keep_hash = ctl_option(ctl, "--keep-hash") != NULL, done;
	struct suppressions *suppressions;
	struct mailbox address;
	size_t rows;

	if (!parse_address(ctl_argument(ctl, 0), &address, err) ||
	    !suppressions_open(ctl->config, STORE_WRITE, &suppressions, err))
		return false;
	done = suppressions_erase(suppressions, &address, keep_hash, &rows, err);
	suppressions_close(suppressions);
	if (done)
		output_done(ctl, "address %s: erased from %zu rows%s", address.address, rows,
			    keep_hash ? "; where it was suppressed it still is" : "");
	return done;
}

bool ctl_suppression_backup(struct ctl *ctl, struct error *err)
{
	const char *to = ctl_argument(ctl, 0);
	struct suppressions *suppressions;
	bool done;

	if (!suppressions_open(ctl->config, STORE_READ, &suppressions, err))
		return false;
	done = suppressions_backup(suppressions, to, err);
	suppressions_close(suppressions);
	if (done)
		output_done(ctl, "suppression list %s: copied to %s",
			    config_text(ctl->config, "suppression"), to);
	return done;
}
