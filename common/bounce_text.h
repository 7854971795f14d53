/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports that are written for people only: whom they name. Internal to common/. */
#ifndef EASYMAIL_BOUNCE_TEXT_H
#define EASYMAIL_BOUNCE_TEXT_H

#include "common/bounce_report.h"

/* How much of the text is the report's own: where the copy of the returned message begins, or all. */
size_t bounce_text_length(const char *text) __attribute__((nonnull));

/* Adds the recipients that the first `length` octets of the text name, each with what is said beside it: those that
 * begin a line or stand for a field's value, else the first that is there at all. */
void bounce_text_read(const char *text, size_t length, struct bounce_report *report)
    __attribute__((nonnull));

#endif
