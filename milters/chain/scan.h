/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole message as it arrived, kept once, and what the scanner says of it, asked once, for
 * however many filters want to know.
 */
#ifndef EASYMAIL_SCAN_H
#define EASYMAIL_SCAN_H

#include "common/config.h"
#include "common/scan_protocol.h"
#include "milters/chain/message.h"

/* Where the scanner is and how long it may take, its queue included. */
struct scan_source {
	const char *socket_path; /* borrowed from the configuration */
	int timeout_ms;
};

void scan_source_read(const struct config *config, struct scan_source *source_r)
    __attribute__((nonnull));

/*
 * For filters with `needs_scan`, at eom. Always an answer: whatever kept the message from being spooled
 * or scanned is SCAN_UNKNOWN and says why. Belongs to the message.
 */
const struct scan_answer *message_scan(struct message *message, const struct scan_source *source)
    __attribute__((nonnull));

/*
 * For the same filters: the message as it arrived, CRLF at its line ends, valid as long as the message. NULL: it could
 * not be spooled, and why.
 */
const char *message_bytes(struct message *message, size_t *length_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* The chain's side. Failures are kept for message_scan to tell. */
struct message_copy *message_copy_new(size_t max_bytes);
void message_copy_free(struct message_copy *copy); /* takes NULL */
void message_copy_headers(struct message *message) __attribute__((nonnull));
void message_copy_body(struct message *message, const void *chunk, size_t length)
    __attribute__((nonnull(1)));

#endif
