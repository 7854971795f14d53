/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The domains that a header From claims (RFC 5322 section 3.6.2, with the obsolete forms of 4.4 and
 * UTF-8 of RFC 6532).
 *
 * Receivers read a doubtful From each in their own way, and the difference is how one customer
 * forges another. So this parser has two answers: the complete list of author domains, or doubt.
 */
#ifndef EASYMAIL_FROM_HEADER_H
#define EASYMAIL_FROM_HEADER_H

#include "common/domain.h"

#define FROM_DOMAINS_MAX 64

struct from_domains {
	size_t count;                               /* at least 1 after success; without doubles */
	char domain[FROM_DOMAINS_MAX][DOMAIN_SIZE]; /* normalized */
};

/*
 * `value` is the field body without the name, folds as CRLF or LF plus white space. Display names,
 * encoded words, comments, groups, source routes and several addresses are understood. Doubt (false,
 * and the error says what a reader would trip over) is:
 * - a group without members, an address without domain, an address literal;
 * - unbalanced quotes, brackets or comments, a bare CR or LF, a control character, what is not UTF-8;
 * - an encoded word within an address; angle brackets within a comment or a quoted local part;
 * - an address within a display name that is not the address: `"a@x.example" <b@y.example>` is legal and
 *   b's, without the quotes it is doubt;
 * - a comment or blank within a domain behind what is a whole domain already: `a@x.example (c) .y.example`;
 * - more than FROM_DOMAINS_MAX domains.
 */
bool from_header_parse(const char *value, struct from_domains *domains_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
