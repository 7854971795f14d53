/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether and for which domain a message is signed: a pure function of what is known about it. */
#ifndef EASYMAIL_SIGN_SELECT_H
#define EASYMAIL_SIGN_SELECT_H

#include "common/from_header.h"
#include "common/policy.h"

/* Setting dkim.required: what becomes of mail of a domain that has no active DKIM key. */
enum dkim_required {
	DKIM_REQUIRED_NO, /* it leaves unsigned */
	DKIM_REQUIRED_TEMPFAIL,
	DKIM_REQUIRED_REJECT,
};

/* Setting dkim.own_signatures: what becomes of the DKIM signatures that a message arrives with. */
enum dkim_own {
	DKIM_OWN_KEEP,
	DKIM_OWN_KEEP_VALID, /* those that verify as the message will leave, or that nobody can tell of */
	DKIM_OWN_REMOVE,
};

#define SIGN_OWN_MAX 16 /* domains of signatures that a message kept which are told apart */

enum sign_ruling {
	SIGN_DO,
	SIGN_NOT_HELD,         /* it goes to the hold queue: suspicious */
	SIGN_NOT_SUSPECT,      /* it leaves as suspicious mail */
	SIGN_NOT_CLEAR,        /* no header From, several, or one that readers would not agree on */
	SIGN_NOT_TENANTS,      /* From is not the tenant's */
	SIGN_NOT_SIGNED_TWICE, /* it keeps a signature of its own domain, and dkim.sign_signed says no */
};

struct sign_facts {
	const struct policy *policy;
	bool is_held;
	bool is_suspect;
	size_t from_count;
	bool from_is_clear; /* `from` is what the only one says */
	struct from_domains from;
	size_t own_count; /* of own: d= of the signatures that it keeps */
	char own[SIGN_OWN_MAX][DOMAIN_SIZE];
};

/* The domain that it is signed for in *domain_r, else NULL; it points into facts. */
enum sign_ruling sign_select(const struct sign_facts *facts, const char **domain_r)
    __attribute__((nonnull));

/* Is the message the tenant's own mail, so that the provider signs it too? */
bool sign_ruling_is_own_mail(enum sign_ruling ruling);

/* For the decision record: "not signed: …"; "" of SIGN_DO. */
const char *sign_ruling_text(enum sign_ruling ruling);

#endif
