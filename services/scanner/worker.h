/* SPDX-License-Identifier: BSD-2-Clause */
/* A worker: locks itself up, then scans one message after the other until its socket closes. */
#ifndef EASYMAIL_SCANNER_WORKER_H
#define EASYMAIL_SCANNER_WORKER_H

#include "services/scanner/engine.h"
#include "services/scanner/file_type.h"
#include "services/scanner/jail.h"
#include "services/scanner/mime.h"
#include <sys/types.h>

struct worker_settings {
	struct jail_settings jail;
	struct mime_limits limits;
	uint64_t max_message_bytes;
	uint64_t temp_bytes_needed; /* free, or nothing is scanned */
};

enum worker_stage {
	WORKER_BORN = 1, /* with its pidfd (pidfd_open(2)) beside it; now it locks itself up */
	WORKER_READY,    /* takes requests */
	WORKER_FAILED,   /* `error` says why; it ends */
};

/* What a worker says on its socket before it takes requests: BORN, then READY or FAILED. */
struct worker_note {
	uint32_t stage; /* enum worker_stage */
	int32_t pid;
	uint32_t features; /* JAIL_… */
	char error[256];
};

void worker_run(struct engine *engine, struct file_types *types,
		const struct worker_settings *settings, int socket)
    __attribute__((nonnull, noreturn));

#endif
