/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notices to tenants of what was found in their mail: one small file per day (UTC), tenant and signature
 * in a directory that who leaves them and who sends them share. The file stays when it has been sent, with a
 * mark beside it, so that nobody is told twice a day.
 */
#ifndef EASYMAIL_NOTICES_H
#define EASYMAIL_NOTICES_H

#include "common/error.h"
#include <time.h>

#define NOTICE_NAME_SIZE 128 /* of a file's name, with the NUL */
#define NOTICE_KEPT_DAYS 2

enum notice_field {
	NOTICE_TENANT, /* its name, a handle (text_rule_check_name) */
	NOTICE_TO,     /* the address that is told */
	NOTICE_SIGNATURE,
	NOTICE_PART, /* where in the message, for people; "" when not known */
	NOTICE_SENDER,
	NOTICE_CLIENT,
	NOTICE_QUEUE_ID,
	NOTICE_ACTION, /* what was done with the message, for people */
	NOTICE_FIELDS,
};

struct notice {
	const char *fields[NOTICE_FIELDS]; /* may be hostile; printable UTF-8 when they were read */
	time_t found;
	char *text; /* of one that was read; notice_free */
};

/* Leaves it as of its time `found`. True also when there was one for that tenant and signature that day. */
bool notice_leave(const char *directory, const struct notice *notice, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* The directory is read before the first call, so each may change it. In the order of the names. */
bool notice_each(const char *directory, void (*each)(const char *name, bool sent, void *context),
		 void *context, struct error *err)
    __attribute__((nonnull(1, 2, 4), warn_unused_result));

bool notice_read(const char *directory, const char *name, struct notice *notice_r,
		 struct error *err) __attribute__((nonnull, warn_unused_result));
void notice_free(struct notice *notice) __attribute__((nonnull));

/* Marks it as sent; marked already is fine. */
bool notice_mark_sent(const char *directory, const char *name, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Removes what is older than NOTICE_KEPT_DAYS, sent or not. Other people's files stay. */
bool notice_purge(const char *directory, time_t now, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
