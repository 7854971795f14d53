/* SPDX-License-Identifier: BSD-2-Clause */
/* One DNS context for each set of servers that something is asked through. */
#ifndef EASYMAIL_MONITOR_RESOLVERS_H
#define EASYMAIL_MONITOR_RESOLVERS_H

#include "common/dns.h"

struct resolvers;
/* `servers` are those of "", and must outlive it. */
struct resolvers *resolvers_new(const char *servers, int timeout_ms) __attribute__((nonnull));
void resolvers_free(struct resolvers *resolvers); /* when no question is under way; takes NULL */

/* Makes the context at first need; it stays. NULL: that failed, which the log says once for each. */
struct dns *resolvers_get(struct resolvers *resolvers, const char *servers)
    __attribute__((nonnull));

/* No question waits from now on. */
void resolvers_cancel(struct resolvers *resolvers) __attribute__((nonnull));

#endif
