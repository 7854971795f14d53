/* SPDX-License-Identifier: BSD-2-Clause */
/* The user that a daemon runs as when root starts it. */
#ifndef EASYMAIL_PRIVILEGES_H
#define EASYMAIL_PRIVILEGES_H

#include "common/error.h"

/* From root to `user` and its group alone, for good. Started by anybody else it changes nothing. `option`
 * is where the user is named, for the error. */
bool privileges_drop(const char *option, const char *user, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
