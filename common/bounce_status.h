/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine-readable parts of reports: message/delivery-status and message/feedback-report. Internal to common/. */
#ifndef EASYMAIL_BOUNCE_STATUS_H
#define EASYMAIL_BOUNCE_STATUS_H

#include "common/bounce_report.h"

/* RFC 3464 section 2: adds the recipients of the text's groups. */
void bounce_status_read(const char *text, struct bounce_report *report) __attribute__((nonnull));

/* RFC 5965 section 3.1: adds the recipients whose complaint it is. False: it is of another type than abuse. */
bool bounce_feedback_read(const char *text, struct bounce_report *report) __attribute__((nonnull));

/* A new recipient, failed; NULL when there are too many. */
struct bounce_recipient *bounce_recipient_add(struct bounce_report *report, const char *address,
					      size_t length) __attribute__((nonnull));

/* The first enhanced status code of class 4 or 5 in the text; false: none. */
bool bounce_status_find(const char *text, char status_r[12]) __attribute__((nonnull));

/* Copies as one line, without control characters, blanks drawn together. */
void bounce_copy_line(char *to, size_t size, const char *from, size_t length)
    __attribute__((nonnull));

#endif
