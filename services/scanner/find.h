/* SPDX-License-Identifier: BSD-2-Clause */
/* memmem(3) for needles with an octet that is rare where they are looked for: several times as fast there. */
#ifndef EASYMAIL_SCANNER_FIND_H
#define EASYMAIL_SCANNER_FIND_H

#include <stddef.h>

/*
 * The first place of `needle`, whose octet at `rare` is looked for with memchr(3). Where that is not rare
 * after all it goes on as memmem does, in linear time. NULL: it is not there.
 */
const char *find_rare(const char *data, size_t size, const char *needle, size_t length, size_t rare)
    __attribute__((nonnull));

#endif
