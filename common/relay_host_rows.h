/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Relay hosts as an operator manages them: the rows of table relay_host. Networks are given in any
 * spelling that ip_range_parse takes and stored canonically. Inside the caller's transaction.
 */
#ifndef EASYMAIL_RELAY_HOST_ROWS_H
#define EASYMAIL_RELAY_HOST_ROWS_H

#include "common/egress_way.h"
#include "common/ip.h"
#include "common/tenants.h"

struct relay_host_row {
	int64_t id;
	int64_t tenant_id;
	char tenant[NAME_SIZE];
	char network[64]; /* as stored; IP_RANGE_TEXT_SIZE unless plain SQL wrote it otherwise */
	bool shared;      /* other tenants may use it too, when their rows say so as well */
	enum egress_way stream;
	bool pending;    /* inserted by plain SQL a moment ago; counts already, not indexed yet */
	char fault[256]; /* why it does not count; "": it does */
	char created[TIME_SIZE];
};

/*
 * Adds and indexes. An overlap with another tenant's row is refused unless both are shared; the error
 * names the tenant and its network. network_r (canonical, IP_RANGE_TEXT_SIZE) may be NULL.
 */
bool relay_host_rows_add(struct db *db, const char *tenant, const char *network, bool shared,
			 char *network_r, struct error *err)
    __attribute__((nonnull(1, 2, 3, 6), warn_unused_result));

/* The tenant's row of exactly this network. */
enum found relay_host_rows_find(struct db *db, const char *tenant, const char *network,
				struct relay_host_row *row_r, struct error *err)
    __attribute__((nonnull));

/* By tenant and network; those of one tenant, or with `tenant` NULL all. */
bool relay_host_rows_list(struct db *db, const char *tenant,
			  void (*each)(const struct relay_host_row *row, void *context),
			  void *context, struct error *err)
    __attribute__((nonnull(1, 3, 5), warn_unused_result));

/* All rows that cover the address, those with a fault too. */
bool relay_host_rows_covering(struct db *db, const struct ip *ip,
			      void (*each)(const struct relay_host_row *row, void *context),
			      void *context, struct error *err)
    __attribute__((nonnull(1, 2, 3, 5), warn_unused_result));

bool relay_host_rows_set_shared(struct db *db, const char *tenant, const char *network, bool shared,
				struct error *err) __attribute__((nonnull, warn_unused_result));
bool relay_host_rows_set_stream(struct db *db, const char *tenant, const char *network,
				enum egress_way stream, struct error *err)
    __attribute__((nonnull, warn_unused_result));
bool relay_host_rows_delete(struct db *db, const char *tenant, const char *network,
			    struct error *err) __attribute__((nonnull, warn_unused_result));

#endif
