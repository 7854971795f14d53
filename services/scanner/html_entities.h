/* SPDX-License-Identifier: BSD-2-Clause */
/* Character references of HTML. */
#ifndef EASYMAIL_SCANNER_HTML_ENTITIES_H
#define EASYMAIL_SCANNER_HTML_ENTITIES_H

#include <stddef.h>

/* The reference that `text`, an ampersand, begins: *character_r, and how many octets it takes; 0: it is none. As
 * browsers do, the semicolon may be missing. */
size_t html_entity(const char *text, size_t length, unsigned long *character_r)
    __attribute__((nonnull));

#endif
