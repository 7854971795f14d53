/* SPDX-License-Identifier: BSD-2-Clause */
/* The header of a MIME entity, as far as it says how the body is to be taken apart. */
#ifndef EASYMAIL_SCANNER_MIME_HEADER_H
#define EASYMAIL_SCANNER_MIME_HEADER_H

#include "common/malformed.h"

enum mime_encoding {
	MIME_IDENTITY, /* 7bit, 8bit, binary or none */
	MIME_BASE64,
	MIME_QUOTED,
	MIME_UUENCODE,
	MIME_OTHER, /* an encoding that we do not know, or several at once */
};

/* A reading of a file name's parameter, as it stands there: nothing is decoded yet. */
struct mime_piece {
	bool is_filename; /* of Content-Disposition's; otherwise `name` */
	bool extended;    /* RFC 2231: percent-encoded, section 0 or -1 with charset'language' */
	int section; /* of RFC 2231; -1: the value is whole; -2: quotes and blanks taken literally */
	const char *text;
	size_t length;
};

#define MIME_PIECES_MAX 64

struct mime_pieces {
	unsigned count;
	bool full; /* there were more */
	size_t used;
	struct mime_piece list[MIME_PIECES_MAX];
	char text[16384];
};

struct mime_header {
	char type[80];      /* "text/plain", lower case; "" when there is none */
	char boundary[256]; /* "" when there is none */
	char name[128];     /* of the file, as written */
	char charset[48];   /* lower case, as all below; "" */
	char encoding_name[32];
	char disposition[32];
	enum mime_encoding encoding;
	bool declared; /* there is a Content-Type (the walk sets it) */
	uint64_t malformed;
	bool doubtful; /* two readers could understand it differently */
	size_t length; /* octets up to the body, with the empty line */
};

/* Reads the header that `data` begins with; one without an end takes all of it. Never fails. pieces_r: NULL
 * when names are not asked for in all their readings. */
void mime_header_read(const char *data, size_t size, struct mime_header *header_r,
		      struct mime_pieces *pieces_r) __attribute__((nonnull(1, 3)));

/* The octets of the field at `data` with its continuation lines; 0: the header ends here. */
size_t mime_field_length(const char *data, size_t size) __attribute__((nonnull));

#endif
