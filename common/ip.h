/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses and ranges of addresses: IPv4 and IPv6 in one 16-byte form. */
#ifndef EASYMAIL_IP_H
#define EASYMAIL_IP_H

#include "common/error.h"
#include <sys/socket.h>

#define IP_TEXT_SIZE       46                 /* with the final NUL */
#define IP_RANGE_TEXT_SIZE (IP_TEXT_SIZE + 4) /* "/128" */

/* Network byte order. IPv4 is held as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), so a client is the
 * same one in either spelling. */
struct ip {
	unsigned char bytes[16];
};

/* Both ends belong to it. What ip_range_parse makes is always a whole CIDR block. */
struct ip_range {
	struct ip lo, hi;
};

/* Any spelling that inet_pton(3) takes; no brackets, no scope id, no surrounding blanks. */
bool ip_parse(const char *text, struct ip *ip_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* False for families other than AF_INET and AF_INET6. */
bool ip_from_sockaddr(const struct sockaddr *address, struct ip *ip_r)
    __attribute__((nonnull, warn_unused_result));

/* The canonical spelling: dotted for IPv4, RFC 5952 for IPv6. */
void ip_format(const struct ip *ip, char text_r[IP_TEXT_SIZE]) __attribute__((nonnull));

bool ip_is_v4(const struct ip *ip) __attribute__((nonnull));
int ip_compare(const struct ip *a, const struct ip *b) __attribute__((nonnull));

/*
 * "192.0.2.0/24", "2001:db8::/32", or an address alone. Bits set after the prefix are an error that
 * proposes the two readings (the address alone, the block); ::ffff:192.0.2.0/120 is 192.0.2.0/24. An
 * IPv6 block around ::ffff:0:0/96 (::/0 is one) is refused: nobody who writes it means IPv4 clients.
 */
bool ip_range_parse(const char *text, struct ip_range *range_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* The canonical spelling of a CIDR block; a single address goes without a prefix length. */
void ip_range_format(const struct ip_range *range, char text_r[IP_RANGE_TEXT_SIZE])
    __attribute__((nonnull));

bool ip_range_contains(const struct ip_range *range, const struct ip *ip) __attribute__((nonnull));
bool ip_range_overlaps(const struct ip_range *a, const struct ip_range *b) __attribute__((nonnull));

/* The address after or before; false when there is none. */
bool ip_next(const struct ip *ip, struct ip *next_r) __attribute__((nonnull));
bool ip_previous(const struct ip *ip, struct ip *previous_r) __attribute__((nonnull));

#endif
