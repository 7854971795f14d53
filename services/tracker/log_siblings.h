/* SPDX-License-Identifier: BSD-2-Clause */
/* A log file among its rotated predecessors: PATH.1, PATH-20261124 and the like, those not compressed. */
#ifndef EASYMAIL_TRACKER_LOG_SIBLINGS_H
#define EASYMAIL_TRACKER_LOG_SIBLINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#define LOG_HEAD_MAX 256

/* How a file begins: the hash of its first octets. Log lines begin with a date, so no two files are alike. */
struct log_head {
	uint64_t size; /* octets, up to LOG_HEAD_MAX; 0 matches any file */
	uint64_t hash;
};

/* With the octets that follow those, as far as they count. */
void log_head_extend(struct log_head *head, const char *bytes, size_t count)
    __attribute__((nonnull));

/* Of an open file, as far as it goes but at most `size` octets. */
void log_head_read(int fd, uint64_t size, struct log_head *head_r) __attribute__((nonnull));
bool log_head_matches(int fd, const struct log_head *head) __attribute__((nonnull));

/*
 * Opens the file that has this head and at least `size` octets: that of the inode if there is one, else a copy. -1:
 * none.
 */
int log_siblings_find(const char *path, uint64_t inode, const struct log_head *head, uint64_t size)
    __attribute__((nonnull));

/* Opens the oldest rotated file that was written after `file` was; -1: none. A copy of the one at `path`, which is
 * open as `current`, does not count: that one is still to be truncated. */
int log_siblings_after(const char *path, const struct stat *file, int current)
    __attribute__((nonnull));

#endif
