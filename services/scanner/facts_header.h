/* SPDX-License-Identifier: BSD-2-Clause */
/* The fields of a message's own header, decoded. */
#ifndef EASYMAIL_SCANNER_FACTS_HEADER_H
#define EASYMAIL_SCANNER_FACTS_HEADER_H

#include "common/facts_builder.h"

/* Adds each field of the header that is `length` octets; returns what is wrong, MALFORMED_…. */
uint64_t facts_header_add(struct facts_builder *builder, const char *data, size_t length)
    __attribute__((nonnull));

#endif
