/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message's lines as Postfix transmits them: smtp(8) breaks what is longer than smtp_line_length_limit,
 * after the milters, by a line end and a blank. What is signed must have these breaks already.
 */
#ifndef EASYMAIL_WIRE_LINES_H
#define EASYMAIL_WIRE_LINES_H

#include <stdbool.h>
#include <stddef.h>

/* RFC 5322 section 2.1.1, and Postfix's default; easymailctl pins it on the egress transports. */
#define WIRE_LINE_MAX 998

/* The body passes through in chunks that may end anywhere; `put` gets it with the breaks. */
struct wire_body {
	void (*put)(void *context, const void *octets, size_t length);
	void *context;
	size_t room;   /* octets that still fit into the line */
	size_t length; /* of the line as it arrived */
	bool cr;       /* the chunk before ended in a CR: of the line end, or of the line */
};

void wire_body_start(struct wire_body *body,
		     void (*put)(void *context, const void *octets, size_t length), void *context)
    __attribute__((nonnull(1, 2)));
void wire_body_add(struct wire_body *body, const void *chunk, size_t length)
    __attribute__((nonnull(1)));
void wire_body_finish(struct wire_body *body) __attribute__((nonnull));

/*
 * A header's value with no line over the limit: folded at a blank where there is one, so that relaxed
 * canonicalization sees no difference, else where Postfix would break it. NULL: it needs no change.
 * The caller frees.
 */
char *wire_header_fold(const char *name, const char *value) __attribute__((nonnull));

#endif
