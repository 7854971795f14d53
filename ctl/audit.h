/* SPDX-License-Identifier: BSD-2-Clause */
/* What an operator changes by command goes into the journal. */
#ifndef EASYMAIL_CTL_AUDIT_H
#define EASYMAIL_CTL_AUDIT_H

#include "common/journal.h"
#include "ctl/command.h"

/* Actor is "easymailctl (USER)", the time is now; what the audit has of those is ignored. A journal that cannot be written
 * is said on standard error: the change stands. */
void audit_note(const struct ctl *ctl, const struct journal_audit *audit) __attribute__((nonnull));

#endif
