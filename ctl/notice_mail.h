/* SPDX-License-Identifier: BSD-2-Clause */
/* A notice as the mail that a tenant gets. */
#ifndef EASYMAIL_CTL_NOTICE_MAIL_H
#define EASYMAIL_CTL_NOTICE_MAIL_H

#include "common/notices.h"

struct notice_sender {
	const char *from;     /* header From */
	const char *hostname; /* in Message-ID */
};

/* The whole message with LF line ends. `name` is that of the notice's file. The caller frees. */
char *notice_mail(const struct notice_sender *sender, const char *name, const struct notice *notice,
		  time_t now) __attribute__((nonnull));

#endif
