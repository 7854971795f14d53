/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A log file that is written while it is read, through its rotations: renamed with a new one made, or copied
 * and truncated; also those that happened while nobody read. Lines come once, in their order.
 */
#ifndef EASYMAIL_TRACKER_LOG_FILE_H
#define EASYMAIL_TRACKER_LOG_FILE_H

#include "common/journal_position.h"

struct log_file;

/*
 * At the place of the position, wherever the file that it is in is now; with NULL at the beginning of the file at
 * `path`. When what came after the position is no longer to be found, a
 * warning says so and reading goes on at the beginning of the file that is there.
 */
struct log_file *log_file_new(const char *path, const struct journal_position *position)
    __attribute__((nonnull(1)));
void log_file_free(struct log_file *file); /* takes NULL */

/* The next whole line, without its newline, cut at `size`; FOUND_NONE: none is there yet. A file that is not there is an
 * error too, until it is. */
enum found log_file_next(struct log_file *file, char *line_r, size_t size, struct error *err)
    __attribute__((nonnull));

/* After the last line that was given. */
void log_file_position(const struct log_file *file, struct journal_position *position_r)
    __attribute__((nonnull));

/* Certainly nothing to read: all of the file was, and it is still the one at the path. */
bool log_file_is_idle(const struct log_file *file) __attribute__((nonnull));

/* Octets of the file that is being read which have not been. */
uint64_t log_file_lag(const struct log_file *file) __attribute__((nonnull));

#endif
