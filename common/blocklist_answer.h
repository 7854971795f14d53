/* SPDX-License-Identifier: BSD-2-Clause */
/* DNS blocklists: what to ask (RFC 5782), and what an answer says. Pure functions. */
#ifndef EASYMAIL_BLOCKLIST_ANSWER_H
#define EASYMAIL_BLOCKLIST_ANSWER_H

#include "common/dns.h"

#define BLOCKLIST_ZONE_SIZE    181
#define BLOCKLIST_MEANING_SIZE 128
#define BLOCKLIST_DETAIL_SIZE  256

struct blocklist_code {
	struct ip_range range;
	bool listing; /* false: it says something that is left alone */
	char meaning[BLOCKLIST_MEANING_SIZE];
};

enum blocklist_sight {
	BLOCKLIST_UNKNOWN, /* no answer, an error code, or one that no list gives */
	BLOCKLIST_CLEAR,
	BLOCKLIST_LISTED,
};

enum blocklist_health {
	BLOCKLIST_HEALTH_UNKNOWN, /* DNS could not tell */
	BLOCKLIST_GOOD,
	BLOCKLIST_BAD, /* it lists nothing, lists the world, refuses us, or somebody rewrites its answers */
};

/* The name to ask for A records of. False: too long. */
bool blocklist_name(const struct ip *ip, const char *zone, char name_r[DNS_NAME_MAX + 1])
    __attribute__((nonnull, warn_unused_result));

/* The name of a test point (section 5): one has to be listed, the other must not. The zone fits. */
void blocklist_point_name(bool ipv6, bool listed, const char *zone, char name_r[DNS_NAME_MAX + 1])
    __attribute__((nonnull));

/* What the answer says of an address. The detail is the code and its meaning, or why nothing is known. With no
 * codes each of 127.0.0.0/16 is a listing; with some, those of them that say so. */
enum blocklist_sight blocklist_read(const struct dns_answer *answer,
				    const struct blocklist_code *codes, size_t count,
				    char detail_r[BLOCKLIST_DETAIL_SIZE])
    __attribute__((nonnull(1, 4)));

/* What the answers for both test points say of the list. */
enum blocklist_health blocklist_judge(const struct dns_answer *listed,
				      const struct dns_answer *clear,
				      char detail_r[BLOCKLIST_DETAIL_SIZE])
    __attribute__((nonnull));

const char *blocklist_health_name(enum blocklist_health health);
bool blocklist_health_parse(const char *text, enum blocklist_health *health_r)
    __attribute__((nonnull));

#endif
