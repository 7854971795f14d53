/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Postfix's configuration, read and written through postconf(1), and the table files beside it that
 * are easymail's own.
 */
#ifndef EASYMAIL_CTL_POSTFIX_CONF_H
#define EASYMAIL_CTL_POSTFIX_CONF_H

#include "common/error.h"
#include "ctl/pairs.h"

/* What is, or what should be. */
struct postfix_state {
	struct pairs parameters; /* main.cf, values unexpanded; defaults too when it was read */
	struct pairs services;   /* "smtp/unix": its line of master.cf, blanks collapsed */
	struct pairs
	    overrides;      /* "smtp/inet/smtpd_milters": the -o options; only when it was read */
	struct pairs files; /* path of a table: its text */
};

/* Reads everything, and those of `paths` (ends with NULL) that exist. Free it in either case. */
bool postfix_conf_read(const char *directory, const char *const *paths,
		       struct postfix_state *state_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void postfix_state_free(struct postfix_state *state) __attribute__((nonnull));

/* Blanks collapsed as in a service's value. */
void postfix_conf_collapse(char *text) __attribute__((nonnull));

/* postconf `option` (-e, -M, -X, -MX) for all `words` (ends with NULL) in one call, which is atomic. No word:
 * nothing. */
bool postfix_conf_edit(const char *directory, const char *option, const char *const *words,
		       struct error *err) __attribute__((nonnull, warn_unused_result));

/* Copies main.cf and master.cf to names with the time in them; stamp_r is what the names end with. */
bool postfix_conf_backup(const char *directory, char stamp_r[32], struct error *err)
    __attribute__((nonnull, warn_unused_result));
bool postfix_conf_restore(const char *directory, const char *stamp, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Is a master process of this configuration there? And the reload. */
bool postfix_conf_is_running(const char *directory) __attribute__((nonnull));
bool postfix_conf_reload(const char *directory, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* May this process change the configuration? */
bool postfix_conf_is_writable(const char *directory) __attribute__((nonnull));

#endif
