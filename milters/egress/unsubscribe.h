/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of bulk mail that says nowhere how to get no more of it. Pure functions. */
#ifndef EASYMAIL_UNSUBSCRIBE_H
#define EASYMAIL_UNSUBSCRIBE_H

#include "common/policy.h"

/* RFC 5322 section 2.1.1: a line has 998 octets. What does not fit is not added. */
#define UNSUBSCRIBE_SIZE 960

struct unsubscribe_facts {
	const struct policy *policy;
	bool has_header; /* List-Unsubscribe (RFC 2369) */
	size_t recipients;
	const char *recipient; /* the first one's address */
};

enum unsubscribe_ruling {
	UNSUBSCRIBE_LEAVE,
	UNSUBSCRIBE_NO_ADDRESS, /* to be added, but the settings name nothing that would serve */
	UNSUBSCRIBE_ADD,        /* List-Unsubscribe */
	UNSUBSCRIBE_ADD_POST,   /* List-Unsubscribe and List-Unsubscribe-Post (RFC 8058) */
	UNSUBSCRIBE_REFUSE,
};

/* With ADD and ADD_POST the value of List-Unsubscribe is in value_r. A URL with `{recipient}` serves for
 * messages to one recipient only. */
enum unsubscribe_ruling unsubscribe_policy(const struct unsubscribe_facts *facts,
					   char value_r[UNSUBSCRIBE_SIZE]) __attribute__((nonnull));

#endif
