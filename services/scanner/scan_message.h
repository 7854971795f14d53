/* SPDX-License-Identifier: BSD-2-Clause */
/* One message, scanned: each decoded part, then the whole, then one answer from all the findings. */
#ifndef EASYMAIL_SCANNER_SCAN_MESSAGE_H
#define EASYMAIL_SCANNER_SCAN_MESSAGE_H

#include "common/scan_protocol.h"
#include "services/scanner/engine.h"
#include "services/scanner/facts_maker.h"
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
 * Stops at the first infected part. Then what is left of the message is scanned as one piece: headers, texts,
 * all but the base64 that was scanned decoded and holds nothing else (that is most of a large message, and
 * the slowest to scan). When the structure leaves a doubt, the whole message goes to libclamav's own mail
 * parser instead, with nothing left out. request->timeout_ms bounds it all, as far as libclamav keeps its word.
 * `maker` gathers the facts on the way, of the parts after an infected one too; NULL: they are not asked for.
 */
void scan_message(const struct scan_tools *tools, const struct scan_request *request,
		  const char *data, size_t size, struct facts_maker *maker,
		  struct scan_answer *answer_r) __attribute__((nonnull(1, 2, 3, 6)));

#endif
