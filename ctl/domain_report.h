/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints what a check of a domain found, and the records to publish. */
#ifndef EASYMAIL_CTL_DOMAIN_REPORT_H
#define EASYMAIL_CTL_DOMAIN_REPORT_H

#include "common/domain_check.h"
#include "ctl/command.h"

void domain_report(const struct ctl *ctl, const struct domain_check *check)
    __attribute__((nonnull));

#endif
