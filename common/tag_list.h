/* SPDX-License-Identifier: BSD-2-Clause */
/* The `name=value; name=value` lists of DKIM and DMARC records (RFC 6376 section 3.2). */
#ifndef EASYMAIL_TAG_LIST_H
#define EASYMAIL_TAG_LIST_H

#include "common/error.h"
#include <stddef.h>

/*
 * The value of a tag, without blanks around it. FOUND_NONE: it is not there, value_r is "". FOUND_ERROR: the
 * list is malformed, has a tag twice (the whole list is invalid then), or the value does not fit.
 */
enum found tag_list_get(const char *list, const char *name, char *value_r, size_t size,
			struct error *err) __attribute__((nonnull));

/* Takes all blanks and line ends out of a text. */
void tag_list_squeeze(char *text) __attribute__((nonnull));

#endif
