/* SPDX-License-Identifier: BSD-2-Clause */
/* What the plan for Postfix is made from: its configuration, the sockets and the egress addresses. */
#ifndef EASYMAIL_CTL_POSTFIX_SITE_H
#define EASYMAIL_CTL_POSTFIX_SITE_H

#include "ctl/command.h"
#include "ctl/postfix_plan.h"

struct postfix_view {
	struct postfix_site site;
	struct egress_inventory inventory;
	struct postfix_state current;
};

/* Free it with postfix_view_free after success only. */
bool postfix_view_read(struct ctl *ctl, struct postfix_view *view_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void postfix_view_free(struct postfix_view *view) __attribute__((nonnull));

/* Only the inventory; free it with egress_inventory_free after success. */
bool egress_inventory_read(struct ctl *ctl, struct egress_inventory *inventory_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void egress_inventory_free(struct egress_inventory *inventory) __attribute__((nonnull));

/* Refuses an egress address that this host does not have; one that is down may be away. */
bool postfix_view_check_addresses(const struct postfix_view *view, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* What `postfix apply` would do. */
void postfix_view_plan(const struct postfix_view *view, struct postfix_plan *plan_r)
    __attribute__((nonnull));

#endif
