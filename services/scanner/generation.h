/* SPDX-License-Identifier: BSD-2-Clause */
/* One generation of signatures as the scanner sees it: the loader's process and what it reported. */
#ifndef EASYMAIL_SCANNER_GENERATION_H
#define EASYMAIL_SCANNER_GENERATION_H

#include "services/scanner/loop.h"
#include "services/scanner/scanner_settings.h"

struct generation {
	struct watch watch; /* the loader's socket; the pool sets `ready` */
	void *owner;        /* the pool */
	unsigned number;    /* from 1 */
	int64_t started_ms;
	uint32_t signatures; /* 0 until loaded */
	unsigned workers;    /* of the pool's, that came from here */
	unsigned proven;     /* of these, that found the canary */
	bool retired;        /* gone when its last worker is */
};

/* Starts the loader; its socket is in watch.fd. */
bool generation_new(const struct scanner_settings *settings, unsigned number,
		    struct generation **generation_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void generation_free(struct loop *loop, struct generation *generation)
    __attribute__((nonnull(1))); /* takes NULL */

/* Has a worker forked; *fd_r is the socket to it. */
bool generation_fork(struct generation *generation, int *fd_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
