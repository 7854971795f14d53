/* SPDX-License-Identifier: BSD-2-Clause */
/* One message, scanned: each decoded part, then the whole, then one answer from all the findings. */
#ifndef EASYMAIL_SCANNER_SCAN_MESSAGE_H
#define EASYMAIL_SCANNER_SCAN_MESSAGE_H

#include "common/scan_protocol.h"
#include "services/scanner/engine.h"
#include "services/scanner/mime.h"
#include "services/scanner/verdict_cache.h"

struct scan_tools {
	struct engine *engine;
	struct verdict_cache *cache;
	const char *temp_directory; /* libclamav's; its free space is checked before and after */
	uint64_t temp_bytes_needed;
	struct mime_limits limits;
};

/*
 * Stops at the first infected part. The message is also scanned as a whole, without its MIME parsed;
 * only when its structure leaves a doubt is libclamav's own mail parser asked too, which costs ten times
 * as much. request->timeout_ms bounds it all, as far as libclamav keeps its word.
 */
void scan_message(const struct scan_tools *tools, const struct scan_request *request,
		  const char *data, size_t size, struct scan_answer *answer_r)
    __attribute__((nonnull));

#endif
