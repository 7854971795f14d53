/* SPDX-License-Identifier: BSD-2-Clause */
/* Easymail's table files for Postfix, and how their replacement tells smtp(8) that main.cf has changed. */
#ifndef EASYMAIL_CTL_POSTFIX_TABLES_H
#define EASYMAIL_CTL_POSTFIX_TABLES_H

#include "common/error.h"

struct postfix_table {
	const char *name; /* within the directory `easymail` beside main.cf */
	const char *text;
};

/* Ends with name NULL. Made from postfix-conf/ when this is built. */
extern const struct postfix_table postfix_tables[];

/* Makes the compiled form of `rebind` anew in the directory of main.cf, by rename: smtp(8) looks for its table's
 * inode to have lost its name, which has no granularity of time as the modification time has. */
bool postfix_tables_swap(const char *directory, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
