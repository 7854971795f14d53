/* SPDX-License-Identifier: BSD-2-Clause */
/* Which transport will carry the message, so that it leaves from its tenant's own addresses. */
#ifndef EASYMAIL_EGRESS_FILTER_H
#define EASYMAIL_EGRESS_FILTER_H

#include "milters/chain/filter.h"

extern const struct filter egress_filter;

#endif
