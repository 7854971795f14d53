/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wrong with a message or a part of it, one bit each: what two readers may understand differently, what
 * could not be read at all, and what was left unread because it would have been too much. */
#ifndef EASYMAIL_MALFORMED_H
#define EASYMAIL_MALFORMED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MALFORMED_HEADER_LINE       (1ULL << 0) /* a line of the header without a colon */
#define MALFORMED_HEADER_END        (1ULL << 1) /* no empty line after the header */
#define MALFORMED_HEADER_LONG       (1ULL << 2) /* a Content-… field longer than we read */
#define MALFORMED_DOUBLED_TYPE      (1ULL << 3) /* several Content-Type */
#define MALFORMED_TYPE              (1ULL << 4) /* Content-Type that does not parse */
#define MALFORMED_DOUBLED_ENCODING  (1ULL << 5) /* several Content-Transfer-Encoding */
#define MALFORMED_UNKNOWN_ENCODING  (1ULL << 6)
#define MALFORMED_NESTED_ENCODING   (1ULL << 7)  /* a multipart or message that is encoded */
#define MALFORMED_BOUNDARY          (1ULL << 8)  /* boundary parameters of several readings */
#define MALFORMED_NO_BOUNDARY       (1ULL << 9)  /* a multipart without, or without a delimiter */
#define MALFORMED_BOUNDARY_LINE     (1ULL << 10) /* a line that only begins like a delimiter */
#define MALFORMED_UNCLOSED          (1ULL << 11) /* no closing delimiter */
#define MALFORMED_AFTER_CLOSE       (1ULL << 12) /* parts after the closing delimiter */
#define MALFORMED_BASE64            (1ULL << 13) /* other characters in base64, or cut short */
#define MALFORMED_BASE64_GOES_ON    (1ULL << 14) /* data after the padding */
#define MALFORMED_QUOTED_PRINTABLE  (1ULL << 15)
#define MALFORMED_UUENCODED         (1ULL << 16) /* a uuencoded file in a text */
#define MALFORMED_NUL               (1ULL << 17) /* NUL octets in a header or a text */
#define MALFORMED_ENCODED_WORD      (1ULL << 18) /* RFC 2047 words that do not decode */
#define MALFORMED_PARAMETER         (1ULL << 19) /* RFC 2231 pieces that do not decode or fit */
#define MALFORMED_DOUBLED_NAME      (1ULL << 20) /* several file names that differ */
#define MALFORMED_CHARSET           (1ULL << 21) /* unknown, or the text is not written in it */
#define MALFORMED_URL               (1ULL << 22) /* one whose host is no name */
#define MALFORMED_ARCHIVE           (1ULL << 23) /* looks like one, cannot be read to its end */
#define MALFORMED_DOUBLED_FIELD     (1ULL << 24) /* fields that RFC 5322 has once, several times */
#define MALFORMED_TYPE_LIES         (1ULL << 25) /* a text or image that is detected as a program */
#define MALFORMED_TOO_MANY_PARTS    (1ULL << 40) /* from here on: not all was read */
#define MALFORMED_TOO_DEEP          (1ULL << 41)
#define MALFORMED_TOO_LARGE         (1ULL << 42) /* decoded, or as facts */
#define MALFORMED_TOO_MANY_MEMBERS  (1ULL << 43)
#define MALFORMED_ARCHIVE_TOO_DEEP  (1ULL << 44)
#define MALFORMED_ARCHIVE_TOO_LARGE (1ULL << 45)
#define MALFORMED_TOO_MANY_URLS     (1ULL << 46)
#define MALFORMED_TOO_MANY_NAMES    (1ULL << 47)
#define MALFORMED_TEXT_CUT          (1ULL << 48)
#define MALFORMED_TOO_SLOW          (1ULL << 49) /* the time was up */
#define MALFORMED_ALL               ((1ULL << 26) - 1 + ((1ULL << 50) - (1ULL << 40)))
#define MALFORMED_OVER_LIMIT        ((1ULL << 50) - (1ULL << 40))

/* The bit of that name ("doubled_type" …; "over_limit" is all the limits, "any" everything); 0: no such name. */
uint64_t malformed_find(const char *name) __attribute__((nonnull));

/* The name of the `index`-th bit that there is, NULL behind the last; *bit_r is the bit. */
const char *malformed_name(size_t index, uint64_t *bit_r) __attribute__((nonnull));

/* "doubled_type,unclosed" and the like; "" for none. */
void malformed_format(uint64_t malformed, char *text_r, size_t size) __attribute__((nonnull));

#endif
