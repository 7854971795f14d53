/* SPDX-License-Identifier: BSD-2-Clause */
/* A sender domain as receivers see it: its SPF, DKIM and DMARC records against what leaves here. */
#ifndef EASYMAIL_DOMAIN_CHECK_H
#define EASYMAIL_DOMAIN_CHECK_H

#include "common/dkim_record.h"
#include "common/dmarc.h"
#include "common/spf_check.h"

#define DOMAIN_TEXT_SIZE 1024 /* of a record; what is longer is cut */

enum domain_health {
	DOMAIN_GOOD,
	DOMAIN_MISSING, /* nothing is published */
	DOMAIN_WRONG,   /* what is published does not do */
	DOMAIN_UNKNOWN, /* DNS could not tell */
};

/* An egress address that the domain's mail may leave from. */
struct domain_source {
	struct ip address;
	char helo[DOMAIN_SIZE];
	enum spf_result result;
	char reason[512];
};

struct domain_key {
	struct dkim_key_row row;
	struct dkim_seen seen;
};

/* What was asked is filled in by domain_check_new and _add_; the rest by domain_check_run. */
struct domain_check {
	char domain[DOMAIN_SIZE];
	char spf_include[DOMAIN_SIZE]; /* the provider's; "" for none */
	size_t source_count, key_count;
	struct domain_source *sources;
	struct domain_key *keys; /* pending, active and retiring ones that would sign for it */

	enum domain_health spf, dkim, dmarc;
	char spf_detail[512], dkim_detail[512], dmarc_detail[512];
	char spf_record[DOMAIN_TEXT_SIZE];      /* "" for none */
	char spf_publish[3 * DOMAIN_TEXT_SIZE]; /* what to publish in its place; "": nothing */
	bool spf_includes_ours;
	bool spf_aligned, dkim_aligned; /* would DMARC count them for a From of the domain? */
	struct dmarc_seen policy;
	char dmarc_publish[64]; /* at _dmarc.DOMAIN; "": nothing */
};

/* `domain` normalized. The caller frees. Running out of memory ends the process. */
struct domain_check *domain_check_new(const char *domain, const char *spf_include)
    __attribute__((nonnull));
void domain_check_free(struct domain_check *check); /* takes NULL */
void domain_check_add_source(struct domain_check *check, const struct ip *address, const char *helo)
    __attribute__((nonnull));
void domain_check_add_key(struct domain_check *check, const struct dkim_key_row *row)
    __attribute__((nonnull));

/* Asks DNS; the answer is in the structure. */
void domain_check_run(struct dns *dns, const struct public_suffixes *suffixes,
		      struct domain_check *check) __attribute__((nonnull));

const char *domain_health_name(enum domain_health health);

#endif
