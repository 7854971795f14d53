/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads a stranger's mail in a process of its own, which has nothing open and little to use up. */
#ifndef EASYMAIL_BOUNCE_JAILED_H
#define EASYMAIL_BOUNCE_JAILED_H

#include "common/bounce_report.h"

/* False: the mail made the process end, or take longer or more memory than it may; the mail is then unreadable for
 * good. To be called before anything secret is in memory. */
bool jailed_bounce_read(const void *octets, size_t length, struct bounce_report *report_r,
			struct error *err) __attribute__((nonnull, warn_unused_result));

#endif
