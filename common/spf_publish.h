/* SPDX-License-Identifier: BSD-2-Clause */
/* What the owner of a domain has to publish so that SPF passes for the egress addresses. */
#ifndef EASYMAIL_SPF_PUBLISH_H
#define EASYMAIL_SPF_PUBLISH_H

#include "common/ip.h"
#include <stddef.h>

/* Is the term one of the record's, in any case, with or without `+`? */
bool spf_publish_has(const char *record, const char *term) __attribute__((nonnull));

/* Adds a blank and `include:DOMAIN`, or `ip4:ADDRESS` or `ip6:ADDRESS`, to the terms. False: they are
 * longer than `size` allows; nothing is added then. */
bool spf_publish_include(char *terms, size_t size, const char *domain)
    __attribute__((nonnull, warn_unused_result));
bool spf_publish_address(char *terms, size_t size, const struct ip *address)
    __attribute__((nonnull, warn_unused_result));

/* The record with the terms put first, so that nothing before them decides otherwise; "" is no record
 * yet. False: longer than `size` allows. */
bool spf_publish_record(const char *record, const char *terms, char *record_r, size_t size)
    __attribute__((nonnull, warn_unused_result));

#endif
