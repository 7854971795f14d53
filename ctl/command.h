/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands of easymailctl: one table, from which words are looked up, arguments read and the usage printed. */
#ifndef EASYMAIL_CTL_COMMAND_H
#define EASYMAIL_CTL_COMMAND_H

#include "common/config.h"
#include "common/egress_way.h"
#include "common/error.h"
#include <stddef.h>
#include <stdio.h>

#define COMMAND_ARGUMENTS_MAX 4
#define COMMAND_OPTIONS_MAX   256 /* `check --to` may be given many times */

struct ctl;
struct db;

struct command {
	const char *noun;
	const char *verb; /* one or two words; "" when the noun is the whole command */
	/* What follows, as shown and as read: `NAME` must be there, `[NAME]` may, `--name VALUE` and `--name` are
	 * options, in brackets when they may be left out, with `...` after them when they may be repeated. */
	const char *usage;
	const char *help; /* one line */
	/* False: refused, the error says why. */
	bool (*run)(struct ctl *ctl, struct error *err);
};

/* Ends with noun NULL. In commands.c. */
extern const struct command commands[];

struct command_option {
	const char *name;  /* "--group" */
	const char *value; /* "" for an option that takes none */
};

/* One run of the program. */
struct ctl {
	const struct command *command;
	struct config *config;
	bool json;
	bool findings; /* the command worked, and found what makes the exit status 1 */
	void *context; /* what a command has at hand in its transactions; its own */
	size_t argument_count, option_count;
	const char *arguments[COMMAND_ARGUMENTS_MAX];
	struct command_option options[COMMAND_OPTIONS_MAX];
};

/* Reads the words after the program's own options into `ctl`. False is a usage error. `--json` counts anywhere. */
bool command_parse(struct ctl *ctl, int count, char *const *words, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* The usage of one noun, or with `noun` NULL of all. */
void command_usage(FILE *out, const char *noun) __attribute__((nonnull(1)));

/* NULL when it was not given. */
const char *ctl_argument(const struct ctl *ctl, size_t at) __attribute__((nonnull));
const char *ctl_option(const struct ctl *ctl, const char *name) __attribute__((nonnull));

/* Reads an option's "yes" or "no". */
bool ctl_yes_or_no(const char *option, const char *value, bool *yes_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Reads an option's "corporate" or "bulk". */
bool ctl_stream(const char *option, const char *value, enum egress_way *stream_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Refuses a command that was given none of the options that say what to change. */
bool ctl_needs_an_option(const struct ctl *ctl, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* What a command does with the database, in one transaction. */
typedef bool ctl_transaction(struct ctl *ctl, struct db *db, struct error *err);

/* Opens tenants.db and calls `body` in a transaction: of reading, or of a change that is committed when `body`
 * succeeds and undone otherwise. */
bool ctl_read(struct ctl *ctl, ctl_transaction *body, struct error *err)
    __attribute__((nonnull, warn_unused_result));
bool ctl_change(struct ctl *ctl, ctl_transaction *body, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
