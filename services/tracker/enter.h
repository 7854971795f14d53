/* SPDX-License-Identifier: BSD-2-Clause */
/* Enters what a line says into the journal. */
#ifndef EASYMAIL_TRACKER_ENTER_H
#define EASYMAIL_TRACKER_ENTER_H

#include "common/journal.h"
#include "common/reply_rules.h"
#include "services/tracker/log_line.h"

/* What lines were, since the start. */
struct enter_counts {
	uint64_t lines, deliveries, decisions;
};

/* Within a transaction of the journal; the line is used up. */
bool enter_line(struct journal *journal, const struct reply_rules *rules, struct log_line *line,
		struct enter_counts *counts, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
