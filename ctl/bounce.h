/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions behind the commands `bounce` and `suppression`. */
#ifndef EASYMAIL_CTL_BOUNCE_H
#define EASYMAIL_CTL_BOUNCE_H

#include "ctl/command.h"

bool ctl_bounce_classify(struct ctl *ctl, struct error *err);
bool ctl_bounce_list(struct ctl *ctl, struct error *err);

bool ctl_suppression_init(struct ctl *ctl, struct error *err);
bool ctl_suppression_list(struct ctl *ctl, struct error *err);
bool ctl_suppression_add(struct ctl *ctl, struct error *err);
bool ctl_suppression_remove(struct ctl *ctl, struct error *err);
bool ctl_suppression_export(struct ctl *ctl, struct error *err);
bool ctl_suppression_import(struct ctl *ctl, struct error *err);
bool ctl_suppression_backup(struct ctl *ctl, struct error *err);
bool ctl_suppression_erase(struct ctl *ctl, struct error *err);

#endif
