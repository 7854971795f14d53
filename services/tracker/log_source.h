/* SPDX-License-Identifier: BSD-2-Clause */
/* The mail log as lines in their order, from a file or from journald. */
#ifndef EASYMAIL_TRACKER_LOG_SOURCE_H
#define EASYMAIL_TRACKER_LOG_SOURCE_H

#include "common/journal_position.h"
#include "services/tracker/log_line.h"

struct log_source;

/* The file at `path`, or with "" the journal in `directory`, "" for the system's. Opened by log_source_seek. */
struct log_source *log_source_new(const char *path, const char *directory) __attribute__((nonnull));
void log_source_free(struct log_source *source); /* takes NULL */

/* "file" or "journald", as the journal's positions are called. */
const char *log_source_name(const struct log_source *source) __attribute__((nonnull));

/* To the place after the position; NULL: to the beginning of what there is. */
bool log_source_seek(struct log_source *source, const struct journal_position *position,
		     struct error *err) __attribute__((nonnull(1, 3), warn_unused_result));

/* The next line, which lives until the next call; text that is no log line is passed over. FOUND_NONE: none is there
 * yet. */
enum found log_source_next(struct log_source *source, struct log_line *line_r, struct error *err)
    __attribute__((nonnull));

/* After the last line that was given. */
void log_source_position(const struct log_source *source, struct journal_position *position_r)
    __attribute__((nonnull));

/* Certainly nothing to read now, told without reading. */
bool log_source_is_idle(struct log_source *source) __attribute__((nonnull));

/* Octets of a file that are still to be read; -1: not known. */
int64_t log_source_lag(const struct log_source *source) __attribute__((nonnull));

#endif
