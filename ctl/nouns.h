/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions behind the table of commands, noun by noun. */
#ifndef EASYMAIL_CTL_NOUNS_H
#define EASYMAIL_CTL_NOUNS_H

#include "ctl/command.h"
#include "ctl/nouns_egress.h"

bool ctl_tenant_add(struct ctl *ctl, struct error *err);
bool ctl_tenant_list(struct ctl *ctl, struct error *err);
bool ctl_tenant_show(struct ctl *ctl, struct error *err);
bool ctl_tenant_set(struct ctl *ctl, struct error *err);
bool ctl_tenant_activate(struct ctl *ctl, struct error *err);
bool ctl_tenant_suspend(struct ctl *ctl, struct error *err);
bool ctl_tenant_close(struct ctl *ctl, struct error *err);
bool ctl_tenant_delete(struct ctl *ctl, struct error *err);

bool ctl_domain_add(struct ctl *ctl, struct error *err);
bool ctl_domain_list(struct ctl *ctl, struct error *err);
bool ctl_domain_show(struct ctl *ctl, struct error *err);
bool ctl_domain_find(struct ctl *ctl, struct error *err);
bool ctl_domain_set(struct ctl *ctl, struct error *err);
bool ctl_domain_delete(struct ctl *ctl, struct error *err);
bool ctl_domain_check(struct ctl *ctl, struct error *err);
bool ctl_domain_findings(struct ctl *ctl, struct error *err);

bool ctl_host_add(struct ctl *ctl, struct error *err);
bool ctl_host_list(struct ctl *ctl, struct error *err);
bool ctl_host_find(struct ctl *ctl, struct error *err);
bool ctl_host_set(struct ctl *ctl, struct error *err);
bool ctl_host_delete(struct ctl *ctl, struct error *err);

bool ctl_bulk_init_keyfile(struct ctl *ctl, struct error *err);

bool ctl_dkim_init_keyfile(struct ctl *ctl, struct error *err);
bool ctl_dkim_create(struct ctl *ctl, struct error *err);
bool ctl_dkim_list(struct ctl *ctl, struct error *err);
bool ctl_dkim_show(struct ctl *ctl, struct error *err);
bool ctl_dkim_record(struct ctl *ctl, struct error *err);
bool ctl_dkim_activate(struct ctl *ctl, struct error *err);
bool ctl_dkim_rotate(struct ctl *ctl, struct error *err);
bool ctl_dkim_retire(struct ctl *ctl, struct error *err);
bool ctl_dkim_maintain(struct ctl *ctl, struct error *err);
bool ctl_dkim_delete(struct ctl *ctl, struct error *err);
bool ctl_dkim_verify(struct ctl *ctl, struct error *err);

bool ctl_spf(struct ctl *ctl, struct error *err);

bool ctl_setting_list(struct ctl *ctl, struct error *err);
bool ctl_setting_get(struct ctl *ctl, struct error *err);
bool ctl_setting_set(struct ctl *ctl, struct error *err);
bool ctl_setting_unset(struct ctl *ctl, struct error *err);

bool ctl_rule_add(struct ctl *ctl, struct error *err);
bool ctl_rule_list(struct ctl *ctl, struct error *err);
bool ctl_rule_show(struct ctl *ctl, struct error *err);
bool ctl_rule_move(struct ctl *ctl, struct error *err);
bool ctl_rule_delete(struct ctl *ctl, struct error *err);
bool ctl_rule_enable(struct ctl *ctl, struct error *err);
bool ctl_rule_disable(struct ctl *ctl, struct error *err);
bool ctl_rule_test(struct ctl *ctl, struct error *err);

bool ctl_db_init(struct ctl *ctl, struct error *err);
bool ctl_db_migrate(struct ctl *ctl, struct error *err);
bool ctl_db_info(struct ctl *ctl, struct error *err);
bool ctl_db_check(struct ctl *ctl, struct error *err);
bool ctl_db_reindex(struct ctl *ctl, struct error *err);
bool ctl_db_backup(struct ctl *ctl, struct error *err);

bool ctl_journal_audit(struct ctl *ctl, struct error *err);
bool ctl_journal_deliveries(struct ctl *ctl, struct error *err);
bool ctl_journal_replies(struct ctl *ctl, struct error *err);
bool ctl_journal_trace(struct ctl *ctl, struct error *err);

bool ctl_reply_classify(struct ctl *ctl, struct error *err);
bool ctl_reply_list(struct ctl *ctl, struct error *err);
bool ctl_reply_classes(struct ctl *ctl, struct error *err);

bool ctl_postfix_diff(struct ctl *ctl, struct error *err);
bool ctl_postfix_apply(struct ctl *ctl, struct error *err);
bool ctl_postfix_rebind(struct ctl *ctl, struct error *err);

bool ctl_quarantine_list(struct ctl *ctl, struct error *err);
bool ctl_quarantine_show(struct ctl *ctl, struct error *err);
bool ctl_quarantine_release(struct ctl *ctl, struct error *err);
bool ctl_quarantine_delete(struct ctl *ctl, struct error *err);

bool ctl_scanner_status(struct ctl *ctl, struct error *err);
bool ctl_scanner_reload(struct ctl *ctl, struct error *err);

bool ctl_notice_list(struct ctl *ctl, struct error *err);
bool ctl_notice_send(struct ctl *ctl, struct error *err);

bool ctl_status(struct ctl *ctl, struct error *err);
bool ctl_check(struct ctl *ctl, struct error *err);

#endif
