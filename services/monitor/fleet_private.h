/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of the fleet. */
#ifndef EASYMAIL_MONITOR_FLEET_PRIVATE_H
#define EASYMAIL_MONITOR_FLEET_PRIVATE_H

#include "services/monitor/fleet.h"

/* One more, zeroed, at the end; aborts without memory. */
void *fleet_grow(void *items, size_t count, size_t size);
char *fleet_copy(const char *text) __attribute__((nonnull));
void fleet_give_up(struct dns_question **question) __attribute__((nonnull));

/* Evidence from the database, of IPs that `old` (may be NULL) does not have. */
bool fleet_recall(struct db *db, struct fleet *fleet, const struct fleet *old, struct error *err)
    __attribute__((nonnull(1, 2, 4), warn_unused_result));

/* What `old` knows and has under way; it is taken away there. */
void fleet_take_over(struct fleet *fleet, struct fleet *old) __attribute__((nonnull));

#endif
