/* SPDX-License-Identifier: BSD-2-Clause */
/* A message in memory that can be handed to another process and then be changed by nobody. */
#ifndef EASYMAIL_SPOOL_H
#define EASYMAIL_SPOOL_H

#include "common/error.h"
#include <stddef.h>

struct spool;

/* An empty one that takes up to `limit` octets. The caller frees. */
bool spool_new(size_t limit, struct spool **spool_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void spool_free(struct spool *spool); /* takes NULL */

/* After an error every further append and the seal fail too, so one check at the end is enough. */
bool spool_append(struct spool *spool, const void *data, size_t length, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Writes out what is buffered and seals: from now on nobody can change, grow or shrink it. */
bool spool_seal(struct spool *spool, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* The memfd, complete once sealed; stays the spool's. */
int spool_fd(const struct spool *spool) __attribute__((nonnull));
size_t spool_length(const struct spool *spool) __attribute__((nonnull));
bool spool_is_over_limit(const struct spool *spool) __attribute__((nonnull));

/* For who receives one: is `fd` a memfd with all the seals, of at most `limit` octets? */
bool spool_check(int fd, size_t limit, size_t *length_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* The octets of a spool, to read. */
struct spool_view {
	const char *data; /* NULL: there is no view */
	size_t length;
	bool mapped;
};

/*
 * Of a sealed memfd of that length, as spool_check found it, which may be closed then. A short one is copied: to
 * unmap memory costs all of a process' threads more than that.
 */
bool spool_view_open(int fd, size_t length, struct spool_view *view_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void spool_view_close(struct spool_view *view) __attribute__((nonnull)); /* takes none */

#endif
