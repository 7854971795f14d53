/* SPDX-License-Identifier: BSD-2-Clause */
/* Content rules as JSON: rows for listings, and what is wrong with them. */
#ifndef EASYMAIL_CTL_RULE_REPORT_H
#define EASYMAIL_CTL_RULE_REPORT_H

#include "common/content_rule_rows.h"
#include "common/json.h"

/* Long conditions and actions are cut when asked to. */
struct json *rule_report_row(const struct content_rule_row *row, bool cut) __attribute__((nonnull));

/* In the order in which they are looked at: the provider's, the built-in ones with the settings that switch them,
 * the tenant's; with `tenant` NULL those of all tenants. NULL on error. */
struct json *rule_report_rows(struct db *db, const char *tenant, bool cut, struct error *err)
    __attribute__((nonnull(1, 4)));

/* Appends a finding for each enabled rule that does not compile. */
bool rule_report_findings(struct db *db, struct json *findings, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
