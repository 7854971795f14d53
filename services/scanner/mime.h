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

#include "services/scanner/mime_header.h"

struct mime_limits {
	unsigned parts;       /* entities, multiparts and uuencoded files */
	unsigned depth;       /* levels of multipart and message/rfc822 */
	size_t decoded_bytes; /* shown in all */
};

enum mime_kind {
	MIME_LEAF,
	MIME_MULTIPART,
	MIME_MESSAGE, /* message/rfc822 and its like */
};

/* An entity, as it begins. */
struct mime_entity {
	unsigned number; /* from 1 */
	unsigned parent; /* 0: it is the message */
	enum mime_kind kind;
	const char
	    *type; /* the declared one, or what RFC 2045 and RFC 2046 say when there is none */
	const struct mime_header *header;
	const struct mime_pieces *names; /* NULL unless asked for */
	bool located;                    /* it stands in what mime_walk was given, at `at` */
	size_t at;
	size_t body_length;
};

/* A leaf, decoded; two readings of the same one have the same number. */
struct mime_part {
	unsigned number;  /* of leaves, from 1 */
	unsigned entity;  /* that it is, or stands in */
	const char *name; /* of the file, "" when it has none */
	const char *data;
	size_t length;
	/* Where nothing but the base64 of `data` stands, in what mime_walk was given; NULL: nowhere. */
	const char *encoded;
	size_t encoded_length;
	const struct mime_uuencoded *uuencoded; /* NULL unless it stands uuencoded in a text, … */
	bool located; /* … which stands in what mime_walk was given: … */
	size_t at;    /* … where */
};

/* What a walk is told to. */
struct mime_visitor {
	void *context;
	bool (*part)(void *context, const struct mime_part *part); /* false: no more, please */
	/* These may be NULL. Flaws are told of entities that have begun, a header's once with it. */
	void (*entity)(void *context, const struct mime_entity *entity);
	void (*malformed)(void *context, unsigned entity, uint64_t malformed);
};

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

void mime_walk(const char *data, size_t size, const struct mime_limits *limits,
	       const struct mime_visitor *visitor, struct mime_summary *summary_r)
    __attribute__((nonnull));

#endif
