/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What bounces do: each is recorded once for its message and recipient, in the suppression database, and in the same
 * transaction puts the recipient on the tenant's list when it has said enough. Recorded here rather than in the
 * journal so that neither can be without the other, and so that erasing a person takes both.
 */
#ifndef EASYMAIL_BOUNCES_H
#define EASYMAIL_BOUNCES_H

#include "common/bounce_class.h"
#include "common/return_path.h"
#include "common/suppression.h"

struct bounce_limits {
	int64_t now;        /* seconds since 1970, UTC */
	unsigned soft;      /* bounces of class soft that suppress; 0: they never do */
	unsigned soft_days; /* within which they have to come */
	unsigned keep_days; /* how long bounces are kept: no shorter than return paths are valid */
};

struct bounce_finding {
	const struct return_path *path; /* genuine: whose message it is about, and which */
	const struct mailbox *address;
	enum bounce_class class;
	bool sure; /* the message is known to have had this recipient */
	const char *note;
};

enum bounce_effect {
	BOUNCE_IGNORED,  /* says nothing of the address; not recorded */
	BOUNCE_REPEATED, /* said before of this message, or less than was said before */
	BOUNCE_RECORDED,
	BOUNCE_SUPPRESSED, /* recorded, and mail to the address is refused from now on */
};

const char *bounce_effect_name(enum bounce_effect effect);

/*
 * Pure: does the address go on the list, and why? `soft` is how many soft bounces there are now. A recipient that the
 * message is not known to have had counts as one soft bounce at most: who was sent one message to many could
 * otherwise have all others suppressed.
 */
bool bounce_suppresses(const struct bounce_limits *limits, enum bounce_class class, bool sure,
		       unsigned soft, enum suppression_reason *reason_r) __attribute__((nonnull));

/* In a transaction of its own. */
bool bounces_take(struct suppressions *suppressions, const struct bounce_limits *limits,
		  const struct bounce_finding *finding, enum bounce_effect *effect_r,
		  struct error *err) __attribute__((nonnull, warn_unused_result));

struct bounce_row {
	int64_t tenant_id, received;
	enum bounce_class class;
	const char *address, *note;
};

/* The last `limit`, oldest first, tenant_id 0: of all tenants. Within a transaction. */
bool bounces_list(struct suppressions *suppressions, int64_t tenant_id, int limit,
		  void (*each)(const struct bounce_row *row, void *context), void *context,
		  struct error *err) __attribute__((nonnull(1, 4, 6), warn_unused_result));

#endif
