/* SPDX-License-Identifier: BSD-2-Clause */
/* Egress groups and their IPs in tenants.db. Inside the caller's transaction, like tenants.h. */
#ifndef EASYMAIL_EGRESS_IPS_H
#define EASYMAIL_EGRESS_IPS_H

#include "common/domain.h"
#include "common/egress_select.h"
#include "common/egress_way.h"
#include "common/tenants.h"

struct egress_group_row {
	int64_t id;
	char name[NAME_SIZE];
	int64_t ips, usable; /* how many addresses it has; of these not down */
	int64_t tenants;     /* how many name it */
	enum egress_way way; /* of the mail that it carries: by the settings that name it */
};

struct egress_ip_row {
	int64_t id;
	char address[IP_TEXT_SIZE]; /* as stored */
	struct egress_ip ip;        /* address, weight, state */
	char helo_name[DOMAIN_SIZE];
	char group[NAME_SIZE];
	char reason[TITLE_SIZE]; /* of the state */
	char state_since[TIME_SIZE];
};

bool egress_groups_add(struct db *db, const char *name, struct error *err)
    __attribute__((nonnull, warn_unused_result));
enum found egress_groups_find(struct db *db, const char *name, struct egress_group_row *row_r,
			      struct error *err) __attribute__((nonnull));
bool egress_groups_list(struct db *db,
			void (*each)(const struct egress_group_row *row, void *context),
			void *context, struct error *err)
    __attribute__((nonnull(1, 2, 4), warn_unused_result));
/* Refuses while it has addresses, tenants or is the setting egress.default_group. */
bool egress_groups_delete(struct db *db, const char *name, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Reads address (any spelling), helo_name (any spelling of a host name), group and ip.weight (0: 100);
 * it starts active. */
bool egress_ips_add(struct db *db, const struct egress_ip_row *row, struct error *err)
    __attribute__((nonnull, warn_unused_result));
enum found egress_ips_find(struct db *db, const char *address, struct egress_ip_row *row_r,
			   struct error *err) __attribute__((nonnull));
/* By group and address; those of one group, or with `group` NULL all. A row whose address is not one
 * is an error: nothing that renders Postfix' configuration may leave it out unseen. */
bool egress_ips_list(struct db *db, const char *group,
		     void (*each)(const struct egress_ip_row *row, void *context), void *context,
		     struct error *err) __attribute__((nonnull(1, 3, 5), warn_unused_result));

/* state_since becomes now when the state changes; the reason is replaced. */
bool egress_ips_set_state(struct db *db, const char *address, enum egress_state state,
			  const char *reason, struct error *err)
    __attribute__((nonnull, warn_unused_result));
bool egress_ips_set_weight(struct db *db, const char *address, unsigned weight, struct error *err)
    __attribute__((nonnull, warn_unused_result));
bool egress_ips_set_group(struct db *db, const char *address, const char *group, struct error *err)
    __attribute__((nonnull, warn_unused_result));
bool egress_ips_set_helo(struct db *db, const char *address, const char *helo_name,
			 struct error *err) __attribute__((nonnull, warn_unused_result));
bool egress_ips_delete(struct db *db, const char *address, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
