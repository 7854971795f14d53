/* SPDX-License-Identifier: BSD-2-Clause */
/* The signatures and what they find: the only file that knows libclamav. */
#ifndef EASYMAIL_SCANNER_ENGINE_H
#define EASYMAIL_SCANNER_ENGINE_H

#include "common/error.h"
#include <stddef.h>
#include <stdint.h>

struct engine_limits {
	uint64_t scan_bytes; /* unpacked, in one scan; also the largest file in an archive */
	uint32_t files;
	uint32_t depth;
};

struct engine;

/* A directory without signatures, or with a malformed file, is an error. The caller frees. */
bool engine_load(const char *directory, const struct engine_limits *limits,
		 struct engine **engine_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void engine_free(struct engine *engine); /* takes NULL */

unsigned engine_signatures(const struct engine *engine) __attribute__((nonnull));

/* Did the directory change since the load, or since the last time that the answer was yes? */
bool engine_is_outdated(struct engine *engine) __attribute__((nonnull));

/* Where libclamav unpacks; each process needs one of its own. */
bool engine_use_temp(struct engine *engine, const char *directory, struct error *err)
    __attribute__((nonnull, warn_unused_result));

enum engine_reading {
	ENGINE_AS_FILE, /* whatever it is, a mail too */
	ENGINE_AS_TEXT, /* archives and documents in it, but no MIME */
};

/* What one scan found. All can be set at once; nothing set: clean. */
struct engine_finding {
	char signature[128]; /* "" for none */
	uint32_t flags;      /* SCAN_… of scan_protocol.h; SCAN_OVER_LIMIT too */
	char failure[160];   /* why not all was scanned; "" when all was */
};

void engine_scan(struct engine *engine, const void *data, size_t length,
		 enum engine_reading reading, int64_t timeout_ms, struct engine_finding *finding_r)
    __attribute__((nonnull));

#endif
