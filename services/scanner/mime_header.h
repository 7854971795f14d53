/* SPDX-License-Identifier: BSD-2-Clause */
/* The header of a MIME entity, as far as it says how the body is to be taken apart. */
#ifndef EASYMAIL_SCANNER_MIME_HEADER_H
#define EASYMAIL_SCANNER_MIME_HEADER_H

#include <stdbool.h>
#include <stddef.h>

enum mime_encoding {
	MIME_IDENTITY, /* 7bit, 8bit, binary or none */
	MIME_BASE64,
	MIME_QUOTED,
	MIME_UUENCODE,
	MIME_OTHER, /* an encoding that we do not know, or several at once */
};

struct mime_header {
	char type[80];      /* "text/plain", lower case; "" when there is none */
	char boundary[256]; /* "" when there is none */
	char name[128];     /* of the file, as written */
	enum mime_encoding encoding;
	bool doubtful; /* two readers could understand it differently */
	size_t length; /* octets up to the body, with the empty line */
};

/* Reads the header that `data` begins with; one without an end takes all of it. Never fails. */
void mime_header_read(const char *data, size_t size, struct mime_header *header_r)
    __attribute__((nonnull));

#endif
