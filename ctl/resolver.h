/* SPDX-License-Identifier: BSD-2-Clause */
/* The DNS servers that a command asks. */
#ifndef EASYMAIL_CTL_RESOLVER_H
#define EASYMAIL_CTL_RESOLVER_H

#include "common/dns.h"
#include "ctl/command.h"

/* Those of `--dns SERVER[@PORT]`, else of the option dns.servers. The caller frees with dns_free. */
bool resolver_new(const struct ctl *ctl, struct dns **dns_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
