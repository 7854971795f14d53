/* SPDX-License-Identifier: BSD-2-Clause */
/* DKIM keys and their records as people and zone files read them. */
#ifndef EASYMAIL_CTL_DKIM_OUTPUT_H
#define EASYMAIL_CTL_DKIM_OUTPUT_H

#include "common/dkim_key_rows.h"
#include "ctl/output.h"

#define DKIM_KEYS "domain selector algorithm bits state state_since"

/* The key without its private part. */
struct json *dkim_key_json(const struct dkim_key_row *row) __attribute__((nonnull));
/* The same, with `name`, `type`, `value` and `strings` of the record, and `zone`: it as zone files have it. */
struct json *dkim_record_json(const struct dkim_key_row *row) __attribute__((nonnull));

/* Prints objects of dkim_record_json: in the text their zone lines. Takes over `rows`. */
void dkim_print_records(const struct ctl *ctl, struct json *rows) __attribute__((nonnull));

#endif
