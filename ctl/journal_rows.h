/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of the journal as JSON. */
#ifndef EASYMAIL_CTL_JOURNAL_ROWS_H
#define EASYMAIL_CTL_JOURNAL_ROWS_H

#include "common/journal_delivery.h"
#include "common/json.h"

/* For journal_audit_list and journal_delivery_list: append to the array `rows`. */
void journal_rows_audit(const struct journal_audit *audit, void *rows) __attribute__((nonnull));
void journal_rows_delivery(const struct journal_delivery *delivery, void *rows)
    __attribute__((nonnull));

/* What became of messages: decisions and deliveries in the order of time. By recipient, the decisions are those of
 * the messages that the deliveries name. */
bool journal_rows_trace(struct journal *journal, const struct journal_filter *filter,
			struct json *rows, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* How many replies of each class each egress address got, or with `egress` not NULL that one. */
bool journal_rows_replies(struct journal *journal, const char *egress, int64_t hours,
			  struct json *rows, struct error *err)
    __attribute__((nonnull(1, 4, 5), warn_unused_result));

#endif
