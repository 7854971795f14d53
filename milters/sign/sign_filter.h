/* SPDX-License-Identifier: BSD-2-Clause */
/* Mail leaves without traces of the tenant's network, and signed for the tenant's domain. */
#ifndef EASYMAIL_SIGN_FILTER_H
#define EASYMAIL_SIGN_FILTER_H

#include "milters/chain/filter.h"

extern const struct filter sign_filter;

#endif
