/* SPDX-License-Identifier: BSD-2-Clause */
/* The character sets that libclamav converts documents from. */
#ifndef EASYMAIL_SCANNER_CHARSETS_H
#define EASYMAIL_SCANNER_CHARSETS_H

/* Loads the C library's conversions into this process for good: a worker could not open their files. */
void charsets_load(void);

#endif
