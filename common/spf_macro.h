/* SPDX-License-Identifier: BSD-2-Clause */
/* SPF macros (RFC 7208 section 7): is the syntax right, and what do they expand to? */
#ifndef EASYMAIL_SPF_MACRO_H
#define EASYMAIL_SPF_MACRO_H

#include "common/dns.h"

#define SPF_EXPANSION_SIZE 4096 /* of an expanded text, with the NUL; a longer one is an error */

enum spf_macro_scope {
	SPF_MACRO_RECORD,      /* no blanks, none of the letters c, r and t */
	SPF_MACRO_EXPLANATION, /* the text that `exp=` leads to */
};

/* What the letters stand for. Texts may be in any case; none is longer than 509 octets. */
struct spf_macros {
	const char *local;    /* l: local part of the sender */
	const char *origin;   /* o: domain of the sender; s is l@o */
	const char *current;  /* d: the domain whose record is evaluated */
	const char *helo;     /* h */
	const char *receiver; /* r: the host that checks */
	struct ip client;     /* i, c and v */
	/* p: the validated name of the client. Only called when a macro asks for it. */
	const char *(*validated)(void *context);
	void *context;
};

/* macro-string, or explain-string in that scope. */
bool spf_macro_check(const char *text, size_t length, enum spf_macro_scope scope, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* domain-spec: a macro-string that ends with a macro or a plausible top-level label. */
bool spf_macro_check_domain(const char *text, size_t length, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Both take what the checks above have let pass; false: the expansion is too long. */
bool spf_macro_expand(const char *text, size_t length, const struct spf_macros *macros,
		      char expansion_r[SPF_EXPANSION_SIZE], struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* The expansion as a name to ask for: no final dot, labels dropped on the left until it fits
 * (section 7.3). What it holds may still be no valid name: dns_name_is_valid. */
bool spf_macro_expand_domain(const char *text, size_t length, const struct spf_macros *macros,
			     char name_r[DNS_NAME_MAX + 1], struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
