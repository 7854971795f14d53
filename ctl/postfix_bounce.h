/* SPDX-License-Identifier: BSD-2-Clause */
/* Postfix's part of taking bounces: who may write to our return paths, and where that mail goes. */
#ifndef EASYMAIL_CTL_POSTFIX_BOUNCE_H
#define EASYMAIL_CTL_POSTFIX_BOUNCE_H

#include "ctl/postfix_want.h"

/* What smtpd_relay_restrictions should be. The caller frees. */
char *postfix_relay_permission(const struct postfix_site *site) __attribute__((nonnull));

/* The transport map's entry and the service; neither without a domain of return paths. Entries that are not ours stay. */
void postfix_want_bounces(const struct postfix_site *site, const struct postfix_state *current,
			  struct postfix_state *wanted) __attribute__((nonnull));

/* A list of transport maps without our entry. The caller frees. */
char *postfix_foreign_transports(const char *transport_maps) __attribute__((nonnull));

#endif
