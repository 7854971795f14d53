/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message taken apart for reading: header fields, and the parts that are text, decoded. For mail that strangers
 * write: what is too long, too deep or too many is left out, never an error. Through GMime, in one file.
 *
 * The scanner has a parser of its own, because it must see what any reader might; this one sees what a
 * well-meaning mail system wrote.
 */
#ifndef EASYMAIL_MAIL_PARTS_H
#define EASYMAIL_MAIL_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#define MAIL_READ_MAX      262144 /* octets of a message that are read; the rest is ignored */
#define MAIL_PARTS_MAX     32
#define MAIL_DEPTH_MAX     8
#define MAIL_TEXT_MAX      32768 /* octets of a part's text */
#define MAIL_HEADER_SIZE   1024  /* of a header field's value, with the NUL */
#define MAIL_PART_TYPE_MAX 64

struct mail_part {
	char type[MAIL_PART_TYPE_MAX]; /* "text/plain", lower case */
	char *
	    text; /* UTF-8 where its charset was known; line ends LF, without NULs; "" if it is no text */
	size_t length; /* of the text */
};

struct mail;

/* NULL only without memory: what is no message has no headers and one part. */
struct mail *mail_read(const void *octets, size_t length) __attribute__((nonnull));
void mail_free(struct mail *mail); /* takes NULL */

/* The first header field of that name, decoded and unfolded, cut at its size; "" when there is none. */
void mail_header(const struct mail *mail, const char *name, char value_r[MAIL_HEADER_SIZE])
    __attribute__((nonnull));
/* "report" "feedback-report": a parameter of the message's own Content-Type. */
bool mail_type_is(const struct mail *mail, const char *type) __attribute__((nonnull));

/* Parts in their order. Those of a message within the message are left out, but for its headers: they are the
 * text of a part of type message/rfc822 or text/rfc822-headers. */
size_t mail_part_count(const struct mail *mail) __attribute__((nonnull));
const struct mail_part *mail_part_at(const struct mail *mail, size_t index)
    __attribute__((nonnull));
/* The first of that type; NULL when there is none. */
const struct mail_part *mail_part_of(const struct mail *mail, const char *type)
    __attribute__((nonnull));

/* The first field of that name in a text of header fields, unfolded; false: none. */
bool mail_field(const char *text, const char *name, char value_r[MAIL_HEADER_SIZE])
    __attribute__((nonnull));

#endif
