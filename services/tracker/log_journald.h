/* SPDX-License-Identifier: BSD-2-Clause */
/* The mail facility's entries in systemd's journal. */
#ifndef EASYMAIL_TRACKER_LOG_JOURNALD_H
#define EASYMAIL_TRACKER_LOG_JOURNALD_H

#include "common/error.h"
#include "services/tracker/log_line.h"
#include <stddef.h>

struct log_journald;

/*
 * The journal in that directory, or with "" the system's; after the entry of the cursor, or with "" from the first entry on. When that entry is gone, a warning says so, and
 * reading goes on at the one nearest to it.
 */
bool log_journald_new(const char *directory, const char *cursor, struct log_journald **journald_r,
		      struct error *err) __attribute__((nonnull, warn_unused_result));
void log_journald_free(struct log_journald *journald); /* takes NULL */

/* The next entry, its texts in `text_r`; FOUND_NONE: none is there yet. */
enum found log_journald_next(struct log_journald *journald, char *text_r, size_t size,
			     struct log_line *line_r, struct error *err) __attribute__((nonnull));

/* Certainly nothing to read: the end was reached, and nothing was added since. */
bool log_journald_is_idle(struct log_journald *journald) __attribute__((nonnull));

/* Of the last entry that was given; "" before the first. */
const char *log_journald_cursor(const struct log_journald *journald) __attribute__((nonnull));

#endif
