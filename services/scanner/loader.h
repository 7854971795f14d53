/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A loader: the process of one generation of signatures. It loads them, and forks the workers, which
 * share the memory copy-on-write. It is this program executed anew, so that each generation begins with
 * clean memory, and the scanner itself never runs libclamav.
 */
#ifndef EASYMAIL_SCANNER_LOADER_H
#define EASYMAIL_SCANNER_LOADER_H

#include "services/scanner/worker.h"

#define LOADER_SOCKET 3    /* the descriptor it is given */
#define LOADER_OPTION "-L" /* how the program knows that it is one */

/* The first packet to a loader. */
struct loader_settings {
	char database_directory[256];
	struct engine_limits limits;
	struct worker_settings worker;
	int64_t reload_interval_ms;
	int32_t log_target;
};

/* Every later packet: fork a worker on the socket that comes with it. */
struct loader_command {
	uint32_t spawn; /* 1 */
};

enum loader_event {
	LOADER_LOADED = 1,
	LOADER_FAILED,   /* `text` says why; it ends */
	LOADER_OUTDATED, /* the directory has changed since */
};

struct loader_report {
	uint32_t event; /* enum loader_event */
	uint32_t signatures;
	char text[400];
};

/* The loader's main; returns the exit status when its socket closed and its workers ended. */
int loader_main(void);

#endif
