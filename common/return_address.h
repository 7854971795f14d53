/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * May mail from anybody come in for this address? The one question about our return paths that easymail-mapd, the
 * tenant filter and easymail-bounce each ask before they take a bounce.
 */
#ifndef EASYMAIL_RETURN_ADDRESS_H
#define EASYMAIL_RETURN_ADDRESS_H

#include "common/mailbox.h"
#include "common/policy.h"
#include "common/return_path.h"

/* Where feedback loops (RFC 6449) send complaints: what they are about is in the report itself. */
#define RETURN_ADDRESS_FEEDBACK "feedback"

/* The settings bulk.return_path_domain and bulk.return_path_days, and the option bulk.key_file. */
struct return_site {
	char domain[DOMAIN_SIZE]; /* "": there are no return paths */
	unsigned max_days;
	const char *key_file; /* borrowed */
};

/* From the database; key_file stays as it is. */
bool return_site_read(struct policy_store *store, struct return_site *site, struct error *err)
    __attribute__((nonnull, warn_unused_result));

enum return_address {
	RETURN_ADDRESS_ELSEWHERE,  /* not in the domain of return paths */
	RETURN_ADDRESS_GENUINE,    /* *path_r is filled in */
	RETURN_ADDRESS_COMPLAINTS, /* RETURN_ADDRESS_FEEDBACK */
	RETURN_ADDRESS_EXPIRED,
	RETURN_ADDRESS_FORGED,  /* in the domain, and no address that we made */
	RETURN_ADDRESS_UNKNOWN, /* the key cannot be read: struct error says why */
};

enum return_address return_address_judge(const struct return_site *site,
					 const struct mailbox *address, int64_t now,
					 struct return_path *path_r, struct error *err)
    __attribute__((nonnull));

#endif
