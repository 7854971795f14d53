/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message taken apart: every leaf of its MIME tree, decoded, is shown to a visitor, one at a time.
 *
 * It reads as leniently as mail programs do: blanks after a delimiter, a missing closing delimiter,
 * rubbish in base64, uuencoded files in a text. Where two readers could differ it shows each reading
 * that it knows and says that there is doubt, so that the caller can ask another parser too.
 */
#ifndef EASYMAIL_SCANNER_MIME_H
#define EASYMAIL_SCANNER_MIME_H

#include <stdbool.h>
#include <stddef.h>

struct mime_limits {
	unsigned parts;       /* entities, multiparts and uuencoded files */
	unsigned depth;       /* levels of multipart and message/rfc822 */
	size_t decoded_bytes; /* shown in all */
};

/* A leaf; two readings of the same one have the same number. */
struct mime_part {
	unsigned number;  /* from 1 */
	const char *name; /* of the file, "" when it has none */
	const char *data;
	size_t length;
	/* Where nothing but the base64 of `data` stands, in what mime_walk was given; NULL: nowhere. */
	const char *encoded;
	size_t encoded_length;
};

/* False: no more, please. */
typedef bool (*mime_visit)(void *context, const struct mime_part *part);

enum mime_end {
	MIME_ALL,     /* all was shown */
	MIME_STOPPED, /* the visitor had enough */
	MIME_PARTS,   /* a limit was exceeded: of parts, … */
	MIME_DEPTH,   /* … levels, … */
	MIME_BYTES,   /* … or octets */
	MIME_NO_MEMORY,
};

struct mime_summary {
	enum mime_end end;
	unsigned parts; /* leaves */
	bool partial;   /* there is a message/partial */
	bool doubtful;
};

void mime_walk(const char *data, size_t size, const struct mime_limits *limits, mime_visit visit,
	       void *context, struct mime_summary *summary_r) __attribute__((nonnull(1, 3, 4, 6)));

#endif
