/* SPDX-License-Identifier: BSD-2-Clause */
/* What a series of looks at one thing says: bad after k bad ones of the last n, well again after N in a row. */
#ifndef EASYMAIL_MONITOR_EVIDENCE_H
#define EASYMAIL_MONITOR_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#define EVIDENCE_LOOKS_MAX 32

/* What one look saw. */
enum sight {
	SIGHT_UNKNOWN, /* nothing can be said: it counts for nothing */
	SIGHT_WELL,
	SIGHT_BAD,
};

struct evidence_rules {
	unsigned bad, window; /* k of the last n looks; 1 <= k <= n <= EVIDENCE_LOOKS_MAX */
	unsigned well;        /* N looks in a row; 1 <= N <= EVIDENCE_LOOKS_MAX */
};

struct evidence {
	uint32_t history; /* the newest look in the lowest bit; 1: bad */
	unsigned looks;   /* how many bits count */
	bool bad;         /* the verdict */
};

/* Takes a look in; true when the verdict changes. A verdict takes the looks before it away: each one is
 * reached by looks of its own. */
bool evidence_note(struct evidence *evidence, enum sight sight, const struct evidence_rules *rules)
    __attribute__((nonnull));

/* The verdict is well, and none of the looks that count was bad: there is nothing to remember. */
bool evidence_is_blank(const struct evidence *evidence) __attribute__((nonnull));

/* Some looks point the other way than the verdict, so that the next one should be soon. */
bool evidence_is_in_doubt(const struct evidence *evidence) __attribute__((nonnull));

#endif
