/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a message's decisions are made from: which tenant a client and a domain belong to, and that
 * tenant's whole policy, read in one transaction and immutable from then on.
 */
#ifndef EASYMAIL_POLICY_H
#define EASYMAIL_POLICY_H

#include "common/domain.h"
#include "common/egress_select.h"
#include "common/egress_way.h"
#include "common/ip.h"
#include "common/settings.h"
#include "common/tenants.h"

/* Where a tenant's mail of one way leaves from. */
struct policy_way {
	char group[NAME_SIZE];     /* "": neither the tenant nor the provider names one */
	struct egress_set *egress; /* of that group; empty set when there is none */
};

/* A tenant's policy as of one generation. Shared between messages and threads: hold and release. */
struct policy {
	int64_t tenant_id;
	char tenant[NAME_SIZE];
	enum tenant_state state;
	struct setting_value settings[SETTING_COUNT]; /* defaults, provider and tenant resolved */
	struct policy_way ways[EGRESS_WAYS];          /* by enum egress_way */
	struct policy_domains *domains;               /* policy_owns_domain */
	int64_t provider_rules, tenant_rules; /* content_rule_store.h: their generation; 0: none */
	uint64_t epoch;                       /* which database file it was read from */
};

/* Thread-safe. policy_release takes NULL. */
struct policy *policy_hold(struct policy *policy) __attribute__((nonnull));
void policy_release(struct policy *policy);

/* Is the (normalized) domain one of the tenant's, by itself or below one that covers subdomains? */
bool policy_owns_domain(const struct policy *policy, const char *domain) __attribute__((nonnull));

/* Is all mail of the (normalized) domain bulk? Of one below a domain that covers subdomains: as that says. */
bool policy_domain_is_bulk(const struct policy *policy, const char *domain)
    __attribute__((nonnull));

/* What tenants.db says of one client and one sender, as of one generation. */
struct policy_answer {
	int64_t generation;     /* of the transaction that answered */
	bool client_known;      /* some tenant's relay host covers the client */
	bool client_shared;     /* more than one tenant's does */
	bool domain_known;      /* the domain is one of `policy`'s tenant */
	bool is_relay_host;     /* the client is one of `policy`'s tenant */
	enum egress_way stream; /* that the relay host puts its mail in */
	struct policy *policy;  /* held for the caller; NULL: no tenant. Whose: see the functions */
};

/* A pool of read handles on tenants.db and a cache of policies, shared by all threads of a process.
 * Opens lazily: a database that is missing now is an error at each look-up until it is there. */
struct policy_store;
bool policy_store_new(const char *database_path, unsigned handles, int busy_ms,
		      struct policy_store **store_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void policy_store_free(struct policy_store *store);

/*
 * For a message from `client` with the envelope domain `domain`: `policy` is that of the
 * client's tenant where it has one only; on a shared host, and for a client that nobody has, that of the
 * domain's owner. With domain NULL (the null sender): the client's tenant, NULL when it is shared.
 * False is an error of the database: the answer is then unknown, not "none".
 */
bool policy_of_sender(struct policy_store *store, const struct ip *client, const char *domain,
		      struct policy_answer *answer_r, struct error *err)
    __attribute__((nonnull(1, 2, 4, 5), warn_unused_result));

/* The policy of the tenant that owns `domain`; of no client. For the egress map. */
bool policy_of_domain(struct policy_store *store, const char *domain,
		      struct policy_answer *answer_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* The policy of a tenant by its number; answer_r->policy is NULL when there is none. For the egress map. */
bool policy_of_tenant(struct policy_store *store, int64_t tenant_id, struct policy_answer *answer_r,
		      struct error *err) __attribute__((nonnull, warn_unused_result));

/* What the relay-permission map asks: the best state among the tenants that the client belongs to
 * (active or closing, else suspended, else pending or closed). FOUND_NONE: no tenant has it. */
enum found policy_of_client(struct policy_store *store, const struct ip *client,
			    enum tenant_state *best_r, int64_t *generation_r, struct error *err)
    __attribute__((nonnull));

/* The provider's own group (setting egress.default_group), for mail that is no tenant's. FOUND_NONE:
 * not set. The set is the caller's: egress_set_free. */
enum found policy_default_egress(struct policy_store *store, char group_r[NAME_SIZE],
				 struct egress_set **set_r, struct error *err)
    __attribute__((nonnull));

/* generation.value now. */
bool policy_generation(struct policy_store *store, int64_t *generation_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
