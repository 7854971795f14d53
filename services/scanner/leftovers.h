/* SPDX-License-Identifier: BSD-2-Clause */
/* What workers without a tmpfs of their own left behind when they were killed. */
#ifndef EASYMAIL_SCANNER_LEFTOVERS_H
#define EASYMAIL_SCANNER_LEFTOVERS_H

/* Removes the directories `worker-PID` below `directory` whose process is gone. */
void leftovers_remove(const char *directory) __attribute__((nonnull));

#endif
