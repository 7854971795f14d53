/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sender domains in tenants.db. Names are given in any spelling (U-labels, upper case, a final dot)
 * and stored normalized. Inside the caller's transaction, like tenants.h.
 */
#ifndef EASYMAIL_DOMAINS_H
#define EASYMAIL_DOMAINS_H

#include "common/domain.h"
#include "common/egress_way.h"
#include "common/tenants.h"

struct domain_row {
	int64_t id;
	int64_t tenant_id;
	char tenant[NAME_SIZE];
	char name[DOMAIN_SIZE];
	bool subdomains; /* every name below it is the tenant's too */
	enum egress_way stream;
	char created[TIME_SIZE];
};

/* Refuses what another tenant has, or covers, or has below it, and names that tenant. name_r (the
 * normal form) may be NULL. */
bool domains_add(struct db *db, const char *tenant, const char *domain, bool subdomains,
		 char name_r[DOMAIN_SIZE], struct error *err)
    __attribute__((nonnull(1, 2, 3, 6), warn_unused_result));

/* The row of exactly this name. */
enum found domains_find(struct db *db, const char *domain, struct domain_row *row_r,
			struct error *err) __attribute__((nonnull));

/* The row that decides whose the name is: its own, else the nearest above it that covers subdomains. */
enum found domains_owner(struct db *db, const char *domain, struct domain_row *row_r,
			 struct error *err) __attribute__((nonnull));

/* By name; those of one tenant, or with `tenant` NULL all. An unknown tenant is an error. */
bool domains_list(struct db *db, const char *tenant,
		  void (*each)(const struct domain_row *row, void *context), void *context,
		  struct error *err) __attribute__((nonnull(1, 3, 5), warn_unused_result));

bool domains_set_subdomains(struct db *db, const char *domain, bool subdomains, struct error *err)
    __attribute__((nonnull, warn_unused_result));
bool domains_set_stream(struct db *db, const char *domain, enum egress_way stream,
			struct error *err) __attribute__((nonnull, warn_unused_result));
/* Gives the domain to another tenant. */
bool domains_move(struct db *db, const char *domain, const char *to_tenant, struct error *err)
    __attribute__((nonnull, warn_unused_result));
bool domains_delete(struct db *db, const char *domain, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
