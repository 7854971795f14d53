/* SPDX-License-Identifier: BSD-2-Clause */
/* Which headers tell of the tenant's network, and which are meant for the reader. */
#ifndef EASYMAIL_HIDE_TABLE_H
#define EASYMAIL_HIDE_TABLE_H

#include <stdbool.h>

/* What such a header tells, "its way through the network"; NULL: it is none. Names in any case. */
const char *hide_table_find(const char *name) __attribute__((nonnull));

/* Is it a field that a reader or another server acts on, and whose value therefore stays? */
bool hide_table_is_standard(const char *name) __attribute__((nonnull));

#endif
