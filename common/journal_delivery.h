/* SPDX-License-Identifier: BSD-2-Clause */
/* journal.db: decisions about messages, results of deliveries, tallies of the replies. Within a transaction. */
#ifndef EASYMAIL_JOURNAL_DELIVERY_H
#define EASYMAIL_JOURNAL_DELIVERY_H

#include "common/journal.h"
#include "common/reply_class.h"

/* One attempt for one recipient. Texts as in journal_audit; "" is "not known" or "none". */
struct journal_delivery {
	int64_t at; /* UTC, seconds */
	const char *queue_id;
	const char *tenant, *sender, *recipient, *domain;
	const char *transport,
	    *egress; /* Postfix's service; the address, "" when it was no egress transport */
	const char *host, *address; /* the receiving server's */
	int64_t delay_ms;
	const char *status, *dsn; /* "sent", "deferred", …; "5.7.1" */
	enum reply_class class;
	const char *reply;
};

/* The row, and with an egress address its tallies: of the receiving domain, and of "*". */
bool journal_delivery_add(struct journal *journal, const struct journal_delivery *delivery,
			  struct error *err) __attribute__((nonnull, warn_unused_result));

/* What easymail-milter decided, see decision.h. */
struct journal_decision {
	int64_t at;
	const char *queue_id, *client, *sender, *tenant, *verdict, *filter;
	int code;
	const char *status, *egress;
	int64_t generation;
	const char *reply;
};

bool journal_decision_add(struct journal *journal, const struct journal_decision *decision,
			  struct error *err) __attribute__((nonnull, warn_unused_result));

/* Which rows; NULL: any. Newer than `since`, the last `limit` of them, oldest first. */
struct journal_filter {
	const char *queue_id, *sender, *recipient;
	int64_t since;
	int limit;
};

/* Decisions know no recipient: with one in the filter there are none. */
bool journal_delivery_list(struct journal *journal, const struct journal_filter *filter,
			   void (*each)(const struct journal_delivery *delivery, void *context),
			   void *context, struct error *err)
    __attribute__((nonnull(1, 2, 3, 5), warn_unused_result));
bool journal_decision_list(struct journal *journal, const struct journal_filter *filter,
			   void (*each)(const struct journal_decision *decision, void *context),
			   void *context, struct error *err)
    __attribute__((nonnull(1, 2, 3, 5), warn_unused_result));

/* How many replies of a class an egress address got from a domain, "*": from all, in one minute. */
struct journal_tally {
	int64_t minute; /* UTC, seconds / 60 */
	const char *egress, *domain;
	enum reply_class class;
	int64_t count;
};

/* From minute `since` on, by minute. `domain` NULL: of each domain and of "*"; else of that one alone. */
bool journal_tally_read(struct journal *journal, int64_t since, const char *domain,
			void (*each)(const struct journal_tally *tally, void *context),
			void *context, struct error *err)
    __attribute__((nonnull(1, 4, 6), warn_unused_result));

#endif
