/* SPDX-License-Identifier: BSD-2-Clause */
/* The DNS blocklists of tenants.db. Inside the caller's transaction, like tenants.h. */
#ifndef EASYMAIL_BLOCKLISTS_H
#define EASYMAIL_BLOCKLISTS_H

#include "common/blocklist_answer.h"
#include "common/tenants.h"

#define BLOCKLIST_CODES_MAX     64
#define BLOCKLIST_TERMS_SIZE    1024
#define BLOCKLIST_RESOLVER_SIZE 128

struct blocklist_row {
	char zone[BLOCKLIST_ZONE_SIZE];
	bool enabled, ipv4, ipv6;
	unsigned weight;                        /* 0 to 100 */
	char resolver[BLOCKLIST_RESOLVER_SIZE]; /* "": the option dns.servers */
	char terms[BLOCKLIST_TERMS_SIZE];
	enum blocklist_health health;
	char health_detail[BLOCKLIST_DETAIL_SIZE];
	char health_since[TIME_SIZE];
	size_t code_count;
	struct blocklist_code codes[BLOCKLIST_CODES_MAX];
};

/* By zone. A code that is no range of addresses does not count. */
bool blocklists_list(struct db *db, void (*each)(const struct blocklist_row *row, void *context),
		     void *context, struct error *err)
    __attribute__((nonnull(1, 2, 4), warn_unused_result));
enum found blocklists_find(struct db *db, const char *zone, struct blocklist_row *row_r,
			   struct error *err) __attribute__((nonnull));

/* Zone in any spelling, ipv4, ipv6, weight, resolver, terms; enabled, without codes. */
bool blocklists_add(struct db *db, const struct blocklist_row *row, struct error *err)
    __attribute__((nonnull, warn_unused_result));
/* The codes of another list, beside its own. */
bool blocklists_copy_codes(struct db *db, const char *from, const char *zone, struct error *err)
    __attribute__((nonnull, warn_unused_result));
bool blocklists_add_code(struct db *db, const char *zone, const struct blocklist_code *code,
			 struct error *err) __attribute__((nonnull, warn_unused_result));
bool blocklists_delete(struct db *db, const char *zone, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Writes what the list of that zone has of enabled, ipv4, ipv6, weight, resolver and terms. */
bool blocklists_set(struct db *db, const struct blocklist_row *row, struct error *err)
    __attribute__((nonnull, warn_unused_result));
/* What its test points said; health_since becomes now when the health changes. No change of policy. */
bool blocklists_set_health(struct db *db, const char *zone, enum blocklist_health health,
			   const char *detail, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
