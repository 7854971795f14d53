/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tenants in tenants.db. Every function runs inside a transaction that the caller opened with
 * store_begin, and leaves committing to the caller; after an error of a change, roll back.
 */
#ifndef EASYMAIL_TENANTS_H
#define EASYMAIL_TENANTS_H

#include "common/error.h"
#include <stddef.h>
#include <stdint.h>

#define NAME_SIZE  64  /* of a tenant or an egress group, with the NUL */
#define TITLE_SIZE 256 /* octets of UTF-8, with the NUL */
#define TIME_SIZE  21  /* 2026-01-31T12:00:00Z, with the NUL */
#define DATE_SIZE  11  /* 2026-01-31, with the NUL */

struct db;

enum tenant_state {
	TENANT_PENDING,   /* not yet: its mail is refused, 550 */
	TENANT_ACTIVE,    /* may send */
	TENANT_SUSPENDED, /* 451: its server keeps the mail */
	TENANT_CLOSING,   /* may send until its notice ends */
	TENANT_CLOSED,    /* 550 */
};

struct tenant_row {
	int64_t id;
	char name[NAME_SIZE];
	char title[TITLE_SIZE];
	enum tenant_state state;
	char egress_group[NAME_SIZE]; /* "": the setting egress.default_group */
	int64_t generation;           /* of its last change */
	char created[TIME_SIZE];
	int64_t domains, hosts; /* how many it has */
};

const char *tenant_state_name(enum tenant_state state);
bool tenant_state_parse(const char *text, enum tenant_state *state_r) __attribute__((nonnull));

/* May a tenant go from one state to the other? To the same: yes. Closed ones reopen as pending. */
bool tenant_state_may_become(enum tenant_state from, enum tenant_state to);

/* State pending or active. Title and egress_group may be "". id_r may be NULL. */
bool tenants_add(struct db *db, const struct tenant_row *tenant, int64_t *id_r, struct error *err)
    __attribute__((nonnull(1, 2, 4), warn_unused_result));

/* FOUND_NONE leaves err alone. */
enum found tenants_find(struct db *db, const char *name, struct tenant_row *tenant_r,
			struct error *err) __attribute__((nonnull));

/* The same, with absence being an error that names the mend. */
bool tenants_get(struct db *db, const char *name, struct tenant_row *tenant_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Calls `each` for all of them by name; the row lives until `each` returns. */
bool tenants_list(struct db *db, void (*each)(const struct tenant_row *tenant, void *context),
		  void *context, struct error *err)
    __attribute__((nonnull(1, 2, 4), warn_unused_result));

bool tenants_set_state(struct db *db, const char *name, enum tenant_state state, struct error *err)
    __attribute__((nonnull, warn_unused_result));
bool tenants_set_title(struct db *db, const char *name, const char *title, struct error *err)
    __attribute__((nonnull, warn_unused_result));
/* Group "": none of its own, the provider's default. */
bool tenants_set_egress_group(struct db *db, const char *name, const char *group, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Refuses while it has domains or relay hosts, unless `with_all`: those and its settings go too. */
bool tenants_delete(struct db *db, const char *name, bool with_all, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
