/* SPDX-License-Identifier: BSD-2-Clause */
/* What the commands about suppressed addresses and bounces share: the database, and whose rows they are. */
#ifndef EASYMAIL_CTL_SUPPRESSION_H
#define EASYMAIL_CTL_SUPPRESSION_H

#include "common/json.h"
#include "common/suppression.h"
#include "ctl/command.h"

/* The id of the tenant of that name; 0 with a NULL name. */
bool suppression_tenant(struct ctl *ctl, const char *name, int64_t *id_r, struct error *err)
    __attribute__((nonnull(1, 3, 4), warn_unused_result));

/* All tenants' names by their ids; the caller drops it. NULL on error. */
struct json *suppression_tenants(struct ctl *ctl, struct error *err) __attribute__((nonnull));
/* `names` as of suppression_tenants; a tenant that is gone is "#ID". */
void suppression_put_tenant(struct json *object, const struct json *names, int64_t id)
    __attribute__((nonnull));

void suppression_put_time(struct json *object, const char *key, int64_t seconds)
    __attribute__((nonnull));
/* "" for 0. */
void suppression_format_time(int64_t seconds, char text_r[32]) __attribute__((nonnull));

/* What a command does with the database, in one transaction; `context` is what it has at hand there. */
typedef bool suppression_body(void *context, struct suppressions *suppressions, struct error *err);
bool suppression_read(struct ctl *ctl, suppression_body *body, void *context, struct error *err)
    __attribute__((nonnull, warn_unused_result));
bool suppression_change(struct ctl *ctl, suppression_body *body, void *context, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Its list and bounces; a host that has none has nothing to forget. */
bool suppression_forget_tenant(struct ctl *ctl, int64_t tenant_id, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
