/* SPDX-License-Identifier: BSD-2-Clause */
/* Domain names in the one spelling we compare and store: lower-case A-labels, no final dot. */
#ifndef EASYMAIL_DOMAIN_H
#define EASYMAIL_DOMAIN_H

#include "common/error.h"
#include <stddef.h>

#define DOMAIN_SIZE 254 /* 253 octets (RFC 1035 section 2.3.4, less root and length) and the NUL */

/*
 * U-labels become A-labels (IDNA2008 with UTS 46 non-transitional mapping, as libidn2 does it), case
 * is folded, one final dot is dropped. Labels are LDH (RFC 5890 section 2.3.1) or begin with `_`;
 * at least two labels, no address literal, not an all-digit last label. Everything else is an error.
 */
bool domain_normalize(const char *text, size_t length, char domain_r[DOMAIN_SIZE],
		      struct error *err) __attribute__((nonnull, warn_unused_result));

/* Is `domain` below `ancestor` (not equal to it)? Both normalized. */
bool domain_is_below(const char *domain, const char *ancestor) __attribute__((nonnull));

/* The name without its first label; NULL when only one label is left. Points into `domain`. */
const char *domain_parent(const char *domain) __attribute__((nonnull));

#endif
