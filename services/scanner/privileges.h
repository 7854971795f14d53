/* SPDX-License-Identifier: BSD-2-Clause */
/* The user that the scanner runs as. */
#ifndef EASYMAIL_SCANNER_PRIVILEGES_H
#define EASYMAIL_SCANNER_PRIVILEGES_H

#include "common/error.h"

/* From root to `user` and its group alone, for good. Started by anybody else it changes nothing. */
bool privileges_drop(const char *user, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
