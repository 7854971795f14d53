/* SPDX-License-Identifier: BSD-2-Clause */
/* The scanner's own account of itself, for people. */
#ifndef EASYMAIL_CTL_SCANNER_STATE_H
#define EASYMAIL_CTL_SCANNER_STATE_H

#include "common/json.h"
#include "ctl/command.h"

#define SCANNER_TEXT_SIZE 256

/* The answer of the scanner's map `status`; the caller drops it. False: none. */
bool scanner_state_ask(const struct ctl *ctl, struct json **state_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* It serves, and its last load of signatures was good. */
bool scanner_state_is_serving(const struct json *state) __attribute__((nonnull));

/* The features of the workers' jail that hold, or those that the kernel does not grant: "seccomp, limits",
 * or "nothing". */
void scanner_state_jail(const struct json *state, bool holding, char text_r[SCANNER_TEXT_SIZE])
    __attribute__((nonnull));

/* "clean 12, infected 3, …" */
void scanner_state_verdicts(const struct json *state, char text_r[SCANNER_TEXT_SIZE])
    __attribute__((nonnull));

/* When the newest file of signatures was written, seconds since the epoch. False: there is none to see. */
bool scanner_signatures_time(const struct ctl *ctl, int64_t *time_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
