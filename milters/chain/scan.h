/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole message as it arrived, kept once, and what the scanner says of it, verdict and facts, asked
 * once, for however many filters want to know.
 */
#ifndef EASYMAIL_SCAN_H
#define EASYMAIL_SCAN_H

#include "common/config.h"
#include "common/message_facts.h"
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
 * For filters with `needs_facts`, at eom; the same request. NULL: there are none, which is for the caller to
 * tempfail; message_facts_why tells why in words that may leave this host. Belongs to the message.
 */
const struct message_facts *message_facts(struct message *message, const struct scan_source *source)
    __attribute__((nonnull));
const char *message_facts_why(const struct message *message) __attribute__((nonnull));

/*
 * At eom: the octets that the scanner was given and that the facts' offsets count in, the header as it
 * arrived with CRLF, the empty line, the body. NULL: they could not be kept. Belongs to the message.
 */
const char *message_copy_data(struct message *message, size_t *length_r) __attribute__((nonnull));

/* The chain's side. Failures are kept for message_scan to tell. */
struct message_copy *message_copy_new(size_t max_bytes, bool verdict, bool facts);
void message_copy_free(struct message_copy *copy); /* takes NULL */
void message_copy_headers(struct message *message) __attribute__((nonnull));
void message_copy_body(struct message *message, const void *chunk, size_t length)
    __attribute__((nonnull(1)));

#endif
