/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * easymail.conf: where things are and how much each part may use; policy is in tenants.db.
 *
 * The syntax is that of main.cf without $-expansion: `name = value`, `#` begins a comment line, a
 * line that begins with white space continues the one before. Unlike main.cf, an unknown name, a
 * name given twice or a value out of range is an error that names file, line, value and mend.
 */
#ifndef EASYMAIL_CONFIG_H
#define EASYMAIL_CONFIG_H

#include "common/error.h"
#include <stddef.h>
#include <stdint.h>

#define CONFIG_DEFAULT_PATH "/etc/easymail/easymail.conf"

enum config_kind {
	CONFIG_TEXT,    /* `const char *` */
	CONFIG_PATH,    /* `const char *`, absolute */
	CONFIG_NUMBER,  /* `int64_t` between min and max */
	CONFIG_BOOL,    /* `int64_t` 0 or 1; written yes or no */
	CONFIG_CHOICE,  /* `int64_t`, index into choices */
	CONFIG_SECONDS, /* `int64_t` in milliseconds; written 90s, 5m, 2h, 1d or 250ms */
};

/* One line of the table that is also the man page's list. */
struct config_option {
	const char *name;
	enum config_kind kind;
	const char *fallback; /* the default, in the file's own spelling */
	int64_t min, max;     /* of a number; of seconds in milliseconds */
	const char *choices;  /* of a choice: "syslog|stderr" */
	const char *help;     /* one sentence */
};

/* All options of all programs: one file configures them all. In config_options.c; ends with name NULL. */
extern const struct config_option config_options[];

struct config;

/*
 * A missing file is an error unless it is the default path; then all is as config_options says.
 * The caller frees with config_free, which takes NULL too.
 */
bool config_load(const char *path, struct config **config_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* The same from memory; `where` stands for the file name in errors. The parser that is fuzzed. */
bool config_parse(const char *where, const char *text, size_t length, struct config **config_r,
		  struct error *err) __attribute__((nonnull, warn_unused_result));

void config_free(struct config *config);

/* Name must be in the table and of that kind: anything else is a programming error and aborts. */
const char *config_text(const struct config *config, const char *name) __attribute__((nonnull));
int64_t config_number(const struct config *config, const char *name) __attribute__((nonnull));

/* The path that was read; "" when the defaults serve. */
const char *config_source(const struct config *config) __attribute__((nonnull));

#endif
