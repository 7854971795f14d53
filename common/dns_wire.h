/* SPDX-License-Identifier: BSD-2-Clause */
/* Names and record data as DNS transports them (RFC 1035). Internal to the DNS module. */
#ifndef EASYMAIL_DNS_WIRE_H
#define EASYMAIL_DNS_WIRE_H

#include "common/dns.h"

/* One record's data. */
struct dns_wire {
	const unsigned char *data;
	size_t length;
};

/* Fills in count and records, which dns_answer_clear frees. False: malformed data or no memory. */
bool dns_wire_read(enum dns_type type, const struct dns_wire *wires, size_t count,
		   struct dns_answer *answer_r) __attribute__((nonnull, warn_unused_result));

/* The name in master-file spelling, where a backslash escapes. False: no name to be asked for. */
#define DNS_ESCAPED_SIZE (2 * DNS_NAME_MAX + 2)
bool dns_wire_escape(const char *name, char escaped_r[DNS_ESCAPED_SIZE])
    __attribute__((nonnull, warn_unused_result));

#endif
