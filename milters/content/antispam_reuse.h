/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clean verdicts that serve other messages of the same campaign, within bounds of time and number. Used by all threads
 * at once; holds a bounded number of campaigns, the one that was longest not met goes first.
 */
#ifndef EASYMAIL_ANTISPAM_REUSE_H
#define EASYMAIL_ANTISPAM_REUSE_H

#include "common/crypto.h"
#include <stdint.h>

#define REUSE_CAMPAIGNS_MAX 8192
#define REUSE_PROOFS        3                      /* messages that have to be clean first */
#define REUSE_DISTRUST_MS   ((int64_t)3600 * 1000) /* after a message of it that was not clean */

struct reuse;

/* A tenant's bounds, from its settings. */
struct reuse_bounds {
	int64_t lifetime_ms; /* from the last clean answer; 0: nothing is reused */
	unsigned messages;   /* that are let through after one answer */
	unsigned
	    sample; /* one of so many is asked for all the same; at random, so that nobody can count */
};

struct reuse *reuse_new(void);
void reuse_free(struct reuse *reuse); /* takes NULL */

/* May this message go by what was said of others? False: ask, and tell by reuse_report. */
bool reuse_may(struct reuse *reuse, const unsigned char print[CRYPTO_HASH_BYTES],
	       const struct reuse_bounds *bounds, int64_t now_ms)
    __attribute__((nonnull, warn_unused_result));

/* What was answered about a message of the campaign. One that is not clean makes it forgotten, and distrusted for
 * a while. */
void reuse_report(struct reuse *reuse, const unsigned char print[CRYPTO_HASH_BYTES],
		  const struct reuse_bounds *bounds, bool is_clean, int64_t now_ms)
    __attribute__((nonnull));

#endif
