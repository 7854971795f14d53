/* SPDX-License-Identifier: BSD-2-Clause */
/* What every command has at hand: its words, and a transaction of the database. */
#include "common/store.h"
#include "ctl/command.h"
#include <string.h>

const char *ctl_argument(const struct ctl *ctl, size_t at)
{
	return at < ctl->argument_count ? ctl->arguments[at] : NULL;
}

/* Options are kept as written, so that `--name=value` is compared up to its equals sign. */
static bool is_option(const char *given, const char *name)
{
	size_t length = strlen(name);

	return strncmp(given, name, length) == 0 && (given[length] == '\0' || given[length] == '=');
}

const char *ctl_option(const struct ctl *ctl, const char *name)
{
	for (size_t i = 0; i < ctl->option_count; i++) {
		if (is_option(ctl->options[i].name, name))
			return ctl->options[i].value;
	}
	return NULL;
}

bool ctl_yes_or_no(const char *option, const char *value, bool *yes_r, struct error *err)
{
	*yes_r = strcmp(value, "yes") == 0;
	if (!*yes_r && strcmp(value, "no") != 0)
		return error_set(err, "%s: %s is neither yes nor no", option, value);
	return true;
}

bool ctl_stream(const char *option, const char *value, enum egress_way *stream_r, struct error *err)
{
	if (egress_stream_parse(value, stream_r) != FOUND_ONE)
		return error_set(err, "%s: %s is neither corporate nor bulk", option, value);
	return true;
}

bool ctl_needs_an_option(const struct ctl *ctl, struct error *err)
{
	if (ctl->option_count == 0)
		return error_set(err, "nothing to change was given; %s %s takes %s",
				 ctl->command->noun, ctl->command->verb, ctl->command->usage);
	return true;
}

static bool transaction(struct ctl *ctl, enum store_mode mode, ctl_transaction *body,
			struct error *err)
{
	struct db *db;
	bool done;

	if (!store_open(config_text(ctl->config, "database"), mode,
			(int)config_number(ctl->config, "database.busy_timeout"), &db, err))
		return false;
	done = store_begin(db, err) && body(ctl, db, err);
	if (done && mode == STORE_WRITE)
		done = store_commit(db, err);
	else
		store_rollback(db);
	store_close(db);
	return done;
}

bool ctl_read(struct ctl *ctl, ctl_transaction *body, struct error *err)
{
	return transaction(ctl, STORE_READ, body, err);
}

bool ctl_change(struct ctl *ctl, ctl_transaction *body, struct error *err)
{
	return transaction(ctl, STORE_WRITE, body, err);
}
