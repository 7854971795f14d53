/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions behind the table of commands for egress addresses and the blocklists they are looked up in. */
#ifndef EASYMAIL_CTL_NOUNS_EGRESS_H
#define EASYMAIL_CTL_NOUNS_EGRESS_H

#include "ctl/command.h"

bool ctl_egress_group_add(struct ctl *ctl, struct error *err);
bool ctl_egress_group_list(struct ctl *ctl, struct error *err);
bool ctl_egress_group_delete(struct ctl *ctl, struct error *err);
bool ctl_egress_add(struct ctl *ctl, struct error *err);
bool ctl_egress_list(struct ctl *ctl, struct error *err);
bool ctl_egress_show(struct ctl *ctl, struct error *err);
bool ctl_egress_set(struct ctl *ctl, struct error *err);
bool ctl_egress_up(struct ctl *ctl, struct error *err);
bool ctl_egress_warm(struct ctl *ctl, struct error *err);
bool ctl_egress_drain(struct ctl *ctl, struct error *err);
bool ctl_egress_down(struct ctl *ctl, struct error *err);
bool ctl_egress_delete(struct ctl *ctl, struct error *err);
bool ctl_egress_which(struct ctl *ctl, struct error *err);

bool ctl_blocklist_list(struct ctl *ctl, struct error *err);
bool ctl_blocklist_show(struct ctl *ctl, struct error *err);
bool ctl_blocklist_add(struct ctl *ctl, struct error *err);
bool ctl_blocklist_set(struct ctl *ctl, struct error *err);
bool ctl_blocklist_code(struct ctl *ctl, struct error *err);
bool ctl_blocklist_delete(struct ctl *ctl, struct error *err);
bool ctl_blocklist_test(struct ctl *ctl, struct error *err);

#endif
