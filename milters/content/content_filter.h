/* SPDX-License-Identifier: BSD-2-Clause */
/* No unwanted content leaves. */
#ifndef EASYMAIL_CONTENT_FILTER_H
#define EASYMAIL_CONTENT_FILTER_H

#include "milters/chain/filter.h"

extern const struct filter content_filter;

#endif
