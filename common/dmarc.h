/* SPDX-License-Identifier: BSD-2-Clause */
/* DMARC policies (RFC 7489): what a domain asks receivers to do with mail that is not aligned. */
#ifndef EASYMAIL_DMARC_H
#define EASYMAIL_DMARC_H

#include "common/dns.h"
#include "common/public_suffix.h"

#define DMARC_NAME_SIZE (DOMAIN_SIZE + 7) /* "_dmarc." before it */

enum dmarc_policy {
	DMARC_NONE,
	DMARC_QUARANTINE,
	DMARC_REJECT,
};

struct dmarc_record {
	enum dmarc_policy policy;     /* p= */
	enum dmarc_policy subdomains; /* sp=, else p= */
	bool strict_dkim, strict_spf; /* adkim=s, aspf=s */
	int percent;                  /* pct= */
	char reports[512];            /* rua=, "" for none */
};

struct dmarc_seen {
	/* FOUND_NONE: receivers find no policy, `detail` says what is there instead. FOUND_ERROR: DNS
	 * could not tell, `detail` says why. */
	enum found found;
	char name[DMARC_NAME_SIZE]; /* where the record is, or was looked for last */
	bool inherited;             /* it is the organizational domain's: sp= counts */
	struct dmarc_record record;
	char text[1024]; /* as published, one of them when there are more; "" for none */
	char detail[512];
};

const char *dmarc_policy_name(enum dmarc_policy policy);

/* Section 6.6.3: the policy for mail whose From is of the (normalized) domain. */
void dmarc_look(struct dns *dns, const struct public_suffixes *suffixes, const char *domain,
		struct dmarc_seen *seen_r) __attribute__((nonnull));

/* The policy that counts for that domain. */
enum dmarc_policy dmarc_in_force(const struct dmarc_seen *seen) __attribute__((nonnull));

/* Reads a record that begins with v=DMARC1. False: receivers take it for none; says why. */
bool dmarc_parse(const char *text, struct dmarc_record *record_r, struct error *why)
    __attribute__((nonnull));

/* Section 3.1: does what was authenticated for `authenticated` count for a From of `from`? */
bool dmarc_is_aligned(const struct public_suffixes *suffixes, const char *from,
		      const char *authenticated, bool strict) __attribute__((nonnull));

#endif
