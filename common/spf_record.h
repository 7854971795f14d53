/* SPDX-License-Identifier: BSD-2-Clause */
/* An SPF record as RFC 7208 section 12 writes it; what the grammar forbids is refused. */
#ifndef EASYMAIL_SPF_RECORD_H
#define EASYMAIL_SPF_RECORD_H

#include "common/ip.h"
#include <stddef.h>

enum spf_mechanism {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
};

/* A domain-spec, its macros not expanded. */
struct spf_domain {
	const char *text; /* NULL: none is written; not NUL-terminated */
	size_t length;
};

struct spf_term {
	enum spf_mechanism mechanism;
	char qualifier;           /* '+', '-', '~' or '?' */
	const char *text;         /* as written, NUL-terminated */
	struct spf_domain domain; /* never missing for include and exists */
	struct ip network;        /* ip4, ip6 */
	int prefix4, prefix6;     /* a, mx, ip4, ip6 */
};

struct spf_record {
	struct spf_term *terms; /* in their order */
	size_t count;
	struct spf_domain redirect, exp; /* text NULL: none */
	char *storage;
};

/* Does the text begin with the version, `v=spf1` and then a blank or nothing? */
bool spf_record_is(const char *text, size_t length) __attribute__((nonnull));

/* Of a text that spf_record_is; it may hold any octet. The error quotes the term. Free with
 * spf_record_free, which takes NULL. */
bool spf_record_parse(const char *text, size_t length, struct spf_record **record_r,
		      struct error *err) __attribute__((nonnull, warn_unused_result));
void spf_record_free(struct spf_record *record);

#endif
