/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What Postfix asks: may this client relay (map `clients`), through which transport does this sender's
 * mail leave (map `egress`). The rule of both: what is not known is an error, never a permission and
 * never another way out.
 */
#ifndef EASYMAIL_MAPD_MAPS_H
#define EASYMAIL_MAPD_MAPS_H

#include "common/policy.h"
#include "common/socketmap.h"
#include "common/spf_preflight.h"

/* Used by one thread. After a failed look-up the database rests for MAPS_REST_MS: answers are then
 * errors at once, so that a locked database does not hold up every client in turn. */
#define MAPS_REST_MS 200

struct maps_figures {
	uint64_t lookups;  /* in both maps */
	uint64_t failures; /* of the database, at a stretch until now; 0: it answers */
	char error[512];   /* the last failure, "" when there was none */
};

struct maps;
/* Aborts without memory. All must outlive it; `preflight` may be NULL: SPF prefers no address then. `key_file` is the
 * path of the key of return paths. */
struct maps *maps_new(struct policy_store *store, struct spf_preflight *preflight,
		      const char *key_file) __attribute__((nonnull(1, 3)));
void maps_free(struct maps *maps); /* takes NULL */

/*
 * An action of access(5). The key is a client's name or address; only addresses are known. Found: OK
 * for a tenant that may send, `451 …` for a suspended one. Not found: Postfix's own `reject` decides.
 */
void maps_clients(struct maps *maps, const char *key, struct socketmap_reply *reply)
    __attribute__((nonnull));

/*
 * A transport for sender_dependent_default_transport_maps, `NAME:` or `retry:STATUS TEXT`. Never not
 * found: Postfix would then use default_transport, that is, any address of the host.
 */
void maps_egress(struct maps *maps, const char *key, struct socketmap_reply *reply)
    __attribute__((nonnull));

/* The policy's generation, for the status. False: the database does not answer. */
bool maps_generation(struct maps *maps, int64_t *generation_r)
    __attribute__((nonnull, warn_unused_result));

const struct maps_figures *maps_figures(const struct maps *maps) __attribute__((nonnull));

#endif
