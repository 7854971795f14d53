/* SPDX-License-Identifier: BSD-2-Clause */
/* Which egress IP of a group carries a sender's mail: a pure function of the group and the sender. */
#ifndef EASYMAIL_EGRESS_SELECT_H
#define EASYMAIL_EGRESS_SELECT_H

#include "common/ip.h"
#include <stddef.h>
#include <stdint.h>

#define EGRESS_TRANSPORT_SIZE 64 /* "easymail-" and an address or group name, with the NUL */

enum egress_state {
	EGRESS_ACTIVE,
	EGRESS_DRAINING,
	EGRESS_DOWN,
};

struct egress_ip {
	struct ip address;
	unsigned weight; /* 1 to 1000 */
	enum egress_state state;
};

/* The IPs of one group, in any order. */
struct egress_set {
	size_t count;
	struct egress_ip ips[];
};

struct egress_set *egress_set_new(size_t count); /* aborts when out of memory; zeroed */
void egress_set_free(struct egress_set *set);    /* takes NULL */

/*
 * Weighted rendezvous hashing over the IPs that may send: a sender keeps its IP while that one may
 * send, whatever happens to the others, and the senders of an IP that may not are spread over the rest
 * by weight. Active ones are taken before draining ones, IPv4 before IPv6 (a receiver without IPv6
 * cannot be reached from an IPv6 address, almost none is without IPv4). NULL: none may send.
 * `key` is the sender's address in lower case, or the group's name for its own transport.
 */
const struct egress_ip *egress_select(const struct egress_set *set, const char *key)
    __attribute__((nonnull));

/*
 * The same, with a rank for each IP of the set, 0 the best: the address family is that of egress_select, whom
 * the receiver can reach comes first; of that family the IPs of the best rank, then active before
 * draining. Within these a sender keeps its IP as above. Ranks that are all alike change nothing.
 */
const struct egress_ip *egress_select_ranked(const struct egress_set *set, const char *key,
					     const unsigned char *ranks) __attribute__((nonnull));

/* The name of the Postfix transport that is bound to the address: "easymail-192.0.2.7",
 * "easymail-2001-db8--7". */
void egress_transport_name(const struct ip *address, char name_r[EGRESS_TRANSPORT_SIZE])
    __attribute__((nonnull));

/* The transport of a group as a whole, "easymail-group-GROUP", for mail whose sender does not tell the map its way:
 * its binding follows the group, since FILTER is stored with the message and cannot. */
void egress_group_transport_name(const char *group, char name_r[EGRESS_TRANSPORT_SIZE])
    __attribute__((nonnull));

const char *egress_state_name(enum egress_state state);
bool egress_state_parse(const char *text, enum egress_state *state_r) __attribute__((nonnull));

#endif
