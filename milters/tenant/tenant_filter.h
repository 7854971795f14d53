/* SPDX-License-Identifier: BSD-2-Clause */
/* Only a tenant's own servers send, and only as that tenant. */
#ifndef EASYMAIL_TENANT_FILTER_H
#define EASYMAIL_TENANT_FILTER_H

#include "milters/chain/filter.h"

extern const struct filter tenant_filter;

#endif
