/* SPDX-License-Identifier: BSD-2-Clause */
/* The message that every worker must find infected. */
#ifndef EASYMAIL_SCANNER_CANARY_H
#define EASYMAIL_SCANNER_CANARY_H

#include "common/spool.h"

/* Sealed; the caller frees. */
bool canary_new(struct spool **spool_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
