/* SPDX-License-Identifier: BSD-2-Clause */
/* The findings of `easymailctl status`, part by part. */
#ifndef EASYMAIL_CTL_STATUS_H
#define EASYMAIL_CTL_STATUS_H

#include "common/json.h"
#include "ctl/command.h"

struct status {
	struct json *rows;
	bool bad;           /* something is not well */
	bool scans;         /* the milter has a filter that asks the scanner */
	int64_t generation; /* of the database; 0 when it cannot be read */
};

/* One line: is this well? */
void status_note(struct status *status, const char *part, bool well, const char *format, ...)
    __attribute__((format(printf, 4, 5), nonnull));

void status_database(struct ctl *ctl, struct status *status) __attribute__((nonnull));
void status_bulk(struct ctl *ctl, struct status *status) __attribute__((nonnull));
void status_dkim(struct ctl *ctl, struct status *status) __attribute__((nonnull));
void status_mapd(struct ctl *ctl, struct status *status) __attribute__((nonnull));
/* Also tells whether the scanner is needed. */
void status_milter(struct ctl *ctl, struct status *status) __attribute__((nonnull));
/* `state` is what the milter tells of its antispam engine. */
void status_antispam(struct status *status, const struct json *state) __attribute__((nonnull));
void status_scanner(struct ctl *ctl, struct status *status) __attribute__((nonnull));
void status_postfix(struct ctl *ctl, struct status *status) __attribute__((nonnull));

#endif
