/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sees every file that could not be made or written. libclamav hides such failures and goes on to say
 * clean, so this program defines the C library's functions that it writes with, and remembers.
 */
#ifndef EASYMAIL_SCANNER_TEMP_WATCH_H
#define EASYMAIL_SCANNER_TEMP_WATCH_H

void temp_watch_begin(void);

/* One more failure, that somebody else saw. */
void temp_watch_note(int error);

/* errno of the first failure since temp_watch_begin, 0 for none. */
int temp_watch_error(void);

#endif
