/* SPDX-License-Identifier: BSD-2-Clause */
/* What the scanner waits for: descriptors that become readable, and the next tick. */
#ifndef EASYMAIL_SCANNER_LOOP_H
#define EASYMAIL_SCANNER_LOOP_H

#include "common/error.h"

struct loop;

/* The first member of whatever has a descriptor; `ready` may remove and free it. */
struct watch {
	int fd;
	void (*ready)(struct watch *watch);
};

bool loop_new(struct loop **loop_r, struct error *err) __attribute__((nonnull, warn_unused_result));
void loop_free(struct loop *loop); /* takes NULL */

bool loop_add(struct loop *loop, struct watch *watch, struct error *err)
    __attribute__((nonnull, warn_unused_result));
/* Also closes the descriptor. Nothing when it is -1. */
void loop_close(struct loop *loop, struct watch *watch) __attribute__((nonnull));

/* Waits at most timeout_ms and serves one event. One at a time, so that what it frees cannot be due. */
bool loop_once(struct loop *loop, int timeout_ms, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
