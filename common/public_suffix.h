/* SPDX-License-Identifier: BSD-2-Clause */
/* Organizational domains (RFC 7489 section 3.2), by the public suffix list that the system has. */
#ifndef EASYMAIL_PUBLIC_SUFFIX_H
#define EASYMAIL_PUBLIC_SUFFIX_H

#include "common/domain.h"

/* Immutable once made: any number of threads may use one. */
struct public_suffixes;
bool public_suffixes_new(struct public_suffixes **suffixes_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void public_suffixes_free(struct public_suffixes *suffixes); /* takes NULL */

/* The public suffix and one label more; the (normalized) domain itself when it is a public suffix. */
void public_suffix_organization(const struct public_suffixes *suffixes, const char *domain,
				char organization_r[DOMAIN_SIZE]) __attribute__((nonnull));

#endif
