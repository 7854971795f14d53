/* SPDX-License-Identifier: BSD-2-Clause */
/* No infected mail leaves. */
#ifndef EASYMAIL_AV_FILTER_H
#define EASYMAIL_AV_FILTER_H

#include "milters/chain/filter.h"

extern const struct filter av_filter;

#endif
