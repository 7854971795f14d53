/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SPF results by sender domain and address, a bounded number of them, each with its age. Not
 * thread-safe; time is the caller's, in ms of a clock that never jumps.
 */
#ifndef EASYMAIL_SPF_CACHE_H
#define EASYMAIL_SPF_CACHE_H

#include "common/mailbox.h"
#include "common/spf_check.h"

#define SPF_TTL_MIN   1     /* seconds: what a TTL of 0 may cost */
#define SPF_TTL_MAX   3600  /* a change is seen within an hour, whatever its TTL */
#define SPF_TTL_ERROR 300   /* after DNS failed */
#define SPF_STALE_MAX 86400 /* how long a result that is out of date is better than none */

struct spf_entry {
	char *key;                   /* the cache's; NULL: free */
	enum spf_result result;      /* the last one that was none of DNS' errors */
	char *record;                /* of fail: the domain's own record; else NULL */
	bool is_by_sender;           /* the local part counts: see the sender's own entry */
	bool is_asked;               /* an evaluation waits or is under way */
	bool is_given_up;            /* somebody has waited for it long enough */
	bool is_known;               /* there is a result */
	int64_t expires_ms, next_ms; /* of the result; when to evaluate anew */
	uint64_t used;
};

/* What came of an evaluation. */
struct spf_outcome {
	enum spf_result result;
	int64_t ttl;       /* seconds */
	char *record;      /* malloc'd or NULL; spf_cache_put takes it */
	bool is_by_sender; /* the records used have macros of the sender's local part */
	bool is_dns_down;  /* it is SPF_TEMPERROR because DNS did not tell */
};

struct spf_cache;
struct spf_cache *spf_cache_new(size_t max); /* aborts when out of memory */
void spf_cache_free(struct spf_cache *cache);

/* The entry that answers for the sender, a new one when there is none; another's may have to give way for
 * it. Good until the next call. */
struct spf_entry *spf_cache_entry(struct spf_cache *cache, const struct mailbox *sender,
				  const struct ip *address) __attribute__((nonnull));

void spf_cache_put(struct spf_cache *cache, const struct mailbox *sender, const struct ip *address,
		   struct spf_outcome *outcome, int64_t now_ms) __attribute__((nonnull));

/* Should it be evaluated now? Also shortly before it expires, and not while it is asked already. */
bool spf_entry_is_due(const struct spf_entry *entry, int64_t now_ms) __attribute__((nonnull));
bool spf_entry_is_fresh(const struct spf_entry *entry, int64_t now_ms) __attribute__((nonnull));

/* The result, though it may be out of date; SPF_TEMPERROR: unknown. */
enum spf_result spf_entry_last(const struct spf_entry *entry, int64_t now_ms)
    __attribute__((nonnull));

/* What an evaluation says beyond its result. The HELO name of the egress is not known here, so a result
 * that hangs on it is SPF_TEMPERROR: unknown. */
void spf_outcome_read(const struct spf_answer *answer, struct spf_outcome *outcome_r)
    __attribute__((nonnull));

#endif
