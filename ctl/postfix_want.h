/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What main.cf, master.cf and easymail's tables should say: a pure function of what they say, of where
 * the sockets are and of the egress addresses.
 *
 * Owned by easymail: the parameters of postfix_owned_parameters and those that begin with `easymail_`,
 * the services that begin with `easymail-`, and the files in the directory `easymail` beside main.cf.
 */
#ifndef EASYMAIL_CTL_POSTFIX_WANT_H
#define EASYMAIL_CTL_POSTFIX_WANT_H

#include "common/egress_ips.h"
#include "ctl/postfix_conf.h"

/* No host has these: the IPv4 dummy address of RFC 7600, one of the discard prefix of RFC 6666. Mail that is bound to
 * them waits in the queue. Leaving a protocol out instead would bounce mail for hosts that have only that one. */
#define POSTFIX_HOLD_ADDRESS  "192.0.0.8"
#define POSTFIX_HOLD_ADDRESS6 "100::8"

#define POSTFIX_TABLES_MAX 4

/* Where things are. */
struct postfix_site {
	char directory[512]; /* of main.cf */
	char milter_socket
	    [512]; /* as Postfix's chrooted services reach it: relative to the queue directory */
	char mapd_socket[512];
};

/* What bulk mail may have of Postfix: the settings of the same names. */
struct bulk_limits {
	int64_t processes, destination_concurrency, destination_rate_delay, queue_limit;
};

/* The egress addresses and groups, and the limits of bulk ones, as read in one transaction. */
struct egress_inventory {
	size_t group_count, ip_count;
	struct egress_group_row *groups;
	struct egress_ip_row *ips;
	struct bulk_limits bulk;
};

/* Ends with NULL. */
extern const char *const postfix_owned_parameters[];

/* The paths of easymail's tables, NULL at the end, each to be freed with postfix_tables_free. */
void postfix_tables_paths(const char *directory, char *paths_r[POSTFIX_TABLES_MAX])
    __attribute__((nonnull));
void postfix_tables_free(char *paths[POSTFIX_TABLES_MAX]) __attribute__((nonnull));

/* Free wanted_r with postfix_state_free. */
void postfix_want(const struct postfix_site *site, const struct egress_inventory *inventory,
		  const struct postfix_state *current, struct postfix_state *wanted_r)
    __attribute__((nonnull));

/* Only the parameters that the groups' own transports are bound by. */
void postfix_want_bindings(const struct egress_inventory *inventory, struct pairs *parameters_r)
    __attribute__((nonnull));

/* Does the group, and so each address in it, carry bulk mail? */
bool postfix_group_is_bulk(const struct egress_inventory *inventory, const char *group)
    __attribute__((nonnull));

/* The queue manager's limits of the transports, and, where there is bulk mail, of all mail. */
void postfix_want_bulk(const struct egress_inventory *inventory,
		       const struct postfix_state *current, struct pairs *parameters)
    __attribute__((nonnull));

/* smtpd_milters (or another list of milters) with ours last, once, and the others as they were. */
char *postfix_want_milters(const char *current, const char *socket) __attribute__((nonnull));

/* Does the list of milters hold ours, failing closed? */
bool postfix_has_milter(const char *milters, const char *socket) __attribute__((nonnull));

#endif
