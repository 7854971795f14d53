/* SPDX-License-Identifier: BSD-2-Clause */
/* The addresses that this host's interfaces have, as of about now. */
#ifndef EASYMAIL_MONITOR_INTERFACES_H
#define EASYMAIL_MONITOR_INTERFACES_H

#include "common/ip.h"

struct interfaces;
struct interfaces *interfaces_new(void);
void interfaces_free(struct interfaces *interfaces); /* takes NULL */

/* As of at most a second ago, whatever the number of questions. FOUND_ERROR: they cannot be listed. All of 127/8 is
 * there where one address of it is. */
enum found interfaces_have(struct interfaces *interfaces, const struct ip *ip)
    __attribute__((nonnull));

#endif
