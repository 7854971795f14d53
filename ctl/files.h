/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole small files: read, replaced in one step, copied. */
#ifndef EASYMAIL_CTL_FILES_H
#define EASYMAIL_CTL_FILES_H

#include "common/error.h"
#include <sys/types.h>

/* The text of a file of up to 1 MiB; NULL when it cannot be read. The caller frees. */
char *file_read(const char *path) __attribute__((nonnull));

/* Readers see the old text or the new one. The mode is `mode`, the owner who runs this. */
bool file_write(const char *path, const char *text, mode_t mode, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Text, mode and owner; the target is replaced in one step. */
bool file_copy(const char *from, const char *to, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* A database (or another file) that root made goes to the owner of its directory, with its -wal and -shm: the
 * services write there. Nothing when somebody else runs this. */
bool file_give_to_directory_owner(const char *path, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
