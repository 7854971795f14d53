/* SPDX-License-Identifier: BSD-2-Clause */
/* The DKIM signatures that a message arrives with: what becomes of them by dkim.own_signatures. */
#ifndef EASYMAIL_OWN_SIGNATURES_H
#define EASYMAIL_OWN_SIGNATURES_H

#include "common/dns.h"
#include "common/settings.h"
#include "milters/chain/message.h"
#include "milters/sign/sign_select.h"

/* What keep_valid verifies with. */
struct own_check {
	struct dns *dns;
	int timeout_ms; /* for all look-ups together */
	const void
	    *body; /* as it will leave; NULL: it was too long to be kept, so nobody can tell */
	size_t length;
};

/*
 * Removes what the setting does not keep, with the other headers as they will leave, and tells the domains of
 * the rest. For `keep_valid` each is verified against DNS, within check->timeout_ms; those of which nothing can be
 * told stay, those beyond DKIM_VERIFY_MAX go.
 */
bool own_signatures(struct message *message, enum dkim_own setting, const struct own_check *check,
		    struct sign_facts *facts, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* d= of a signature's value, normalized. */
bool own_signature_domain(const char *value, char domain_r[DOMAIN_SIZE])
    __attribute__((nonnull, warn_unused_result));

#endif
