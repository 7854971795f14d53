/* SPDX-License-Identifier: BSD-2-Clause */
/* easymail-milter from its command line to its end: options, sockets, threads, signals. */
#ifndef EASYMAIL_PROGRAM_H
#define EASYMAIL_PROGRAM_H

#include "milters/chain/filter.h"
#include <stddef.h>

/* Runs the chain of `filters`, in their order, and returns the exit status. */
int program_main(int argc, char **argv, const struct filter *const *filters, size_t count)
    __attribute__((nonnull));

#endif
