/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tracker's work: lines of the mail log into the journal, in batches. A batch's rows and the place in the log
 * after it are one transaction, and each batch begins at the place that the journal has. So whatever ends this
 * process, and whoever else reads the same log, no line is lost and none counts twice; and while the journal cannot
 * be written, the log keeps what is to come.
 */
#ifndef EASYMAIL_TRACKER_TRACKER_H
#define EASYMAIL_TRACKER_TRACKER_H

#include "common/config.h"
#include "services/tracker/enter.h"

struct tracker;

/* What the map `status` tells. */
struct tracker_figures {
	struct enter_counts counts;
	char source[600];  /* the file, or "journald" */
	int64_t lag_bytes; /* -1: not known */
	int64_t last_at;   /* time of the last line, UTC; 0: none yet */
	size_t spooled;    /* changes of state that were entered from the spool */
	char journal_error[512], log_error[512], rules_error[512]; /* "": all is well */
};

/* The rules must be right at the start; later a table that is wrong leaves the former in use. */
bool tracker_new(const struct config *config, struct tracker **tracker_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void tracker_free(struct tracker *tracker); /* takes NULL */

/* Reads what is there, and does what else is due; gives how long to wait for the next turn. */
int tracker_turn_ms(struct tracker *tracker) __attribute__((nonnull));

/* Any thread may call. */
void tracker_figures(struct tracker *tracker, struct tracker_figures *figures_r)
    __attribute__((nonnull));

#endif
