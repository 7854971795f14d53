/* SPDX-License-Identifier: BSD-2-Clause */
/* What the scanner tells about itself. */
#ifndef EASYMAIL_SCANNER_FIGURES_H
#define EASYMAIL_SCANNER_FIGURES_H

#include "common/scan_protocol.h"

struct figures {
	/* now */
	unsigned generation, signatures; /* 0: none */
	unsigned wanted, workers, busy;  /* workers: proven by a canary, ready to serve */
	unsigned queued, queue_limit;
	bool loading;
	uint32_t features;      /* JAIL_… that every worker has */
	int64_t last_canary_ms; /* clock_ms when one was last found; 0: never */
	char error
	    [256]; /* why there are no signatures, or the last reload failed; "" when all is well */
	/* since the start */
	uint64_t verdicts[SCAN_BUSY + 1]; /* by enum scan_verdict; canaries not counted */
	uint64_t workers_lost;
	uint64_t canaries_found, canaries_missed;
	uint64_t loads, loads_failed;
};

#endif
