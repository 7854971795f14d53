/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs another program without a shell. */
#ifndef EASYMAIL_CTL_RUN_H
#define EASYMAIL_CTL_RUN_H

#include "common/error.h"

/* What a program wrote. The caller frees with run_free. */
struct run {
	int status; /* exit status; 128 and the number for a signal */
	char *out;
	char *err;
};

/* Looks `argv[0]` up in PATH, gives it no input and waits. False: it could not be started. */
bool run_program(const char *const *argv, struct run *run_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* The same, with an exit status other than 0 being an error that quotes what it said; run_r may be NULL. */
bool run_checked(const char *const *argv, struct run *run_r, struct error *err)
    __attribute__((nonnull(1, 3), warn_unused_result));

/* Like run_checked, with `input` on its standard input and its output dropped. */
bool run_with_input(const char *const *argv, const char *input, struct error *err)
    __attribute__((nonnull, warn_unused_result));

void run_free(struct run *run) __attribute__((nonnull));

#endif
