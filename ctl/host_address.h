/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether this host has an address. */
#ifndef EASYMAIL_CTL_HOST_ADDRESS_H
#define EASYMAIL_CTL_HOST_ADDRESS_H

#include "common/ip.h"

/* By binding a socket to it, as Postfix will. FOUND_ERROR: it could not be tried. */
enum found host_has_address(const struct ip *ip, struct error *err) __attribute__((nonnull));

#endif
